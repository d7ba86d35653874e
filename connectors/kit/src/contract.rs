//! The contract of `bot/docs/CONNECTORS.md` as code. A connector's test makes itself over a [`FakeHttp`], calls
//! [`pager`] or [`actions`] and asserts that nothing is broken. Nothing here panics, so it can also run outside tests.

use crate::fake::{FakeHttp, response, response_with};
use nightbell_core::action::{Call, Effect, Idempotent, Manifest, Outcome};
use nightbell_core::port::actions::Actions;
use nightbell_core::port::chat::SendError;
use nightbell_core::port::http::{Http, HttpError, Request, Response};
use nightbell_core::port::pager::{PageText, Pager};
use std::sync::Arc;

/// Most characters a reason may have: it stands in chat and in the journal.
const MAX_WORDS: usize = 400;

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule, in the words of the contract.
    pub rule: &'static str,
    /// What was seen instead.
    pub saw: String,
}

#[derive(Default)]
struct Findings(Vec<Broken>);

impl Findings {
    fn expect(&mut self, holds: bool, rule: &'static str, saw: impl Into<String>) {
        if !holds {
            self.0.push(Broken { rule, saw: saw.into() });
        }
    }

    /// Reasons are one short line and hold no secret.
    fn words(&mut self, text: &str, secret: &str) {
        self.expect(!text.contains(secret), "no secret stands in a reason", text);
        self.expect(text.chars().count() <= MAX_WORDS, "a reason is short", text);
        self.expect(!text.chars().any(char::is_control), "a reason is one line without control characters", text);
    }

    /// No secret leaves in the clear, and the key goes with every try.
    fn requests(&mut self, seen: &[Request], key: &str, secret: &str) {
        self.expect(seen.len() == 1, "one call of the port is one request: the outbox retries", seen.len().to_string());
        for r in seen {
            let all = format!("{:?} {}", r.headers, String::from_utf8_lossy(&r.body));
            self.expect(all.contains(key), "the idempotency key is sent on every try", all.clone());
            // Vendors with bearer tokens send those in `Authorization`, never in a body.
            let body = String::from_utf8_lossy(&r.body);
            self.expect(!body.contains(secret), "no secret stands in a body", body.clone());
            self.expect(!r.timeout.is_zero() && r.max_response > 0, "every request has a deadline and a cap", "none");
        }
    }
}

/// A body that tries what bodies can try: our secret, line breaks, terminal codes, direction marks and length.
fn hostile(secret: &str) -> String {
    let text = format!("no\r\n\u{1b}[31m\u{202e}{secret} {}", "z".repeat(10_000));
    serde_json::json!({ "message": text, "error": text }).to_string()
}

/// The contract of [`Pager`]. `make` builds the connector over the given port; `good` is the service's "taken";
/// `secret` is the one it was configured with. Returns what is broken.
pub async fn pager<P: Pager>(make: impl Fn(Arc<dyn Http>) -> P, good: Response, secret: &str) -> Vec<Broken> {
    let mut f = Findings::default();
    let page = PageText {
        key: "page-1:level-1:round-1:dana".to_owned(),
        case: "C-17".to_owned(),
        title: "Mailbox rule forwards to an outside address".to_owned(),
        body: "Seen by the mail rule check. Nothing was changed yet.".to_owned(),
        severity: "critical".to_owned(),
        level: 1,
    };

    let http = FakeHttp::always(Ok(good));
    let p = make(http.clone());
    f.expect(!p.name().is_empty(), "a pager has a name", "");
    let got = p.page(&page).await;
    f.expect(got.is_ok(), "a taken page is Ok", format!("{got:?}"));
    f.requests(&http.seen(), &page.key, secret);
    let again = FakeHttp::always(Err(HttpError::NoAnswer("cut".to_owned())));
    let _ = make(again.clone()).page(&page).await;
    f.requests(&again.seen(), &page.key, secret);

    let later: [(&'static str, Result<Response, HttpError>); 6] = [
        ("429 is tried later", Ok(response_with(429, "retry-after", "7"))),
        ("503 is tried later", Ok(response_with(503, "retry-after", "7"))),
        ("500 is tried later", Ok(response(500, &hostile(secret)))),
        ("502 is tried later", Ok(response(502, "<html>"))),
        ("no answer is tried later", Err(HttpError::NoAnswer("cut".to_owned()))),
        ("not sent is tried later", Err(HttpError::NotSent("refused".to_owned()))),
    ];
    for (rule, result) in later {
        let asked = result.as_ref().is_ok_and(|r| r.header("retry-after").is_some());
        match make(FakeHttp::always(result)).page(&page).await {
            Err(SendError::Later { why, after_ms }) => {
                f.words(&why, secret);
                f.expect(after_ms > 0, "a later try has a delay", after_ms.to_string());
                f.expect(!asked || after_ms >= 7_000, "Retry-After is honoured", after_ms.to_string());
            }
            other => f.expect(false, rule, format!("{other:?}")),
        }
    }
    for status in [400, 401, 403, 404, 410, 413, 422] {
        match make(FakeHttp::always(Ok(response(status, &hostile(secret))))).page(&page).await {
            Err(SendError::Never(why)) => f.words(&why, secret),
            other => f.expect(false, "a refused page is Never", format!("{status}: {other:?}")),
        }
    }
    f.0
}

/// The contract of [`Actions`], for every manifest it has. `call` makes a valid call of one; `good` is the service's
/// answer to it. Returns what is broken.
pub async fn actions<A: Actions>(
    make: impl Fn(Arc<dyn Http>) -> A,
    call: impl Fn(&Manifest) -> Call,
    good: impl Fn(&Manifest) -> Response,
    secret: &str,
) -> Vec<Broken> {
    let mut f = Findings::default();
    let manifests = make(FakeHttp::always(Ok(response(200, "{}")))).manifests();
    f.expect(!manifests.is_empty(), "there is at least one action", "none");
    for m in &manifests {
        manifest(&mut f, m);
        let call = call(m);
        one_action(&mut f, &make, m, &call, good(m), secret).await;
    }

    let http = FakeHttp::always(Ok(response(200, "{}")));
    let unknown = Call {
        action: "no.such_action".to_owned(),
        major: 1,
        args: serde_json::json!({}),
        key: "key-0".to_owned(),
        repeat: false,
    };
    let got = make(http.clone()).call(&unknown).await;
    f.expect(
        matches!(got, Outcome::Failed { retryable: false, .. }) && http.seen().is_empty(),
        "an action without a manifest is never sent",
        format!("{got:?}"),
    );
    f.0
}

fn manifest(f: &mut Findings, m: &Manifest) {
    f.expect(m.name.split_once('.').is_some(), "an action is called `connector.action`", &m.name);
    f.expect(!m.about.is_empty(), "an action says what it does", &m.name);
    f.expect(!m.timeout.0.is_zero(), "an action has a deadline", &m.name);
    let inverse_fits = m.inverse.is_none() || m.effect.needs_approval();
    f.expect(inverse_fits, "only what changes something has an inverse", &m.name);
}

async fn one_action<A: Actions>(
    f: &mut Findings,
    make: &impl Fn(Arc<dyn Http>) -> A,
    m: &Manifest,
    call: &Call,
    good: Response,
    secret: &str,
) {
    let mut repeat = call.clone();
    repeat.repeat = true;
    for c in [call, &repeat] {
        let http = FakeHttp::always(Ok(good.clone()));
        match make(http.clone()).call(c).await {
            Outcome::Done { outputs } => {
                f.expect(outputs.is_object(), "outputs are a JSON object", outputs.to_string());
            }
            other => f.expect(false, "a yes is Done", format!("{other:?}")),
        }
        let seen = http.seen();
        f.requests(&seen, &call.key, secret);
        let in_time = seen.iter().all(|r| r.timeout <= m.timeout.0);
        f.expect(in_time, "a call never lasts longer than its manifest says", &m.name);
    }

    for (rule, result) in [
        ("429 is Failed and retryable", Ok(response_with(429, "retry-after", "7"))),
        ("503 is Failed and retryable", Ok(response(503, ""))),
        ("what was not sent is Failed and retryable", Err(HttpError::NotSent("refused".to_owned()))),
    ] {
        match make(FakeHttp::always(result)).call(call).await {
            Outcome::Failed { retryable: true, message, .. } => f.words(&message, secret),
            other => f.expect(false, rule, format!("{other:?}")),
        }
    }
    for status in [400, 401, 403, 404, 422] {
        match make(FakeHttp::always(Ok(response(status, &hostile(secret))))).call(call).await {
            Outcome::Failed { retryable: false, message, code } => {
                f.words(&message, secret);
                f.expect(!code.is_empty(), "a failure has a code", "");
            }
            other => f.expect(false, "a refusal is Failed and final", format!("{status}: {other:?}")),
        }
    }

    let repeatable = m.effect == Effect::Read || matches!(m.idempotent, Idempotent::Key | Idempotent::Natural);
    for result in [
        Err(HttpError::NoAnswer("cut".to_owned())),
        Err(HttpError::TooBig(1)),
        Ok(response(500, &hostile(secret))),
        Ok(response(502, "<html>")),
        Ok(response(504, "")),
    ] {
        match make(FakeHttp::always(result)).call(call).await {
            Outcome::Failed { retryable: true, message, .. } if repeatable => f.words(&message, secret),
            Outcome::Unknown { why } if !repeatable => f.words(&why, secret),
            other => f.expect(
                false,
                "an unclear end is retried when that is safe and else put to a human",
                format!("{}: {other:?}", m.name),
            ),
        }
    }
}
