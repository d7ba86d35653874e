//! Checks who sent a mail with the DNS: DKIM signatures (RFC 6376), SPF (RFC 7208) and DMARC (RFC 7489).
//!
//! Capabilities: asks one DNS server for TXT, A, AAAA, MX and PTR records of names that stand in the mail. It fetches
//! nothing else and sends no reports. It answers within [`DEADLINE`]; what could not be checked is named.
//!
//! - [`budget`]: the cap on lookups
//! - [`map`]: results as the analysis sees them; no DNS

mod budget;
mod map;

use async_trait::async_trait;
use budget::Budget;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, DkimOutput, MessageAuthenticator, Parameters, SpfOutput};
use nightbell_core::port::mail_auth::{AuthChecked, MAX_CHECKS, MailAuth, MailToCheck, Method, Outcome};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;

/// Time for all lookups of one mail.
pub const DEADLINE: Duration = Duration::from_secs(3);
/// Its parts: for signatures and the sending host, and for the policy.
const PROOFS: Duration = Duration::from_secs(2);
const POLICY: Duration = Duration::from_secs(1);
/// Names looked up for one mail at most. SPF alone may need ten, each with further ones (RFC 7208 section 4.6.4).
pub const MAX_LOOKUPS: usize = 60;
/// Signatures looked at; honest mails have up to three.
pub const MAX_SIGNATURES: usize = 5;
/// Answers kept by the resolver, for as long as they are valid and an hour at most.
const CACHED: u64 = 2_000;
/// Time for one answer; asked twice.
const ONE_ANSWER: Duration = Duration::from_millis(900);

/// Why the check cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the DNS resolver cannot be set up: {0}")]
pub struct SetupError(String);

/// The check, with the resolver's cache.
pub struct MailDns(MessageAuthenticator);

impl std::fmt::Debug for MailDns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailDns")
    }
}

impl MailDns {
    /// Asks `server`, or the resolvers of the machine when there is none.
    ///
    /// # Errors
    /// When the machine's configuration of resolvers cannot be read.
    pub fn new(server: Option<SocketAddr>) -> Result<Self, SetupError> {
        let setup = |e: &dyn std::fmt::Display| SetupError(e.to_string());
        let (config, mut options) = match server {
            Some(at) => {
                let on = |mut c: ConnectionConfig| {
                    c.port = at.port();
                    c
                };
                let connections = vec![on(ConnectionConfig::udp()), on(ConnectionConfig::tcp())];
                let one = NameServerConfig::new(at.ip(), true, connections);
                (ResolverConfig::from_parts(None, Vec::new(), vec![one]), ResolverOpts::default())
            }
            None => hickory_resolver::system_conf::read_system_conf().map_err(|e| setup(&e))?,
        };
        options.timeout = ONE_ANSWER;
        options.attempts = 1;
        options.cache_size = CACHED;
        options.positive_max_ttl = Some(Duration::from_hours(1));
        options.negative_max_ttl = Some(Duration::from_mins(5));
        // A hosts file must not say who sent a mail.
        options.use_hosts_file = ResolveHosts::Never;
        MessageAuthenticator::new(config, options).map(Self).map_err(|e| setup(&e))
    }

    async fn dkim<'x>(&self, mail: &'x AuthenticatedMessage<'x>, budget: &'x Budget) -> Vec<DkimOutput<'x>> {
        self.0.verify_dkim(with(mail, budget)).await
    }

    async fn spf(&self, mail: &MailToCheck, budget: &Budget) -> Option<SpfOutput> {
        let ip = mail.client?;
        if !mail.mail_from.contains('@') {
            return None;
        }
        let asked = SpfParameters::verify_mail_from(ip, &mail.helo, "localhost", &mail.mail_from);
        Some(self.0.verify_spf(with(asked, budget)).await)
    }
}

fn with<P>(params: P, budget: &Budget) -> Parameters<'_, P, Budget, Budget, Budget, Budget, Budget> {
    Parameters {
        params,
        cache_txt: Some(budget),
        cache_mx: Some(budget),
        cache_ptr: Some(budget),
        cache_ipv4: Some(budget),
        cache_ipv6: Some(budget),
    }
}

#[async_trait]
impl MailAuth for MailDns {
    async fn check(&self, mail: &MailToCheck) -> AuthChecked {
        let mut out = AuthChecked::default();
        let Some(mut message) = AuthenticatedMessage::parse(&mail.raw) else {
            out.unchecked.push("the DNS was not asked, because the mail has no headers".into());
            return out;
        };
        let senders = message.headers.iter().filter(|(n, _)| n.trim_ascii().eq_ignore_ascii_case(b"from")).count();
        if senders != 1 || message.from.len() != 1 {
            out.unchecked.push(format!(
                "the DNS was not asked, because the mail has {senders} sender lines with {} addresses, and it takes one",
                message.from.len()
            ));
            return out;
        }
        if message.dkim_headers.len() > MAX_SIGNATURES {
            out.unchecked.push(format!(
                "{} signatures (DKIM) stand in the mail; the first {MAX_SIGNATURES} were checked",
                message.dkim_headers.len()
            ));
            message.dkim_headers.truncate(MAX_SIGNATURES);
        }
        let signed = !message.dkim_headers.is_empty() || message.has_dkim_errors;
        let budget = Budget::new(MAX_LOOKUPS);
        let (dkim, spf) =
            tokio::join!(timeout(PROOFS, self.dkim(&message, &budget)), timeout(PROOFS, self.spf(mail, &budget)));
        let late = "the DNS did not answer in time";
        if dkim.is_err() && signed {
            out.unchecked.push(format!("signatures (DKIM): {late}"));
        }
        let dkim = dkim.unwrap_or_default();
        for o in &dkim {
            out.results.push(map::dkim(o));
        }
        let mut spf_done = false;
        match &spf {
            Err(_) => out.unchecked.push(format!("sending host (SPF): {late}")),
            Ok(None) => out.unchecked.push(
                if mail.client.is_none() {
                    "sending host (SPF): no Received line of your gateway tells which host handed the mail over"
                } else {
                    "sending host (SPF): the mail does not say who its envelope's sender was (Return-Path)"
                }
                .into(),
            ),
            Ok(Some(o)) => {
                let r = map::spf(o);
                spf_done = r.outcome != Outcome::Unknown;
                out.results.push(r);
            }
        }
        let spf = spf.ok().flatten().unwrap_or_default();
        let asked = DmarcParameters {
            message: &message,
            dkim_output: &dkim,
            dkim2_output: None,
            rfc5321_mail_from_domain: mail.mail_from.rsplit('@').next().unwrap_or_default(),
            spf_output: &spf,
        };
        match timeout(POLICY, self.0.verify_dmarc(with(asked, &budget))).await {
            Err(_) => out.unchecked.push(format!("policy of the sender (DMARC): {late}")),
            Ok(o) => {
                // Only when nothing was left open does a missing proof say anything.
                let dkim_done = dkim.len() == message.dkim_headers.len()
                    && !message.has_dkim_errors
                    && out.results.iter().filter(|r| r.method == Method::Dkim).all(|r| r.outcome == Outcome::Pass);
                out.results.push(map::dmarc(&o, &mail.from_domain, spf_done && dkim_done && out.unchecked.is_empty()));
            }
        }
        for r in out.results.iter().filter(|r| r.outcome == Outcome::Unknown) {
            out.unchecked.push(format!("{} of {}: {}", map::name(r.method), map::shown(&r.domain), r.why));
        }
        if budget.spent() {
            out.unchecked.push(format!("more than {MAX_LOOKUPS} names would have to be looked up, so not all were"));
        }
        out.results.truncate(MAX_CHECKS);
        out
    }
}
