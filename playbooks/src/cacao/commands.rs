//! Commands of action steps as calls of ours.

use super::doc::{Step, TOP, short};
use super::emit::Emit;
use super::sign::base64;
use super::text;
use super::write::Out;
use serde_json::{Map, Value, json};

/// A call that a command becomes.
pub(super) struct Call {
    pub action: &'static str,
    pub with: Vec<(String, Out)>,
    /// The output that stands for what the command gave.
    pub output: Option<&'static str>,
    /// What it does, for the person who approves.
    pub summary: String,
}

/// A call in our language or a job for a person.
pub(super) enum Work {
    Call(Call),
    /// The words of the instruction.
    Person(String),
}

type Command = Map<String, Value>;
type Party<'p> = Option<&'p Map<String, Value>>;

fn string<'c>(map: &'c Command, key: &str) -> Option<&'c str> {
    map.get(key).and_then(Value::as_str)
}

/// The text under a key or its base64 form; None when there is neither or it is not text.
fn body(command: &Command, key: &str) -> Option<String> {
    let plain = string(command, key).filter(|t| !t.is_empty()).map(str::to_owned);
    plain.or_else(|| String::from_utf8(base64(string(command, &format!("{key}_b64"))?)?).ok())
}

impl Emit<'_, '_> {
    /// What a command becomes for one target.
    pub(super) fn work(&mut self, n: usize, command: &Command, target: Party<'_>) -> Work {
        let Some(step) = self.doc.steps.get(n).copied() else { return Work::Person(String::new()) };
        let kind = string(command, "type").unwrap_or_default();
        let call = match kind {
            "manual" => return Work::Person(body(command, "command").unwrap_or_default()),
            "http-api" => self.http(n, command, target),
            "openc2-http" => self.openc2(n, command, target),
            "ssh" | "bash" | "powershell" => self.shell(n, kind, command, target),
            _ => None,
        };
        let Some(mut call) = call else { return self.unsupported(n, &step, command, target) };
        let name = text::cut(step.title(), 80);
        let summary = format!("{}: {name}. From an imported playbook.", call.summary);
        call.summary = text::template(&summary, n, &mut self.vars);
        if matches!(kind, "ssh" | "bash" | "powershell") {
            let message = format!("`{}` runs a {kind} command", step.id);
            let help = "the connector for it is off until you switch it on in the configuration; each run is approved";
            self.sink.warn("NB3121", TOP, message, help);
        }
        if call.action != "shell.exec"
            && let Some(secret) = self.secret(&step, command, target)
        {
            call.with.push(("secret".to_owned(), secret.into()));
        }
        if let Some(party) = self.party(n, target) {
            call.with.push(("target".to_owned(), party));
        }
        Work::Call(call)
    }

    fn http(&mut self, n: usize, command: &Command, target: Party<'_>) -> Option<Call> {
        let (method, path) = start_line(string(command, "command")?)?;
        let url = url(target, path);
        self.without_keyword(n, &url);
        let mut with = vec![
            ("method".to_owned(), method.into()),
            ("url".to_owned(), text::template(&url, n, &mut self.vars).into()),
        ];
        with.extend(self.headers(n, command));
        if let Some(content) = body(command, "content") {
            with.push(("body".to_owned(), text::template(&content, n, &mut self.vars).into()));
        } else if let Some(b64) = string(command, "content_b64") {
            with.push(("body".to_owned(), Out::from(&json!({ "base64": b64 }))));
        }
        let summary = format!("Send an HTTP request ({method})");
        Some(Call { action: "http.request", with, output: Some("body"), summary })
    }

    /// `__name__` without `:value` in a link: the standard wants the keyword, so it is sent as it stands.
    fn without_keyword(&mut self, n: usize, url: &str) {
        let plain = url.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-' && c != ':');
        for word in plain.filter(|w| super::shape::is_variable(w)) {
            let id = self.doc.steps.get(n).map_or("", |s| s.id);
            let message = format!("`{word}` in a link of `{id}` lacks `:value`, so it is no variable");
            self.sink.warn("NB3133", TOP, message, "write `__name__:value` in the document and define the variable");
        }
    }

    fn openc2(&mut self, n: usize, command: &Command, target: Party<'_>) -> Option<Call> {
        let (_, path) = start_line(string(command, "command")?)?;
        let content = body(command, "content")?;
        let content: Value = serde_json::from_str(&content).unwrap_or(Value::String(content));
        let content = Out::from(&text::value(&content, n, &mut self.vars));
        let url = text::template(&url(target, path), n, &mut self.vars);
        let mut with = vec![("command".to_owned(), content), ("url".to_owned(), url.into())];
        with.extend(self.headers(n, command));
        Some(Call { action: "openc2.send", with, output: Some("body"), summary: "Send an OpenC2 command".to_owned() })
    }

    fn shell(&mut self, n: usize, kind: &str, command: &Command, target: Party<'_>) -> Option<Call> {
        let line = body(command, "command")?;
        let mut with = vec![("command".to_owned(), text::template(&line, n, &mut self.vars).into())];
        let host = host(target);
        let (action, summary) = match kind {
            "ssh" => ("ssh.exec", "Run a command over SSH"),
            "bash" => ("shell.exec", "Run a shell command"),
            _ => ("winrm.exec", "Run a PowerShell command"),
        };
        let on = host.as_ref().map(|h| format!(" on {}", short(h))).unwrap_or_default();
        if kind == "ssh" {
            let host = host.clone().unwrap_or_else(|| "unknown".to_owned());
            with.push(("host".to_owned(), text::template(&host, n, &mut self.vars).into()));
            if let Some(port) = target.and_then(|t| string(t, "port")) {
                with.push(("port".to_owned(), text::template(port, n, &mut self.vars).into()));
            }
        } else if kind == "powershell"
            && let Some(host) = &host
        {
            with.push(("host".to_owned(), text::template(host, n, &mut self.vars).into()));
        }
        Some(Call { action, with, output: Some("output"), summary: format!("{summary}{on}") })
    }

    /// A command that cannot be carried out here fails when it is reached; it is never skipped.
    fn unsupported(&mut self, n: usize, step: &Step<'_>, command: &Command, target: Party<'_>) -> Work {
        let kind = string(command, "type").unwrap_or("unnamed");
        let message = format!("`{}` has a command of the type `{}`, which cannot be carried out", step.id, short(kind));
        let help = "the run fails when it gets there; replace the step by an action you have, or by an `ask`";
        self.sink.warn("NB3120", TOP, message, help);
        let mut with = vec![("type".to_owned(), text::literal(kind).into())];
        // Long ones are notebooks and the like: they stay under `x.cacao`.
        if let Some(line) = body(command, "command").filter(|l| l.len() <= 2000) {
            with.push(("command".to_owned(), text::template(&line, n, &mut self.vars).into()));
        }
        if let Some(party) = self.party(n, target) {
            with.push(("target".to_owned(), party));
        }
        Work::Call(Call { action: "cacao.unsupported", with, output: None, summary: String::new() })
    }

    fn headers(&mut self, n: usize, command: &Command) -> Option<(String, Out)> {
        let headers = command.get("headers").and_then(Value::as_object).filter(|h| !h.is_empty())?;
        let mut out = Vec::new();
        for (name, values) in headers {
            let joined = match values {
                Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
                other => other.as_str().unwrap_or_default().to_owned(),
            };
            // The connector sets these from the secret.
            if super::secrets::marked(&joined).is_none() {
                out.push((name.clone(), text::template(&joined, n, &mut self.vars).into()));
            }
        }
        (!out.is_empty()).then(|| ("headers".to_owned(), Out::Map(out)))
    }

    /// The secret that the connector uses: the one of the target, of the agent, or of the command.
    fn secret(&self, step: &Step<'_>, command: &Command, target: Party<'_>) -> Option<String> {
        let agent = step.text("agent").and_then(|a| self.doc.party(a));
        let auth = [target, agent].into_iter().flatten().filter_map(|p| string(p, "authentication_info"));
        let of_auth = auth.filter_map(|id| self.secrets.of_auth.get(id)).next();
        of_auth.cloned().or_else(|| {
            let inside = serde_json::to_string(command).ok()?;
            super::secrets::marked(&inside).map(str::to_owned)
        })
    }

    /// A target or agent as the connector sees it, without what is only for people or for sign-in.
    fn party(&mut self, n: usize, party: Party<'_>) -> Option<Out> {
        let kept = party?.iter().filter(|(k, _)| {
            !matches!(k.as_str(), "authentication_info" | "description" | "agent_target_extensions" | "location")
        });
        let map: Map<String, Value> = kept.map(|(k, v)| (k.clone(), text::value(v, n, &mut self.vars))).collect();
        Some(Out::from(&Value::Object(map)))
    }
}

/// Method and target of an HTTP start line; `GET` when only a target stands there.
fn start_line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (method, rest) = match line.split_once(char::is_whitespace) {
        Some((m, rest)) if !m.is_empty() && m.chars().all(|c| c.is_ascii_uppercase()) => (m, rest.trim()),
        _ => ("GET", line),
    };
    let target = match rest.rsplit_once(char::is_whitespace) {
        Some((target, version)) if version.starts_with("HTTP") => target.trim(),
        _ => rest,
    };
    (!target.is_empty()).then_some((method, target))
}

/// The first address of a party, as a name or number.
fn address<'p>(party: Party<'p>, kind: &str) -> Option<&'p str> {
    let list = party?.get("address")?.get(kind)?;
    list.as_array().and_then(|a| a.first()).or(Some(list)).and_then(Value::as_str).filter(|a| !a.is_empty())
}

/// A whole link: the request's own, or the party's address before it.
fn url(party: Party<'_>, path: &str) -> String {
    if path.contains("://") {
        return path.to_owned();
    }
    let port = party.and_then(|p| string(p, "port"));
    let named = address(party, "dname").or_else(|| address(party, "ipv4")).map(str::to_owned);
    let named = named.or_else(|| address(party, "ipv6").map(|a| format!("[{a}]")));
    let base = match (address(party, "url"), named) {
        (Some(url), _) => url.to_owned(),
        (None, Some(name)) if name.contains("://") => name,
        (None, Some(name)) => {
            let scheme = if port == Some("80") { "http" } else { "https" };
            let port = port.filter(|p| !matches!(*p, "80" | "443")).map(|p| format!(":{p}")).unwrap_or_default();
            format!("{scheme}://{name}{port}")
        }
        (None, None) => return path.to_owned(),
    };
    format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
}

/// Where a command runs: an address, else the name of the party.
fn host(party: Party<'_>) -> Option<String> {
    let found = ["dname", "ipv4", "ipv6", "url"].iter().find_map(|k| address(party, k));
    found.or_else(|| party.and_then(|p| string(p, "name"))).map(str::to_owned)
}
