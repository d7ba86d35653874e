//! The check of a mail's sender with the DNS, as far as this build has it.

use anyhow::bail;
use nightbell_core::port::mail_auth::MailAuth;
use nightbell_desk::policy::Mail;
use std::net::SocketAddr;
use std::sync::Arc;

/// The check that the configuration asks for.
pub fn configured(mail: &Mail) -> anyhow::Result<Option<Arc<dyn MailAuth>>> {
    if !mail.verify_with_dns {
        return Ok(None);
    }
    connect(server(&mail.resolver)?).map(Some)
}

/// `127.0.0.1:53`; empty means the resolvers of the machine.
pub fn server(text: &str) -> anyhow::Result<Option<SocketAddr>> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(at) => Ok(Some(at)),
        Err(_) => bail!(
            "NB0002 the DNS server `{text}` is no address with a port; write it as 192.0.2.53:53 or [2001:db8::53]:53"
        ),
    }
}

/// The check with that server.
#[cfg(feature = "mail-dns")]
pub fn connect(server: Option<SocketAddr>) -> anyhow::Result<Arc<dyn MailAuth>> {
    match nightbell_mail_dns::MailDns::new(server) {
        Ok(d) => Ok(Arc::new(d)),
        Err(e) => bail!("NB0002 {e}; name a DNS server: resolver = \"192.0.2.53:53\" in [mail], or --resolver"),
    }
}

/// The check with that server.
#[cfg(not(feature = "mail-dns"))]
pub fn connect(_: Option<SocketAddr>) -> anyhow::Result<Arc<dyn MailAuth>> {
    bail!(
        "NB0002 this program was built without the check with the DNS; leave verify_with_dns off, or build it with the feature mail-dns"
    )
}
