//! What is found and what is left alone. All values are made up here; tokens are put together at run time, so that no
//! file holds one.

use nightbell_privacy::detect::Known;
use nightbell_privacy::{Detector, Kind, Settings};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Building one takes a while without optimisation.
static PLAIN: LazyLock<Detector> = LazyLock::new(Detector::default);

fn found(text: &str) -> Vec<(String, &'static str)> {
    PLAIN.find(text).iter().map(|s| (text[s.start..s.end].to_owned(), s.kind.label())).collect()
}

fn only(text: &str, value: &str, kind: &str) {
    assert!(
        found(text).iter().any(|(v, k)| v == value && *k == kind),
        "{text}: wanted {value} {kind}, got {:?}",
        found(text)
    );
}

fn nothing(text: &str) {
    assert!(found(text).is_empty(), "{text}: {:?}", found(text));
}

/// `n` letters and digits that look random.
fn noise(n: usize) -> String {
    let all = b"aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW0xYz";
    (0..n).map(|i| char::from(all[(i * 7 + i * i) % all.len()])).collect()
}

#[test]
fn cards_need_their_check_digit_and_a_free_place() {
    only("card 4111 1111 1111 1111 please", "4111 1111 1111 1111", "CREDIT_CARD");
    only("Karte 5555-5555-5555-4444.", "5555-5555-5555-4444", "CREDIT_CARD");
    only("paid with 378282246310005", "378282246310005", "CREDIT_CARD");
    for text in [
        "parcel 4111 1111 1111 1112 arrives",
        "hash 00004111111111111111",
        "id 4111111111111111-7f3a",
        "0a1b4111111111111111c2d3",
        "zeros 0000 0000 0000 0000",
    ] {
        assert!(found(text).iter().all(|(_, k)| *k != "CREDIT_CARD"), "{text}: {:?}", found(text));
    }
}

#[test]
fn bank_accounts_in_their_forms() {
    only("to DE89 3704 0044 0532 0130 00 today", "DE89 3704 0044 0532 0130 00", "IBAN");
    only("GB82WEST12345698765432,", "GB82WEST12345698765432", "IBAN");
    only("iban=nl91abna0417164300", "nl91abna0417164300", "IBAN");
    nothing("DE88370400440532013000 is wrong");
}

#[test]
fn telephone_numbers_and_their_look_alikes() {
    for (text, n) in [
        ("reach me: +44 7911 123456", "+44 7911 123456"),
        ("+1 (212) 555-0100 x12 is it", "+1 (212) 555-0100 x12"),
        ("Tel. 030 / 1234567", "030 / 1234567"),
        ("mobile: 0151 23456789", "0151 23456789"),
        ("(212) 555-0100", "(212) 555-0100"),
        ("call 555 0100", "555 0100"),
        ("0033 6 12 34 56 78", "0033 6 12 34 56 78"),
    ] {
        only(text, n, "PHONE");
    }
    for text in [
        "on 2026-11-22 10:15:00",
        "22.11.2026 um 10:15",
        "10.0.19041.1234",
        "order 0123456789012",
        "1,234,567,890 events",
        "lines 100 200 3000",
    ] {
        nothing(text);
    }
}

#[test]
fn addresses_of_machines() {
    only("from 192.0.2.7:443", "192.0.2.7", "IP");
    only("from [2001:db8::7]", "2001:db8::7", "IP");
    only("::ffff:192.0.2.1 said", "::ffff:192.0.2.1", "IP");
    for text in
        ["version 1.2.3.4", "Chrome/1.2.3.4", "at 20:51:23", "std::fmt", "1.2.3.4.5", "00:1a:2b:3c:4d:5e", "300.1.2.3"]
    {
        nothing(text);
    }
}

#[test]
fn mail_addresses_also_spelled() {
    for (text, m) in [
        ("<ann.lee+x@mail.example.com>", "ann.lee+x@mail.example.com"),
        ("ann[at]example[.]com", "ann[at]example[.]com"),
        ("write to ann at example dot com now", "ann at example dot com"),
        ("jörg@müller.example.", "jörg@müller.example"),
    ] {
        only(text, m, "EMAIL");
    }
    for text in ["git@github.com:team/repo", "npm i @scope/pkg", "root@host", "meet at noon dot", "a @ b.com"] {
        assert!(found(text).iter().all(|(_, k)| *k != "EMAIL"), "{text}: {:?}", found(text));
    }
}

#[test]
fn numbers_of_states() {
    only("SSN 219-09-9999", "219-09-9999", "US_SSN");
    only("his Steuer-ID: 86 095 742 719", "86 095 742 719", "NATIONAL_ID");
    only("AHV 756.9217.0769.85", "756.9217.0769.85", "NATIONAL_ID");
    nothing("000-12-3456");
    nothing("666-12-3456");
    nothing("86095742719");
}

#[test]
fn tokens_by_their_form() {
    let upper = noise(60).to_uppercase();
    for (token, kind) in [
        (format!("{}{}", "AKIA", &upper[..16]), "AWS_ACCESS_KEY"),
        (format!("{}-{}", "xoxb", noise(40)), "SLACK_TOKEN"),
        (format!("{}_{}", "ghp", noise(36)), "GITHUB_TOKEN"),
        (format!("{}{}", "AIza", noise(35)), "GOOGLE_API_KEY"),
        (format!("{}_live_{}", "sk", noise(24)), "STRIPE_KEY"),
        (format!("{}-proj-{}", "sk", noise(48)), "OPENAI_KEY"),
        (format!("{}-{}", "glpat", noise(20)), "TOKEN"),
        (
            format!("https://hooks.{}/services/{}/{}/{}", "slack.com", &upper[..9], &upper[..9], noise(24)),
            "SLACK_WEBHOOK",
        ),
    ] {
        only(&format!("key {token}, please"), &token, kind);
        assert!(
            found(&format!("x{token}")).iter().all(|(v, _)| *v != token) || kind == "SLACK_WEBHOOK",
            "inside of a word: {token}"
        );
    }
    nothing(&format!("{}-your-token-here", "xoxb"));
    nothing("commit 55f6c6e9fef5f6cd218b8058c683b14b4730ace2");
    nothing("run 179837de-27b9-4a61-a5c1-a5ec6cc16db7");
}

#[test]
fn signed_web_tokens_and_bot_tokens() {
    use base64::Engine as _;
    let url = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let jwt = format!("{}.{}.{}", url.encode(r#"{"alg":"HS256"}"#), url.encode(r#"{"sub":"1"}"#), noise(43));
    only(&format!("Bearer {jwt}"), &jwt, "JWT");
    let none = format!("{}.{}", url.encode(r#"{"kid":"HS256"}"#), url.encode(r#"{"sub":"1"}"#));
    assert!(found(&none).iter().all(|(_, k)| *k != "JWT"), "a header without alg");
    let bot = format!("{}.{}.{}", url.encode("123456789012345678"), noise(6), noise(38));
    only(&format!("bot {bot} leaked"), &bot, "DISCORD_TOKEN");
}

#[test]
fn keys_in_armour_also_cut_off() {
    let body = format!("{}\n{}", noise(64), noise(64));
    let whole = format!("-----BEGIN {0} KEY-----\n{body}\n-----END {0} KEY-----", "EC PRIVATE");
    only(&format!("see\n{whole}\nbye"), &whole, "PRIVATE_KEY");
    let cut = format!("-----BEGIN {} KEY-----\n{body}", "PRIVATE");
    only(&format!("{cut}\n"), &cut, "PRIVATE_KEY");
    let line = format!("-----BEGIN {0} KEY-----\\n{1}\\n-----END {0} KEY-----", "PRIVATE", noise(64));
    only(&format!("\"{line}\""), &line, "PRIVATE_KEY");
    nothing("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----");
}

#[test]
fn passwords_in_prose() {
    for (text, p) in [
        ("the password is Tulip!88x", "Tulip!88x"),
        ("my pwd: hunter42", "hunter42"),
        ("DB_PASSWORD=s3cr3tvalue", "s3cr3tvalue"),
        ("{\"password\": \"pa55 w0rd\"}", "pa55 w0rd"),
        ("postgres://app:Kq7-zz_1@db:5432/x", "Kq7-zz_1"),
        ("das Passwort lautet Sonne#2031.", "Sonne#2031"),
        ("le mot de passe est Fleur2031!", "Fleur2031!"),
        ("la contraseña es Casa-2031$", "Casa-2031$"),
        ("I logged in with Violet$Moon7 as password", "Violet$Moon7"),
        ("creds: admin/Bridge!204", "Bridge!204"),
        ("the PIN is 4821", "4821"),
        ("curl -u bot:Zx9!kkq https://a.example", "Zx9!kkq"),
        ("パスワードは Kumo#2031 です", "Kumo#2031"),
    ] {
        only(text, p, "PASSWORD");
    }
    for text in [
        "my password is expired",
        "The password must have 14 characters.",
        "password reset for INC-20231",
        "how long is the password for CVE-2031-1234",
        "password: ********",
        "password = ${DB_PASSWORD}",
        "the password policy (v2.1) is in [the handbook](./passwords.md)",
        "login at https://login.example/path?a=1",
        "We store passwords with argon2id or bcrypt.",
    ] {
        nothing(text);
    }
}

#[test]
fn people_by_pattern() {
    for (text, p) in [
        ("a call from Olivia Brandt-Meyer from IT", "Olivia Brandt-Meyer"),
        ("From: Ludwig van Beethoven <x>", "Ludwig van Beethoven"),
        ("Dear Mr. Quillfeather,", "Quillfeather"),
        ("Priya's laptop", "Priya"),
        ("ask Tormod Eriksson", "Tormod Eriksson"),
    ] {
        only(text, p, "PERSON");
    }
    for text in [
        "Dear Customer,",
        "Hi Team",
        "I will mark it in May",
        "Windows Defender alerted",
        "Please read the Data Retention Policy",
        "Grace period ends",
    ] {
        nothing(text);
    }
}

#[test]
fn the_directory_is_exact() {
    let settings = Settings {
        people: vec![Known {
            names: vec!["a".into(), "Bo".into(), "Zadie Quoll".into()],
            emails: vec!["zq@example.com".into()],
            accounts: vec!["zquoll".into()],
        }],
        hosts: vec!["a".into(), "vault7".into(), ".corp.example".into()],
        patterns: vec!["CUST-[0-9]{4}".into()],
    };
    let d = &Detector::new(&settings).expect("settings");
    let find = |text: &str| -> Vec<(String, Kind)> {
        d.find(text).iter().map(|s| (text[s.start..s.end].to_owned(), s.kind)).collect()
    };
    assert_eq!(
        find("ZADIE QUOLL and @zquoll on vault7, CUST-1234, db1.corp.example"),
        [
            ("ZADIE QUOLL".into(), Kind::Person),
            ("zquoll".into(), Kind::Person),
            ("vault7".into(), Kind::Host),
            ("CUST-1234".into(), Kind::Custom),
            ("db1.corp.example".into(), Kind::Host),
        ]
    );
    // A host or person named "a" hides no letter of other words, and not even the word.
    assert_eq!(find("a banana at Bonn, bo and vault77"), []);
    assert!(Detector::new(&Settings { patterns: vec!["a*".into()], ..Settings::default() }).is_err());
    assert!(Detector::new(&Settings { patterns: vec!["(".into()], ..Settings::default() }).is_err());
}

#[test]
fn an_empty_directory_still_finds_everything_else() {
    let d = Detector::new(&Settings::default()).expect("settings");
    assert_eq!(d.find("mail ann@example.com").len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]
    #[test]
    fn no_text_breaks_it(text in "(?s)([a-zA-Z0-9@:./+_=\"'<>é中\u{200b} \n-]{0,12}|password is |call |-----BEGIN PRIVATE KEY-----|://u:p@|eyJ|xoxb-|SSN | at | dot |<!--|\u{a0}){0,24}") {
        let spans = PLAIN.find(&text);
        for s in &spans {
            prop_assert!(s.start < s.end && text.is_char_boundary(s.start) && text.is_char_boundary(s.end));
        }
        prop_assert!(spans.windows(2).all(|p| p[0].end <= p[1].start));
    }

    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        PLAIN.find(&String::from_utf8_lossy(&bytes));
    }
}

/// Time grows with the length, not with its square: sixteen times the text would take 256 times as long, and
/// a busy machine does not make a factor of five.
#[test]
fn hostile_texts_are_read_in_linear_time() {
    let d = &*PLAIN;
    for unit in [
        "1 ",
        "1.",
        "a@",
        "password ",
        "password is a",
        "://",
        "A.",
        "Ab ",
        "-----BEGIN PRIVATE KEY-----",
        "xoxb-",
        "eyJ",
        "::",
        "(at)",
        "1-",
        "Aa",
        "%",
    ] {
        let time = |n: usize| {
            let text = unit.repeat(n / unit.len());
            (0..3)
                .map(|_| {
                    let t = std::time::Instant::now();
                    d.find(&text);
                    t.elapsed()
                })
                .min()
                .unwrap_or_default()
        };
        let (small, large) = (time(10_000), time(160_000));
        assert!(large < small * 80 + std::time::Duration::from_millis(300), "{unit:?}: {small:?} and {large:?}");
    }
}
