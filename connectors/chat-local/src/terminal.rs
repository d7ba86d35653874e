//! A line-based client for the local chat, over the same HTTP API as tests use. No cursor tricks, so it works in a
//! pipe and in the log of a build.

use nightbell_core::chat::Card;
use nightbell_core::port::http::{Http, HttpError, Request};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// How long one poll waits for news, in seconds.
const POLL: u32 = 20;
/// At the end of the input: how long to wait for a last answer, in seconds.
const QUIET: u32 = 2;
/// Largest file read from disk; the server has its own cap.
const MAX_FILE: u64 = 64 * 1024 * 1024;

const HELP: &str = "\
Write a message and press Enter. What else works:
  1, 2, 3 ...    press that button of the last message that has buttons
  /file PATH     send a file; the path of an .eml alone does the same
  /nb COMMAND    a command, such as /nb help
  /as PERSON     be somebody else (demo and rehearsals)
  /help          this text
  /quit          leave";

/// What ended the conversation before its time.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// The server cannot be reached.
    #[error("Nightbell cannot be reached: {0}")]
    Http(#[from] HttpError),
    /// It does not let us in.
    #[error("Nightbell did not let you in. Get a new token and try again.")]
    NotAllowed,
    /// It answered something else than the API does.
    #[error("This does not look like a Nightbell server: {0}")]
    Strange(String),
    /// The terminal is gone.
    #[error("the terminal cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
}

#[derive(Deserialize)]
struct Sender {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Heard {
    id: String,
    from: Sender,
    #[serde(default)]
    text: String,
    #[serde(default)]
    card: Option<Card>,
}

#[derive(Deserialize)]
struct News {
    messages: Vec<Heard>,
    cursor: String,
}

struct Client<W> {
    http: Arc<dyn Http>,
    base: String,
    bearer: String,
    /// Who we act as; the session's person when none.
    person: Option<String>,
    me: String,
    cursor: String,
    /// Messages shown, and how they looked.
    known: HashMap<String, String>,
    /// Tokens and labels of the last message with buttons.
    choices: Vec<(String, String)>,
    out: W,
}

/// Talks until the input ends or `/quit`. `person` is who to act as; none for whom the token belongs to.
pub async fn run(
    http: Arc<dyn Http>,
    base_url: &str,
    bearer: &str,
    person: Option<String>,
    input: impl AsyncBufRead + Unpin,
    output: impl Write,
) -> Result<(), TerminalError> {
    let mut c = Client {
        http,
        base: base_url.trim_end_matches('/').to_owned(),
        bearer: bearer.to_owned(),
        person,
        me: String::new(),
        cursor: String::new(),
        known: HashMap::new(),
        choices: Vec::new(),
        out: output,
    };
    c.begin().await?;
    let mut lines = input.lines();
    loop {
        let poll = poll(c.http.clone(), c.request("GET", &c.news_path(POLL), Vec::new(), POLL));
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) if line.trim() == "/quit" => return Ok(()),
                Some(line) => c.line(line.trim()).await?,
                None => break,
            },
            news = poll => {
                let news = news?;
                c.show(news)?;
            }
        }
    }
    // A pipe has ended: the answer to its last line is still worth waiting for.
    for _ in 0..8 {
        let news = poll(c.http.clone(), c.request("GET", &c.news_path(QUIET), Vec::new(), QUIET)).await?;
        if news.messages.is_empty() {
            break;
        }
        c.show(news)?;
    }
    Ok(())
}

async fn poll(http: Arc<dyn Http>, request: Request) -> Result<News, TerminalError> {
    let reply = http.send(request).await?;
    match reply.status {
        200 => serde_json::from_slice(&reply.body).map_err(|e| TerminalError::Strange(e.to_string())),
        401 | 403 => Err(TerminalError::NotAllowed),
        other => Err(TerminalError::Strange(format!("status {other}"))),
    }
}

impl<W: Write> Client<W> {
    fn request(&self, method: &'static str, path: &str, body: Vec<u8>, wait: u32) -> Request {
        Request {
            method,
            url: format!("{}{path}", self.base),
            headers: vec![
                ("authorization".to_owned(), format!("Bearer {}", self.bearer)),
                ("content-type".to_owned(), "application/json".to_owned()),
                ("accept".to_owned(), "application/json".to_owned()),
            ],
            body,
            timeout: Duration::from_secs(u64::from(wait) + 30),
            max_response: 8 * 1024 * 1024,
        }
    }

    fn acting(&self) -> String {
        self.person.as_deref().map(|p| format!("as={}", crate::web_query(p))).unwrap_or_default()
    }

    fn news_path(&self, wait: u32) -> String {
        format!("/chat/api/messages?after={}&wait={wait}&{}", self.cursor, self.acting())
    }

    async fn begin(&mut self) -> Result<(), TerminalError> {
        let reply = self.http.send(self.request("GET", "/chat/api/people", Vec::new(), 0)).await?;
        if reply.status != 200 {
            return Err(TerminalError::NotAllowed);
        }
        let people: Value = serde_json::from_slice(&reply.body).map_err(|e| TerminalError::Strange(e.to_string()))?;
        self.me = self.person.clone().unwrap_or_else(|| text_of(&people, "me"));
        let news = poll(self.http.clone(), self.request("GET", &self.news_path(0), Vec::new(), 0)).await?;
        writeln!(self.out, "You are {}. Write to Nightbell; /help says what else works.", self.me)?;
        self.show(news)
    }

    fn show(&mut self, news: News) -> Result<(), TerminalError> {
        self.cursor = news.cursor;
        for m in news.messages {
            let looks = m.card.as_ref().map(Card::plain).unwrap_or_default();
            let before = self.known.insert(m.id, looks.clone());
            let again = before.is_some();
            // What one typed oneself stands above already, and in a log it is worth reading once.
            if again && (m.card.is_none() || before.is_some_and(|b| b == looks)) {
                continue;
            }
            let mark = if again { " (updated)" } else { "" };
            let text = m.card.as_ref().map_or(m.text, Card::plain);
            let who = if m.from.id == self.me { "you" } else { m.from.name.as_str() };
            writeln!(self.out, "\n{who}{mark}:")?;
            for line in text.lines() {
                writeln!(self.out, "  {}", nightbell_core::text::one_line(line, 2_000))?;
            }
            if let Some(card) = m.card
                && (!card.buttons.is_empty() || again)
            {
                self.choices = card.buttons.into_iter().map(|b| (b.token, b.label)).collect();
            }
        }
        self.out.flush()?;
        Ok(())
    }

    async fn line(&mut self, line: &str) -> Result<(), TerminalError> {
        if line.is_empty() {
            return Ok(());
        }
        if line == "/help" {
            writeln!(self.out, "{HELP}")?;
            return Ok(());
        }
        if let Some(person) = line.strip_prefix("/as ") {
            self.person = Some(person.trim().to_owned());
            self.cursor.clear();
            self.known.clear();
            self.choices.clear();
            return match self.begin().await {
                // The session may not switch: stay who we are.
                Err(TerminalError::NotAllowed) => {
                    self.person = None;
                    writeln!(self.out, "You can only be yourself here.")?;
                    self.begin().await
                }
                other => other,
            };
        }
        if let Some(path) = line.strip_prefix("/file ") {
            return self.file(path.trim()).await;
        }
        if line.to_ascii_lowercase().ends_with(".eml") && Path::new(line).is_file() {
            return self.file(line).await;
        }
        let chosen =
            line.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).and_then(|n| self.choices.get(n).cloned());
        if let Some((token, label)) = chosen {
            writeln!(self.out, "  [{label}]")?;
            return self.post("/chat/api/press", &json!({ "as": self.person, "token": token })).await;
        }
        self.post("/chat/api/message", &json!({ "as": self.person, "text": line })).await
    }

    async fn file(&mut self, path: &str) -> Result<(), TerminalError> {
        use base64::Engine;
        let size = tokio::fs::metadata(path).await.map(|m| m.len());
        let bytes = match size {
            Ok(n) if n > MAX_FILE => Err(std::io::Error::other("the file is larger than 64 MB")),
            Ok(_) => tokio::fs::read(path).await,
            Err(e) => Err(e),
        };
        let bytes = match bytes {
            Ok(b) => b,
            Err(e) => {
                writeln!(self.out, "That file cannot be read: {e}")?;
                return Ok(());
            }
        };
        let name = Path::new(path).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
        let files = json!([{ "name": name, "base64": encoded }]);
        self.post("/chat/api/message", &json!({ "as": self.person, "text": "", "files": files })).await
    }

    async fn post(&mut self, path: &str, body: &Value) -> Result<(), TerminalError> {
        let bytes = serde_json::to_vec(body).map_err(|e| TerminalError::Strange(e.to_string()))?;
        let reply = self.http.send(self.request("POST", path, bytes, 0)).await?;
        if reply.status == 200 {
            return Ok(());
        }
        let said: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let said = text_of(&said, "error");
        let words = if said.is_empty() { "This was not kept, please try again." } else { &said };
        writeln!(self.out, "{words}")?;
        Ok(())
    }
}

fn text_of(v: &Value, key: &str) -> String {
    v.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
