//! The real binary as a child process, driven over its own local chat, through as many deaths as a test wants.

use crate::service::Services;
use base64::Engine as _;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// The binary: `NIGHTBELL_BIN`, else beside this test. `None` when it was not built.
pub fn binary() -> Option<PathBuf> {
    if let Some(p) = std::env::var_os("NIGHTBELL_BIN").map(PathBuf::from) {
        return p.is_file().then_some(p);
    }
    let here = std::env::current_exe().ok()?;
    let folder = here.ancestors().find(|p| p.join("nightbell").is_file())?;
    Some(folder.join("nightbell"))
}

/// A configuration with two outside services on loopback and a ladder that climbs at once.
pub fn config(services: &Services) -> String {
    format!(
        r#"
[server]
listen = "127.0.0.1:0"
[company]
domains = ["company.example.com"]
[[people]]
id = "employee"
name = "Employee in sales"
[[people]]
id = "responder"
name = "Responder on call"
roles = ["responder", "admin"]
[oncall]
levels = [ {{ notify = ["person:responder"], wait = "300ms" }}, {{ notify = ["webhook:pager"], wait = "60m" }} ]
rounds = 1
[mail]
boundary = ["mx.company.example.com"]
[local]
simulate = true
[[pagers]]
name = "pager"
url = "{url}/page"
secret = "a-secret-for-tests-only"
[[actions]]
name = "identity"
url = "{url}/action"
secret = "a-secret-for-tests-only"
offers = ["identity.revoke_sessions", "identity.mfa_push", "identity.suspend", "alert.close"]
[[hooks]]
name = "siem"
secret = "a-secret-for-tests-only"
[log]
level = "warn"
"#,
        url = services.url
    )
}

/// A bot in a folder of its own. Dies with its owner.
pub struct Process {
    bin: PathBuf,
    dir: tempfile::TempDir,
    crash_at: Option<String>,
    child: Option<Child>,
    url: String,
    token: String,
    http: reqwest::Client,
    /// How often it was started.
    pub starts: usize,
}

/// The process is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

impl Process {
    /// Not started yet. With `crash_at` the first life ends at that group write (`before:3`, `after:3`, `torn:3`).
    pub fn new(bin: &Path, config: &str, crash_at: Option<&str>) -> Self {
        let dir = tempfile::tempdir().expect("temporary folder");
        std::fs::write(dir.path().join("nightbell.toml"), config).expect("configuration");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().expect("client");
        let crash_at = crash_at.map(str::to_owned);
        Self {
            bin: bin.to_owned(),
            dir,
            crash_at,
            child: None,
            url: String::new(),
            token: String::new(),
            http,
            starts: 0,
        }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Id of the running process.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Starts it, again and again while a planned death comes before it listens.
    pub fn start(&mut self) {
        for _ in 0..5 {
            if self.start_once().is_ok() {
                return;
            }
        }
        panic!("the bot does not start; its last words:\n{}", self.log());
    }

    fn start_once(&mut self) -> Result<(), Gone> {
        self.starts += 1;
        let log = std::fs::File::options().append(true).create(true).open(self.dir.path().join("log")).expect("log");
        let mut command = Command::new(&self.bin);
        command.arg("run").arg("--config").arg(self.dir.path().join("nightbell.toml")).arg("--data").arg(self.data());
        command.env_remove("NIGHTBELL_CRASH_AT").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        if let Some(at) = self.crash_at.take() {
            command.env("NIGHTBELL_CRASH_AT", at);
        }
        let mut child = command.spawn().expect("start the bot");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let url = lines.by_ref().map_while(Result::ok).find_map(|l| l.strip_prefix("listening on ").map(str::to_owned));
        // What it prints later must not block it.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        self.child = Some(child);
        let Some(url) = url else {
            self.kill();
            return Err(Gone);
        };
        let terminal = std::fs::read_to_string(self.data().join("terminal")).map_err(|_| Gone)?;
        terminal.lines().nth(1).unwrap_or_default().clone_into(&mut self.token);
        self.url = url;
        Ok(())
    }

    /// kill -9, and waits until it is gone.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Whether it is gone by itself.
    pub fn is_gone(&mut self) -> bool {
        self.child.as_mut().is_none_or(|c| !matches!(c.try_wait(), Ok(None)))
    }

    /// What it wrote to stderr, its end.
    pub fn log(&self) -> String {
        let text = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        let from = text.len().saturating_sub(4_000);
        text.get(from..).unwrap_or_default().to_owned()
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Result<(u16, Value), Gone> {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        if let Some(b) = body {
            request = request.header("content-type", "application/json").body(b.to_string());
        }
        let response = request.send().await.map_err(|_| Gone)?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(|_| Gone)?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// Everything a person's direct conversation shows, oldest first.
    pub async fn messages(&self, who: &str) -> Result<Vec<Value>, Gone> {
        let (status, v) =
            self.call(reqwest::Method::GET, &format!("/chat/api/messages?conv=dm:{who}&as={who}"), None).await?;
        if status != 200 {
            return Err(Gone);
        }
        Ok(v["messages"].as_array().cloned().unwrap_or_default())
    }

    /// Sends until it is acknowledged, as a platform would, with the same id each time; starts the bot when it died.
    pub async fn say(&mut self, who: &str, client_id: &str, text: &str, mail: Option<&str>) {
        let files =
            mail.map(|m| json!([{ "name": "a.eml", "base64": base64::engine::general_purpose::STANDARD.encode(m) }]));
        let body = json!({ "conv": format!("dm:{who}"), "as": who, "text": text, "client_id": client_id, "files": files.unwrap_or(json!([])) });
        self.until_kept("/chat/api/message", body).await;
    }

    /// Presses the button with this label as soon as the person sees it. `evidence` is what the person reads once the
    /// press has counted: then nothing is left to do, as after a death between the press and its acknowledgement.
    pub async fn press(&mut self, who: &str, client_id: &str, label: &str, evidence: &str) {
        let what = format!("the button `{label}`");
        let done = |m: &Value| m["text"].as_str().is_some_and(|t| t.contains(evidence)).then_some(None);
        let Some(token) = self.wait_for(who, &what, |m| done(m).or_else(|| button(m, label).map(Some))).await else {
            return;
        };
        let body = json!({ "conv": format!("dm:{who}"), "as": who, "token": token, "client_id": client_id });
        self.until_kept("/chat/api/press", body).await;
    }

    async fn until_kept(&mut self, path: &str, body: Value) {
        let from = Instant::now();
        let mut unclear = false;
        loop {
            match self.call(reqwest::Method::POST, path, Some(body.clone())).await {
                Ok((200, _)) => return,
                // The first try was kept and worked on before the process died: the button is gone by now.
                Ok((400..=499, _)) if unclear => return,
                Ok((status, v)) if (400..=499).contains(&status) && status != 429 => {
                    panic!("{path} {body}: {status} {v}")
                }
                Ok(_) => {}
                Err(Gone) => {
                    unclear = true;
                    self.revive().await;
                }
            }
            assert!(from.elapsed() < PATIENCE, "{path} was never kept:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn revive(&mut self) {
        // A refused connection may be seen before the death itself.
        for _ in 0..50 {
            if self.is_gone() {
                self.kill();
                self.start();
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until a message of the person gives something.
    pub async fn wait_for<T>(&mut self, who: &str, what: &str, find: impl Fn(&Value) -> Option<T>) -> T {
        let from = Instant::now();
        loop {
            match self.messages(who).await {
                Ok(all) => {
                    if let Some(found) = all.iter().rev().find_map(&find) {
                        return found;
                    }
                    if from.elapsed() > PATIENCE {
                        let seen: Vec<&str> = all.iter().filter_map(|m| m["text"].as_str()).collect();
                        panic!("{who} never sees {what}, but:\n{}\n\nlog:\n{}", seen.join("\n~~~\n"), self.log());
                    }
                }
                Err(Gone) => {
                    self.revive().await;
                    assert!(from.elapsed() < PATIENCE, "waiting for {what}: the bot does not answer\n{}", self.log());
                }
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// Waits until the person sees a text.
    pub async fn sees(&mut self, who: &str, text: &str) {
        self.wait_for(who, &format!("`{text}`"), |m| m["text"].as_str()?.contains(text).then_some(())).await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Token of the button with this label.
fn button(message: &Value, label: &str) -> Option<String> {
    let buttons = message["card"]["buttons"].as_array()?;
    let found = buttons
        .iter()
        .find(|b| b["label"].as_str().is_some_and(|l| l == label || l.starts_with(&format!("{label}:"))))?;
    found["token"].as_str().map(str::to_owned)
}
