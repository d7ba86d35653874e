//! What is too long for a message follows it as a file, in its thread.

use crate::Slack;
use crate::files::trusted;
use crate::text::at;
use nightbell_core::chat::Card;
use nightbell_core::port::http::Request;
use serde_json::json;
use std::time::Duration;
use url::Url;

/// Deadline of the upload.
const DEADLINE: Duration = Duration::from_secs(30);

impl Slack {
    /// Uploads the whole text of a card under the message that shows its beginning. The message is there already and says
    /// where all of it stands, so a failure is only written to the log.
    pub(crate) async fn whole_text(&self, channel: &str, ts: &str, card: &Card) {
        if let Err(why) = self.upload(channel, ts, card.plain()).await {
            tracing::warn!(code = "NB0501", "the whole text of a long message was not uploaded: {why}");
        }
    }

    async fn upload(&self, channel: &str, ts: &str, text: String) -> Result<(), String> {
        let length = text.len().to_string();
        let params = [("filename", "whole-message.txt"), ("length", length.as_str())];
        let place = self.read("files.getUploadURLExternal", &params).await.map_err(|f| f.error.to_string())?;
        let (id, to) = (at(&place, "/file_id"), at(&place, "/upload_url"));
        let url = Url::parse(to).ok().filter(|u| trusted(u, &self.config().api_url));
        let url = url.ok_or("the address for it is not one of Slack's")?;
        let request = Request {
            method: "POST",
            url: url.as_str().to_owned(),
            // The address itself is the permission; the token stays here.
            headers: vec![("Content-Type".to_owned(), "application/octet-stream".to_owned())],
            body: text.into_bytes(),
            timeout: DEADLINE,
            max_response: 64 * 1024,
        };
        let answer = self.http.send(request).await.map_err(|e| e.to_string())?;
        if answer.status != 200 {
            return Err(format!("Slack answered {}", answer.status));
        }
        let body = json!({
            "files": [{"id": id, "title": "The whole message"}],
            "channel_id": channel,
            "thread_ts": ts,
        });
        self.ask("files.completeUploadExternal", None, &body).await.map(|_| ()).map_err(|f| f.error.to_string())
    }
}
