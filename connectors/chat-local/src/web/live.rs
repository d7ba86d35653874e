//! Live updates: the name of the conversation in which something changed, for those who may enter it.

use super::{Problem, acting};
use crate::Local;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use nightbell_core::person::Session;
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

#[derive(Deserialize)]
pub(crate) struct As {
    #[serde(rename = "as")]
    as_: Option<String>,
}

/// `/chat/events?as=`. All conversations of the person come, so that the list shows what is new in the others.
pub(crate) async fn events(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
    Query(q): Query<As>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let person = acting(&local, &session, q.as_.as_deref())?.clone();
    let changed = local.changed.subscribe();
    let stream = stream::unfold((changed, local, person), |(mut changed, local, person)| async move {
        loop {
            let conv = match changed.recv().await {
                Ok(conv) if local.may_enter(&person, &conv) => conv,
                Ok(_) => continue,
                // Too slow to hear everything: look at everything.
                Err(RecvError::Lagged(_)) => "*".to_owned(),
                Err(RecvError::Closed) => return None,
            };
            let event = Event::default().event("conv").data(conv);
            return Some((Ok(event), (changed, local, person)));
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}
