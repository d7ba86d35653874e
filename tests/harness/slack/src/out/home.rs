//! The home tab.

use crate::state::SlackState;
use jiff::Timestamp;
use serde_json::json;

impl SlackState {
    /// A user opens the tab of the app.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn open_home(&mut self, now: Timestamp, user: &str) -> Result<(), String> {
        let channel = self.place(user, "dm")?;
        let event_ts = self.next_ts(now);
        let mut event =
            json!({ "type": "app_home_opened", "user": user, "channel": channel, "tab": "home", "event_ts": event_ts });
        if let Some(id) = self.homes.get(user).cloned() {
            event["view"] = self.view_json(&id, json!({}));
        }
        self.emit(now, event);
        Ok(())
    }
}
