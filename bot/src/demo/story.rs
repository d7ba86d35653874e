//! The story: an employee hands in a mail, a colleague gets the same one, the reader decides, everybody hears the end.
//!
//! The people act through the web interface of the local chat, like anybody else. Waiting is on what the bot said, so
//! the story cannot run ahead of it.

use crate::demo::mails;
use crate::wire::Bot;
use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use nightbell_connector_kit::ReqwestHttp;
use nightbell_core::port::http::{Http, Request};
use nightbell_core::port::store::{Scan, Store};
use serde_json::{Value, json};
use std::time::Duration;

/// Where the login link leads.
pub const LANDING: &str = "/case/C-1";

/// Pause between two things a person does, so that a reader can follow.
const BEAT: Duration = Duration::from_secs(4);
/// Longest wait for the bot or the reader.
const PATIENCE: Duration = Duration::from_mins(30);

/// The played people.
pub struct Story {
    http: ReqwestHttp,
    url: String,
    token: String,
    folder: std::path::PathBuf,
}

/// The first act, before the link is printed: the report. Does nothing when the data folder has a case already.
pub async fn open(bot: &Bot) -> anyhow::Result<()> {
    let store = &bot.desk.store;
    if has_case(store).await? {
        return Ok(());
    }
    let story = Story::of(bot).await?;
    story.send("employee", "This came this morning. Is it real?", Some(mails::PHISH)).await?;
    for _ in 0..100 {
        if has_case(store).await? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(anyhow!("NB0205 the bot did not open a case"))
}

async fn has_case(store: &std::sync::Arc<dyn Store>) -> anyhow::Result<bool> {
    Ok(!store.scan(nightbell_desk::records::coll::CASES, Scan::all(1)).await?.is_empty())
}

impl Story {
    /// With a token of its own.
    pub async fn of(bot: &Bot) -> anyhow::Result<Self> {
        Ok(Self {
            http: ReqwestHttp::new()?,
            url: bot.url(),
            token: bot.player_token().await?,
            folder: bot.folder().to_owned(),
        })
    }

    /// The rest, in about a minute.
    pub async fn play(self) -> anyhow::Result<()> {
        tokio::time::sleep(BEAT).await;
        self.answer_until_approval().await?;
        tokio::time::sleep(BEAT).await;
        self.send("colleague", "I got this too, I did not click.", Some(mails::PHISH)).await?;
        tokio::time::sleep(BEAT).await;
        self.decline_all("colleague").await?;
        // Now the reader presses Approve; the employee is told how it ended.
        self.wait_for_end().await?;
        crate::cli::line("")?;
        crate::cli::line("That was the story. Three things to try:")?;
        for tip in [
            "1. In the chat, as \"Employee in sales\", ask: may I use a USB stick?",
            "2. Drag a suspicious mail of your own (.eml) into the chat.",
            "3. In the console, raise a \"was this you?\" alert for the employee and answer no.",
        ] {
            crate::cli::line(tip)?;
        }
        crate::cli::line(&format!(
            "The same conversation in a terminal: nightbell chat --data {}",
            self.folder.display()
        ))?;
        Ok(())
    }

    /// The employee answers honestly: clicked, and typed the password.
    async fn answer_until_approval(&self) -> anyhow::Result<()> {
        let mut answered = Vec::new();
        for _ in 0..8 {
            let Some(card) = self.open_question("employee", &answered, Duration::from_secs(5)).await? else { break };
            tokio::time::sleep(BEAT).await;
            let label = card.title.to_lowercase();
            let yes = ["click", "link", "password", "code", "type"].iter().any(|w| label.contains(w));
            let button = card.pick(yes).context("a question without buttons")?;
            self.press("employee", &button).await?;
            answered.push(card.prompt());
        }
        Ok(())
    }

    async fn decline_all(&self, who: &str) -> anyhow::Result<()> {
        let mut answered = Vec::new();
        for _ in 0..8 {
            let Some(card) = self.open_question(who, &answered, Duration::from_secs(3)).await? else { break };
            tokio::time::sleep(BEAT / 2).await;
            let button = card.pick(false).context("a question without buttons")?;
            self.press(who, &button).await?;
            answered.push(card.prompt());
        }
        Ok(())
    }

    /// The reader presses Approve; meanwhile and afterwards the employee answers what is still asked.
    async fn wait_for_end(&self) -> anyhow::Result<()> {
        let (mut waited, mut seen, mut answered) = (Duration::ZERO, false, Vec::new());
        while waited < PATIENCE {
            let open = self.messages("responder").await?.iter().any(approval_open);
            seen |= open;
            if let Some(card) = self.open_question("employee", &answered, Duration::from_millis(1)).await? {
                tokio::time::sleep(BEAT).await;
                self.press("employee", &card.pick(false).context("a question without buttons")?).await?;
                answered.push(card.prompt());
            } else if seen && !open {
                tokio::time::sleep(BEAT).await;
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            waited += Duration::from_secs(1);
        }
        Ok(())
    }

    /// The newest question with buttons that was not answered yet.
    async fn open_question(&self, who: &str, answered: &[String], patience: Duration) -> anyhow::Result<Option<Asked>> {
        let mut waited = Duration::ZERO;
        loop {
            let found =
                self.messages(who).await?.iter().rev().filter_map(Asked::of).find(|a| !answered.contains(&a.prompt()));
            if found.is_some() || waited >= patience {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
            waited += Duration::from_millis(250);
        }
    }

    async fn messages(&self, who: &str) -> anyhow::Result<Vec<Value>> {
        let v = self.call("GET", &format!("/chat/api/messages?conv=dm:{who}&as={who}"), None).await?;
        Ok(v.get("messages").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    async fn send(&self, who: &str, text: &str, mail: Option<&str>) -> anyhow::Result<()> {
        let files = mail.map(
            |m| json!([{ "name": "suspicious.eml", "base64": base64::engine::general_purpose::STANDARD.encode(m) }]),
        );
        let body = json!({ "conv": format!("dm:{who}"), "as": who, "text": text, "client_id": unique(who, text), "files": files.unwrap_or(json!([])) });
        self.call("POST", "/chat/api/message", Some(body)).await.map(|_| ())
    }

    async fn press(&self, who: &str, token: &str) -> anyhow::Result<()> {
        let body = json!({ "conv": format!("dm:{who}"), "as": who, "token": token, "client_id": unique(who, token) });
        self.call("POST", "/chat/api/press", Some(body)).await.map(|_| ())
    }

    async fn call(&self, method: &'static str, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let request = Request {
            method,
            url: format!("{}{path}", self.url),
            headers: vec![
                ("authorization".to_owned(), format!("Bearer {}", self.token)),
                ("content-type".to_owned(), "application/json".to_owned()),
            ],
            body: body.map(|b| b.to_string().into_bytes()).unwrap_or_default(),
            timeout: Duration::from_secs(30),
            max_response: 8 * 1024 * 1024,
        };
        let response = self.http.send(request).await?;
        if response.status >= 300 {
            return Err(anyhow!("{method} {path}: {} {}", response.status, String::from_utf8_lossy(&response.body)));
        }
        Ok(serde_json::from_slice(&response.body).unwrap_or(Value::Null))
    }
}

fn unique(who: &str, what: &str) -> String {
    nightbell_core::canonical::digest_bytes(format!("{who} {what}").as_bytes())
}

fn approval_open(message: &Value) -> bool {
    Asked::tokens(message).iter().any(|t| t.ends_with(":approve"))
}

struct Asked {
    title: String,
    buttons: Vec<(String, String)>,
}

impl Asked {
    fn tokens(message: &Value) -> Vec<String> {
        let buttons = message.pointer("/card/buttons").and_then(Value::as_array);
        buttons.into_iter().flatten().filter_map(|b| b.get("token")?.as_str().map(str::to_owned)).collect()
    }

    fn of(message: &Value) -> Option<Self> {
        let card = message.get("card")?;
        let buttons: Vec<(String, String)> = card
            .get("buttons")?
            .as_array()?
            .iter()
            .filter_map(|b| Some((b.get("token")?.as_str()?.to_owned(), b.get("label")?.as_str()?.to_owned())))
            .collect();
        let title = card.get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
        (!buttons.is_empty()).then_some(Self { title, buttons })
    }

    fn prompt(&self) -> String {
        self.buttons.first().and_then(|(t, _)| t.rsplit_once(':')).map_or_else(String::new, |(p, _)| p.to_owned())
    }

    /// The button that says yes (the first that is not a no), or the one that says no.
    fn pick(&self, yes: bool) -> Option<String> {
        let is_no = |l: &str| l.to_lowercase().starts_with("no");
        self.buttons.iter().find(|(_, l)| is_no(l) != yes).or(self.buttons.first()).map(|(t, _)| t.clone())
    }
}
