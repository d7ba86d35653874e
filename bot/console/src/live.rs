//! Live updates: a word to the page that something changed. The page then asks for itself again, so that what
//! anybody may see is decided in one place only.

use crate::App;
use crate::guard::Who;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use nightbell_desk::view::Change;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// `/events`.
pub(crate) async fn events(State(app): State<App>, who: Who) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let works = who.works();
    let changes = app.deps.changes.subscribe();
    let stream = stream::unfold(changes, move |mut changes| async move {
        let event = match changes.recv().await {
            Ok(change) => word(works, &change),
            // Whoever was too slow to hear everything looks at everything.
            Err(RecvError::Lagged(_)) => Event::default().event("change").data("*"),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), changes))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}

/// Case numbers are for those who work on cases.
fn word(works: bool, change: &Change) -> Event {
    let about = match change.case {
        Some(case) if works => case.to_string(),
        _ => "*".to_owned(),
    };
    Event::default().event("change").data(about)
}
