//! Counters for Prometheus, fed by what the rooms tell, and the last errors for the health page. Logs carry ids and
//! words of a fixed set, never text of people.

use crate::App;
use crate::guard::is_loopback_name;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::store::Health;
use nightbell_core::telemetry::{Observer, Telemetry};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// How many errors the health page remembers.
const LAST: usize = 20;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Two {
    of: String,
    result: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct One {
    of: &'static str,
}

/// Everything that is counted.
pub struct Metrics {
    clock: Arc<dyn Clock>,
    registry: Registry,
    events: Family<Two, Counter>,
    handled: Family<One, Counter>,
    handling: Histogram,
    failed: Family<One, Counter>,
    messages: Family<Two, Counter>,
    actions: Family<Two, Counter>,
    timers: Family<One, Counter>,
    late: Gauge,
    pages: Family<Two, Counter>,
    depth: Family<One, Gauge>,
    healthy: Gauge,
    last: Mutex<VecDeque<Seen>>,
}

/// One of the last errors.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) at: Timestamp,
    pub(crate) code: &'static str,
    pub(crate) about: String,
}

impl Metrics {
    /// All at zero.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let mut m = Self {
            clock,
            registry: Registry::with_prefix("nightbell"),
            events: Family::default(),
            handled: Family::default(),
            handling: Histogram::new([0.000_5, 0.002, 0.01, 0.05, 0.2, 1.0, 5.0]),
            failed: Family::default(),
            messages: Family::default(),
            actions: Family::default(),
            timers: Family::default(),
            late: Gauge::default(),
            pages: Family::default(),
            depth: Family::default(),
            healthy: Gauge::default(),
            last: Mutex::default(),
        };
        let r = &mut m.registry;
        r.register("events", "Events by source and result: new, duplicate, refused", m.events.clone());
        r.register("handled", "Handled events by route", m.handled.clone());
        r.register("handling_seconds", "From pick-up to commit", m.handling.clone());
        r.register("errors", "Errors by code", m.failed.clone());
        r.register("messages", "Messages by platform and result: sent, retry, dropped", m.messages.clone());
        r.register("actions", "Outside actions by name and outcome", m.actions.clone());
        r.register("timers", "Timers fired, by kind", m.timers.clone());
        r.register("timer_late_milliseconds", "How late the last timer was", m.late.clone());
        r.register("pages", "Calls for a human, by level", m.pages.clone());
        r.register("depth", "Rows waiting, by queue", m.depth.clone());
        r.register("store_healthy", "1 when the store is healthy", m.healthy.clone());
        m
    }

    fn error(&self, code: &'static str, about: String) {
        self.failed.get_or_create(&One { of: code }).inc();
        if let Ok(mut last) = self.last.lock() {
            last.truncate(LAST - 1);
            last.push_front(Seen { at: self.clock.now(), code, about });
        }
    }

    /// The last errors, newest first.
    pub(crate) fn last(&self) -> Vec<Seen> {
        self.last.lock().map(|l| l.iter().cloned().collect()).unwrap_or_default()
    }

    /// As Prometheus reads it.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut out, &self.registry);
        out
    }
}

impl Observer for Metrics {
    fn tell(&self, what: Telemetry) {
        match what {
            Telemetry::Accepted { source, duplicate } => {
                let result = if duplicate { "duplicate" } else { "new" };
                self.events.get_or_create(&Two { of: source, result }).inc();
            }
            Telemetry::Refused { source, code } => {
                tracing::warn!(%source, code, "event refused");
                self.error(code, format!("refused from {source}"));
                self.events.get_or_create(&Two { of: source, result: "refused" }).inc();
            }
            Telemetry::Handled { route, micros } => {
                tracing::debug!(route, micros, "event handled");
                self.handled.get_or_create(&One { of: route }).inc();
                self.handling.observe(micros as f64 / 1e6);
            }
            Telemetry::HandlerFailed { code, key } => {
                tracing::error!(code, %key, "event could not be handled");
                self.error(code, format!("event {key}"));
            }
            Telemetry::Sent { platform } => {
                self.messages.get_or_create(&Two { of: platform, result: "sent" }).inc();
            }
            Telemetry::SendFailed { platform, retry } => {
                tracing::warn!(%platform, retry, "message not delivered");
                if !retry {
                    self.error(nightbell_core::code::CHAT_UNDELIVERABLE.0, format!("message to {platform}"));
                }
                let result = if retry { "retry" } else { "dropped" };
                self.messages.get_or_create(&Two { of: platform, result }).inc();
            }
            Telemetry::ActionCalled { action, outcome } => {
                tracing::info!(%action, outcome, "action called");
                self.actions.get_or_create(&Two { of: action, result: outcome }).inc();
            }
            Telemetry::TimerFired { kind, late_ms } => {
                tracing::debug!(kind, late_ms, "timer fired");
                self.timers.get_or_create(&One { of: kind }).inc();
                self.late.set(i64::try_from(late_ms).unwrap_or(i64::MAX));
            }
            Telemetry::Paged { level } => {
                tracing::info!(level, "paged");
                self.pages.get_or_create(&Two { of: level.to_string(), result: "paged" }).inc();
            }
            Telemetry::Store { state } => {
                tracing::warn!(state, "store changed its state");
                self.healthy.set(i64::from(state == "healthy"));
            }
        }
    }
}

/// `/metrics`, for a peer on loopback that asks for a loopback name. Both, because behind a proxy every peer is local.
pub(crate) async fn serve(State(app): State<App>, request: Request) -> Response {
    let near = request.extensions().get::<ConnectInfo<SocketAddr>>().is_some_and(|c| c.0.ip().is_loopback());
    let name = request.headers().get(header::HOST).and_then(|h| h.to_str().ok()).is_some_and(is_loopback_name);
    if !near || !name {
        return (StatusCode::FORBIDDEN, "Metrics are read on the machine itself, over loopback.\n").into_response();
    }
    let m = &app.deps.metrics;
    m.healthy.set(i64::from(app.deps.store.health() == Health::Healthy));
    if let Ok(c) = app.view.counts().await {
        for (of, n) in [
            ("open_cases", c.open_cases),
            ("inbox", c.inbox),
            ("outbox", c.outbox),
            ("failed", c.failed),
            ("prompts", c.prompts),
            ("pages", c.pages),
        ] {
            m.depth.get_or_create(&One { of }).set(i64::try_from(n).unwrap_or(i64::MAX));
        }
    }
    let mime = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, mime)], m.text()).into_response()
}
