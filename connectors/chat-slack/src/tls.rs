//! The connection under a WebSocket: plain on loopback, TLS everywhere else.

use nightbell_connector_kit::address;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use url::Url;

/// Either kind of stream.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Opens the connection for a `ws` or `wss` address. Errors name no address: the one of Socket Mode holds a ticket.
pub(crate) async fn connect(url: &Url) -> io::Result<Box<dyn Duplex>> {
    let bad = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why.to_owned());
    let host = url.host_str().ok_or_else(|| bad("the socket's address has no host"))?;
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    match url.scheme() {
        "ws" if address::is_loopback(url) => {
            let tcp = TcpStream::connect((bare.as_str(), url.port().unwrap_or(80))).await?;
            tcp.set_nodelay(true)?;
            Ok(Box::new(tcp))
        }
        "wss" => {
            let tcp = TcpStream::connect((bare.as_str(), url.port().unwrap_or(443))).await?;
            tcp.set_nodelay(true)?;
            let name =
                rustls::pki_types::ServerName::try_from(bare).map_err(|_| bad("the socket's host is no name"))?;
            let tls = tokio_rustls::TlsConnector::from(client()?).connect(name, tcp).await?;
            Ok(Box::new(tls))
        }
        _ => Err(bad("the socket's address is neither wss nor ws on this machine")),
    }
}

fn client() -> io::Result<Arc<rustls::ClientConfig>> {
    use rustls_platform_verifier::BuilderVerifierExt as _;
    let other = |e: rustls::Error| io::Error::other(e.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(other)?
        .with_platform_verifier()
        .map_err(other)?
        .with_no_client_auth();
    Ok(Arc::new(config))
}
