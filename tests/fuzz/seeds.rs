//! What mutation starts from: the shipped files, our own fixtures, and texts written to hurt.

use std::fs;
use std::path::Path;

/// Seeds of every target.
pub struct Seeds {
    pub yaml: Vec<String>,
    pub tests: Vec<String>,
    pub expressions: Vec<String>,
    pub cacao: Vec<String>,
}

/// Expressions that are small and ask for much.
const BOMBS: &[&str] = &[
    "'x' * 99999999",
    "'x' * 999999 | upper | lower | title",
    "[1] * 99999999",
    "range(99999) | list | length",
    "range(99999) | map('string') | select('matches', '(a|b|c)*d') | list",
    "range(60000) | join(vars.text)",
    "[1] | slice(9999999999) | list",
    "[1] | batch(9999999999, 0) | list",
    "range(9223372036854775807, -9223372036854775807, -1)",
    "vars.text | replace('a', vars.text) | replace('a', vars.text)",
    "vars.text ~ vars.text ~ vars.text ~ vars.text",
    "((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))",
    "not not not not not not not not not not not not not not true",
    "1 if true else 1 if true else 1 if true else 1 if true else 1",
    "vars.list | sort | unique | groupby('a') | list",
    "vars.list | zip(vars.list, vars.list) | chain(vars.list) | list",
    "9223372036854775807 + 1",
    "-9223372036854775808 // -1",
    "2 ** 99999",
    "1 / 0",
    "1e308 * 10",
    "5 % 0",
    "vars.text[99999999999999999999:]",
    "vars.list[-9223372036854775808::-1]",
    "vars.text | matches('((((((((((a*)*)*)*)*)*)*)*)*)*b')",
    "vars.text | matches('(?:a{1000}){1000}')",
    "'1h' * 1000 | duration",
    "'::ffff:1.2.3.4' | in_cidr('0.0.0.0/0')",
    "now() | localtime('Europe/Berlin')",
    "inputs.number | round(99999)",
    "vars.map | dictsort | items | list",
    "'{{' ~ '}}'",
    "\"\\u0000\\ud83d\"",
];

/// YAML that grows, nests or never ends.
fn yaml_bombs() -> Vec<String> {
    let mut laughs = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (n, c) in ('b'..='i').enumerate() {
        let before = char::from(b'a' + n as u8);
        laughs.push_str(&format!("{c}: &{c} [{}]\n", vec![format!("*{before}"); 9].join(", ")));
    }
    let head = "nightbell: 1\nid: t\nversion: 1.0.0\nname: T\n";
    let endless = "steps:\n  - id: r\n    repeat: { while: \"true\", max: 1000, steps: [{ id: e, for_each: \"{{ range(10000) }}\", max_parallel: 64, steps: [{ id: s, set: { x: \"{{ vars.x ~ vars.x }}\" }, on_error: continue }] }] }\n";
    let wide = format!(
        "vars: {{ a: \"{}\" }}\nsteps: [{{ id: s, set: {{ x: [{}] }} }}]\n",
        "x".repeat(60_000),
        vec!["\"{{ vars.a }}\""; 5000].join(", ")
    );
    let itself = "steps: [{ id: c, playbook: t }, { id: d, playbook: t, retry: { attempts: 20, delay: 0s } }]\n";
    vec![
        laughs,
        format!("{head}{endless}"),
        format!("{head}{wide}"),
        format!("{head}{itself}"),
        format!("{}{}", "[".repeat(500), "]".repeat(500)),
        format!("{}1{}", "{a: ".repeat(500), "}".repeat(500)),
        (0..300).fold(String::new(), |all, n| all + &" ".repeat(n) + "a:\n"),
        "a: &a [*a]\n".to_owned(),
        "? [a, b]\n: !!binary x\n<<: { a: 1 }\n--- \n...\n%YAML 9.9\n".to_owned(),
        format!("a: {}\n", "9".repeat(5000)),
        "a: |+99\n  x\nb: >-\n\tx\n".to_owned(),
    ]
}

/// A document of the interchange format, with what is hard in it: a loop of steps, a missing one, a variable.
const CACAO: &str = r#"{"type":"playbook","spec_version":"cacao-2.0","id":"playbook--6f1e7d0a-0000-4000-8000-000000000001","name":"P","created_by":"identity--6f1e7d0a-0000-4000-8000-000000000002","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","playbook_variables":{"__n__":{"type":"integer","value":"3"}},"workflow_start":"start--6f1e7d0a-0000-4000-8000-000000000003","workflow":{"start--6f1e7d0a-0000-4000-8000-000000000003":{"type":"start","on_completion":"if-condition--6f1e7d0a-0000-4000-8000-000000000004"},"if-condition--6f1e7d0a-0000-4000-8000-000000000004":{"type":"if-condition","condition":"__n__:value > 5","on_true":"action--6f1e7d0a-0000-4000-8000-000000000005","on_false":"end--6f1e7d0a-0000-4000-8000-000000000006","on_completion":"start--6f1e7d0a-0000-4000-8000-000000000003"},"action--6f1e7d0a-0000-4000-8000-000000000005":{"type":"action","commands":[{"type":"manual","command":"look"}],"on_completion":"missing"},"end--6f1e7d0a-0000-4000-8000-000000000006":{"type":"end"}}}"#;

impl Seeds {
    /// Everything that the repository holds.
    pub fn load(root: &Path) -> Self {
        let mut seeds =
            Self { yaml: yaml_bombs(), tests: Vec::new(), expressions: Vec::new(), cacao: vec![CACAO.into()] };
        for (name, text) in nightbell_playbooks::library() {
            seeds.take(name, text);
        }
        for (name, text) in nightbell_playbooks::library_tests() {
            seeds.take(name, text);
        }
        for folder in ["playbooks/tests/data", "playbooks/tests/data/conformance", "playbooks/tests/data/cacao"] {
            let mut paths: Vec<_> =
                fs::read_dir(root.join(folder)).into_iter().flatten().filter_map(|e| Some(e.ok()?.path())).collect();
            paths.sort();
            for path in paths {
                if let Ok(text) = fs::read_to_string(&path) {
                    seeds.take(&path.to_string_lossy(), &text);
                }
            }
        }
        let found: Vec<String> = seeds.yaml.iter().flat_map(|t| expressions(t)).collect();
        seeds.expressions.extend(found);
        seeds.expressions.sort();
        seeds.expressions.dedup();
        seeds.expressions.extend(BOMBS.iter().map(|b| (*b).to_owned()));
        seeds
    }

    fn take(&mut self, name: &str, text: &str) {
        let list = match name {
            n if n.ends_with(".test.yaml") => &mut self.tests,
            n if n.ends_with(".yaml") => &mut self.yaml,
            n if n.ends_with(".json") => &mut self.cacao,
            _ => return,
        };
        list.push(text.to_owned());
    }
}

/// What stands between braces, and whole conditions.
fn expressions(text: &str) -> Vec<String> {
    let inside = text.split("{{").skip(1).filter_map(|p| p.split_once("}}")).map(|(e, _)| e.trim().to_owned());
    let conditions = text.lines().filter_map(|l| {
        let l = l.trim_start_matches([' ', '-', '{']);
        let rest = ["if: ", "case: ", "while: ", "match: ", "when: "].iter().find_map(|k| l.strip_prefix(k))?;
        Some(rest.trim_matches(['"', '\'', ' ']).to_owned())
    });
    inside.chain(conditions).filter(|e| e.len() < 300).collect()
}
