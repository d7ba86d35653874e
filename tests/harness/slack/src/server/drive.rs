//! The usual things that people do, at the present time.

use super::Server;
use crate::seen::Seen;

impl Server {
    /// A user writes; `channel` may be `dm`. The `ts` of the message.
    ///
    /// # Errors
    /// When there is no such user or channel.
    pub fn say(&self, user: &str, channel: &str, text: &str) -> Result<String, String> {
        self.with(|s, now| s.say(now, user, channel, text))
    }

    /// A user types a slash command. The number of the delivery.
    ///
    /// # Errors
    /// When there is no such user or channel, or the text is no command.
    pub fn command(&self, user: &str, channel: &str, text: &str) -> Result<usize, String> {
        self.with(|s, now| s.command(now, user, channel, text))
    }

    /// A user presses a button of a message, by action id or label. The number of the delivery.
    ///
    /// # Errors
    /// When there is no such message or button.
    pub fn press(&self, user: &str, message: &Seen, action: &str) -> Result<usize, String> {
        self.with(|s, now| s.press(now, user, &message.channel, &message.ts, action, None))
    }

    /// A user fills the form on top of the screen in and submits it. The number of the delivery.
    ///
    /// # Errors
    /// When there is no form or an input is missing.
    pub fn submit(&self, user: &str, values: &[(&str, &str)]) -> Result<usize, String> {
        self.with(|s, now| {
            let view = s.open_view(user).map(|v| v.id.clone()).ok_or_else(|| format!("{user} has no open form"))?;
            s.submit(now, user, &view, values)
        })
    }

    /// What the app said that a user can read, oldest first.
    pub fn heard(&self, user: &str) -> Vec<Seen> {
        self.shared().look(|s| s.heard(user))
    }
}
