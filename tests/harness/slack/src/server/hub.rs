//! The open sockets.

use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a socket is told to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Send a frame.
    Frame(String),
    /// Send `disconnect` with this reason.
    Disconnect(String),
    /// End without a word.
    Drop,
}

#[derive(Debug)]
struct Socket {
    id: u64,
    orders: UnboundedSender<Order>,
    /// It was told to go: nothing new goes over it.
    leaving: bool,
}

#[derive(Debug, Default)]
struct Sockets {
    open: Vec<Socket>,
    made: u64,
    turn: usize,
    held: bool,
}

/// Sockets in the order in which they came; frames go over them in turn.
#[derive(Debug, Default)]
pub(super) struct Hub(Mutex<Sockets>);

impl Hub {
    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new socket, unless there are `most`: its id, its orders, and how many there are with it.
    pub fn join(&self, most: usize) -> Result<(u64, UnboundedReceiver<Order>, usize), usize> {
        let mut s = self.lock();
        if s.open.len() >= most {
            return Err(s.open.len());
        }
        s.made += 1;
        let (id, (orders, receiver)) = (s.made, unbounded_channel());
        s.open.push(Socket { id, orders, leaving: false });
        Ok((id, receiver, s.open.len()))
    }

    /// Sends nothing more over this one.
    pub fn part(&self, id: u64) {
        for s in self.lock().open.iter_mut().filter(|s| s.id == id) {
            s.leaving = true;
        }
    }

    pub fn leave(&self, id: u64) {
        self.lock().open.retain(|s| s.id != id);
    }

    pub fn open(&self) -> usize {
        self.lock().open.len()
    }

    pub fn so_far(&self) -> u64 {
        self.lock().made
    }

    /// Whether anything can be sent now.
    pub fn ready(&self) -> bool {
        let s = self.lock();
        !s.held && s.open.iter().any(|s| !s.leaving)
    }

    pub fn held(&self) -> bool {
        self.lock().held
    }

    pub fn hold(&self, on: bool) {
        self.lock().held = on;
    }

    /// Sends a frame over the next socket in turn; its id.
    pub fn send(&self, frame: String) -> Option<u64> {
        let mut s = self.lock();
        s.turn = s.turn.wrapping_add(1);
        let fit: Vec<&Socket> = s.open.iter().filter(|s| !s.leaving).collect();
        let next = fit.get(s.turn.checked_rem(fit.len())?)?;
        next.orders.send(Order::Frame(frame)).ok()?;
        Some(next.id)
    }

    pub fn disconnect(&self, reason: &str) {
        for s in &mut self.lock().open {
            s.leaving |= reason != "warning";
            let _ = s.orders.send(Order::Disconnect(reason.to_owned()));
        }
    }

    pub fn drop_all(&self) {
        for s in self.lock().open.drain(..) {
            let _ = s.orders.send(Order::Drop);
        }
    }
}
