//! A small DNS server on loopback (RFC 1035): answers from a table, or behaves badly.

// Each test file uses its share; tests may stop.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the server behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Honest,
    /// Takes questions and never answers.
    Silent,
    /// Answers bytes that are no DNS message.
    Garbage,
    /// Answers "server failure".
    Failing,
}

/// Types of records.
pub const A: u16 = 1;
pub const MX: u16 = 15;
pub const TXT: u16 = 16;

/// Names in lower case without the last dot, with the records of each type.
#[derive(Default, Clone)]
pub struct Zone(BTreeMap<(String, u16), Vec<Vec<u8>>>);

impl Zone {
    pub fn txt(mut self, name: &str, text: &str) -> Self {
        // Strings of 255 bytes, as long keys need.
        let data = text.as_bytes().chunks(255).flat_map(|c| [&[c.len() as u8][..], c].concat()).collect();
        self.0.entry((name.to_owned(), TXT)).or_default().push(data);
        self
    }

    pub fn a(mut self, name: &str, ip: [u8; 4]) -> Self {
        self.0.entry((name.to_owned(), A)).or_default().push(Ipv4Addr::from(ip).octets().to_vec());
        self
    }
}

/// The running server. Its thread ends with the test process.
pub struct Dns {
    pub at: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Dns {
    pub fn start(zone: Zone, manner: Manner) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut buf = [0_u8; 1_500];
            while let Ok((n, from)) = socket.recv_from(&mut buf) {
                count.fetch_add(1, Ordering::Relaxed);
                let reply = match manner {
                    Manner::Silent => continue,
                    Manner::Garbage => b"\xff\xff\xff this is no answer \0\xc0\x00".to_vec(),
                    Manner::Failing => answer(&zone, &buf[..n], true),
                    Manner::Honest => answer(&zone, &buf[..n], false),
                };
                let _ = socket.send_to(&reply, from);
            }
        });
        Self { at, asked }
    }

    /// Questions so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn answer(zone: &Zone, question: &[u8], failing: bool) -> Vec<u8> {
    let mut labels = Vec::new();
    let mut at = 12;
    while question[at] != 0 {
        let n = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..=at + n]).to_lowercase());
        at += n + 1;
    }
    let name = labels.join(".");
    let kind = u16::from_be_bytes([question[at + 1], question[at + 2]]);
    let records = zone.0.get(&(name.clone(), kind)).cloned().unwrap_or_default();
    let below = format!(".{name}");
    let known = zone.0.keys().any(|(n, _)| *n == name || n.ends_with(&below));
    let code = match (failing, known) {
        (true, _) => 2,
        (false, false) => 3,
        (false, true) => 0,
    };
    let mut out = question[..2].to_vec();
    // An answer with authority; recursion is on offer.
    out.extend([0x85, 0x80 | code, 0, 1]);
    let count = if code == 0 { u16::try_from(records.len()).unwrap() } else { 0 };
    out.extend(count.to_be_bytes());
    // Without this record nobody may keep that there is nothing (RFC 2308 section 5).
    let nothing = code != 2 && count == 0;
    out.extend([0, u8::from(nothing), 0, 0]);
    out.extend(&question[12..at + 5]);
    for data in records.iter().take(usize::from(count)) {
        out.extend([0xc0, 12]);
        out.extend(kind.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, 60]);
        out.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        out.extend(data);
    }
    if nothing {
        // The root: no name, SOA, IN, 60 s, 22 bytes: two empty names and five numbers.
        out.extend([0, 0, 6, 0, 1, 0, 0, 0, 60, 0, 22, 0, 0]);
        out.extend([0, 0, 0, 60].repeat(5));
    }
    out
}
