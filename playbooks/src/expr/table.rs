//! The rules of section 5 as a table.

use super::{Context, condition, eval, render_str};
use serde_json::{Value, json};
use std::borrow::Cow;

fn context() -> Context<'static> {
    let steps = json!({
        "a": {"status": "skipped", "outputs": {}},
        "b": {"status": "succeeded", "outputs": {"n": 3, "ok": true, "list": [1, 2], "text": "x"}},
    });
    let inputs = json!({"name": "Ada", "ip": "10.1.2.3"});
    Context::empty(jiff::Timestamp::UNIX_EPOCH).with("steps", Cow::Owned(steps)).with("inputs", Cow::Owned(inputs))
}

#[test]
fn conditions() {
    let c = context();
    for (source, expected) in [
        ("steps.b.outputs.n > 2", Ok(true)),
        ("steps.b.outputs.n == '3'", Ok(false)),
        ("5 == 5.0", Ok(true)),
        ("'80' > 79", Err("NB2005")),
        ("5 in 'a5'", Err("NB2005")),
        ("'5' in 'a5'", Ok(true)),
        ("1 in steps.b.outputs.list", Ok(true)),
        ("'1' in steps.b.outputs.list", Ok(false)),
        ("3 not in [1, 2]", Ok(true)),
        ("1 < 2 < 3", Ok(true)),
        ("1 < 2 < 2", Ok(false)),
        ("[] or 'x'", Err("NB2002")),
        ("not steps.b.outputs.text", Err("NB2002")),
        ("steps.b.outputs.text", Err("NB2002")),
        ("true and not false", Ok(true)),
        ("steps.a.outputs.approved | default(false)", Ok(false)),
        ("steps.a.outputs.approved", Err("NB2010")),
        ("steps.a.outputs.answers.mine | default('x') == 'x'", Err("NB2010")),
        ("steps.a.outputs.answers is defined and steps.a.outputs.answers.mine == 'yes'", Ok(false)),
        ("steps.a.outputs.missing == 1", Err("NB2010")),
        ("nothing", Err("NB2010")),
        ("(steps.b.outputs.list | length) == 2", Ok(true)),
        ("'ok' if steps.b.outputs.ok else 'no'", Err("NB2002")),
        ("inputs.ip | in_cidr('10.0.0.0/8')", Ok(true)),
        ("inputs.ip | in_cidr('10.2.0.0/16')", Ok(false)),
        ("inputs.ip | in_cidr('::/0')", Ok(false)),
        ("inputs.ip | in_cidr('10.0.0.0/40')", Err("NB2003")),
        ("inputs.name | matches('^A')", Ok(true)),
        ("inputs.name | matches('(')", Err("NB2003")),
        ("now() == '1970-01-01T00:00:00Z'", Ok(true)),
        ("range(100000) | sum > 5", Err("NB2006")),
        ("range(9223372036854775807, -9223372036854775807, -1) == []", Err("NB2006")),
        ("range(5, 0, -2) | list == [5, 3, 1]", Ok(true)),
        ("range(3, 3) | list == []", Ok(true)),
        ("range(0, 9, 0) == []", Err("NB2003")),
        ("'x' * 3 == 'xxx'", Err("NB2005")),
        ("[1] * 99999999 == []", Err("NB2005")),
        ("2 * 3.5 == 7.0", Ok(true)),
        ("[1] | slice(9999999999) == []", Err("NB2006")),
        ("[1] | batch(9999999999, 0) == []", Err("NB2006")),
        ("[1, 2, 3] | batch(2) | list == [[1, 2], [3]]", Ok(true)),
        ("range(9999) | join('0123456789') == ''", Err("NB2006")),
        ("[1, 'a', true] | join(', ') == '1, a, True'", Ok(true)),
        ("[{'a': 1}, {'a': 2}] | join('-', attribute='a') == '1-2'", Ok(true)),
        ("[1, 2] | join == '12'", Ok(true)),
        ("[2, 1] | sort == [1, 2]", Ok(true)),
        ("(range(9000) | join('0') | sort) == []", Err("NB2006")),
        ("(range(9000) | join('0') | unique) == []", Err("NB2006")),
        ("a b", Err("NB2011")),
        // The library's parser would stop at the sign and give true.
        ("inputs.name == 'Ada' && false", Err("NB2011")),
        ("inputs.name == 'Ada' ? false", Err("NB2011")),
        ("", Err("NB2011")),
        ("1 / 0 == 1", Err("NB2011")),
    ] {
        let got = condition(source, &c).map_err(|e| e.code);
        assert_eq!(got, expected, "{source}");
    }
}

#[test]
fn instants_move() {
    let c = Context::empty("2026-01-30T10:00:00Z".parse().expect("instant"));
    let is = |e: &str, text: &str| {
        assert_eq!(eval(e, &c).map(|v| v.as_str().unwrap_or_default().to_owned()), Ok(text.to_owned()), "{e}")
    };
    is("now() | after('72h')", "2026-02-02T10:00:00Z");
    is("now() | before('1h30m')", "2026-01-30T08:30:00Z");
    is("'2026-02-28' | after('1d')", "2026-03-01T00:00:00Z");
    for wrong in ["'soon' | after('1h')", "now() | after('much')", "'9999-12-30T00:00:00Z' | after('3000000d')"] {
        assert_eq!(eval(wrong, &c).expect_err(wrong).code, "NB2003", "{wrong}");
    }
}

#[test]
fn templates_keep_types_or_become_text() {
    let c = context();
    for (source, expected) in [
        ("plain", Ok(json!("plain"))),
        ("{{ steps.b.outputs.list }}", Ok(json!([1, 2]))),
        ("{{ steps.b.outputs }}", Ok(json!({"n": 3, "ok": true, "list": [1, 2], "text": "x"}))),
        ("{{ steps.b.outputs.n }}", Ok(json!(3))),
        ("n={{ steps.b.outputs.n }}!", Ok(json!("n=3!"))),
        ("{{ 'a' }}{{ true }}", Ok(json!("atrue"))),
        ("n={{ steps.b.outputs.list }}", Err("NB2011")),
        ("x{{ none }}", Err("NB2010")),
        ("{{ '}}' }}", Ok(json!("}}"))),
        ("{{ {'a': {'b': 1}}.a.b }}", Ok(json!(1))),
        ("{{ -2 + 1.5 }}", Ok(json!(-0.5))),
        ("a { b", Ok(json!("a { b"))),
        ("{{ 1", Err("NB2011")),
        ("{% if x %}", Err("NB2011")),
        ("{{ \"it's\\n\" }}", Ok(json!("it's\n"))),
        ("{{ 'http://evil.example/x' | defang }}", Ok(json!("hxxp://evil[.]example/x"))),
        ("{{ 'A <b@Mail.Example.com>' | domain_of }}", Ok(json!("mail.example.com"))),
        ("{{ 'https://u:p@h.example:8080/x?y' | domain_of }}", Ok(json!("h.example"))),
        ("{{ 'likely_safe' | verdict_text }}", Ok(json!("no signs of danger found"))),
        ("{{ '1h30m' | duration }}", Ok(json!("1 hour 30 minutes"))),
        (
            "{{ '2026-01-01T08:59:00Z' | localtime('Europe/Berlin') }}",
            Ok(json!("1 January 2026, 09:59 (Europe/Berlin)")),
        ),
        ("{{ '2026-01-01T08:59:00Z' | localtime('Nowhere') }}", Ok(json!("1 January 2026, 08:59 (UTC)"))),
        ("{{ 'write to a.b@example.com or 0123456' | redact }}", Ok(json!("write to ***@example.com or *******"))),
        ("{{ 'x' | safe }}", Err("NB2011")),
    ] {
        assert_eq!(render_str(source, &c).map_err(|e| e.code), expected, "{source}");
    }
}

#[test]
fn rendered_values_are_never_evaluated_again() {
    let Value::Object(roots) = json!({"inputs": {"text": "{{ 1 + 1 }}"}}) else { return };
    let c = Context::new(&roots, jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(render_str("{{ inputs.text }}", &c), Ok(json!("{{ 1 + 1 }}")));
}

#[test]
fn hostile_expressions_end_quickly() {
    let c = context();
    for source in [
        "(".repeat(3000),
        format!("{}1", "not ".repeat(600)),
        "x".repeat(5000),
        "1+".repeat(1500) + "1",
        "-".repeat(4000) + "1",
        "x".to_owned() + &"|upper".repeat(600),
        "x".to_owned() + &".y".repeat(2000),
        "1 if 1==1 else ".repeat(200) + "1",
        "'a'".to_owned() + &"|replace('a','aaaaaaaaaa')".repeat(30),
    ] {
        assert!(eval(&source, &c).is_err(), "{}", &source[..20]);
    }
    // Just below the limit nothing overflows either, whatever it gives.
    for part in ["-", "not ", "(", "[", "{1:", "1 if 1==1 else ", "1+", "x.", "x|", "1 if ", "x[", "f(", "not not -("] {
        let _ = eval(&(part.repeat(256 / part.len().min(4)) + "1"), &c);
        let _ = eval(&(part.repeat(32) + "1"), &c);
        let _ = eval(&(part.repeat(250) + "1"), &c);
    }
    assert!(eval("[range(9999), range(9999), range(9999), range(9999), range(9999)]", &c).is_err());
}

#[test]
fn a_long_text_named_often_is_too_long_as_a_whole() {
    let inputs = json!({"long": "x".repeat(60_000)});
    let c = Context::empty(jiff::Timestamp::UNIX_EPOCH).with("inputs", Cow::Owned(inputs));
    let many = |n: usize| Value::Array(vec![json!({"k": "{{ inputs.long }}"}); n]);
    assert!(super::render(&many(4), &c).is_ok());
    assert_eq!(super::render(&many(5), &c).expect_err("300,000 bytes").code, "NB2006");
}
