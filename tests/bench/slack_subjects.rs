//! What is measured, how each is started on a core of its own, and how each is asked to stop and say what it kept.

use super::proc;
use super::slack_event::SECRET;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The core of the served process; everything else runs on the other one.
pub const SERVED: &str = "0";
/// The core of this program.
pub const LOAD: &str = "1";

/// Whose code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Ours.
    Ours,
    /// Slack's framework for Node.
    Node,
    /// Slack's framework for Python.
    Python,
}

/// One thing to measure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Whose.
    pub whose: Whose,
    /// Socket Mode; otherwise HTTP.
    pub socket: bool,
    /// On the disk before the acknowledgement.
    pub durable: bool,
}

impl Subject {
    /// Everything there is.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for socket in [false, true] {
            all.push(Self { whose: Whose::Ours, socket, durable: true });
            for whose in [Whose::Node, Whose::Python] {
                all.extend([false, true].map(|durable| Self { whose, socket, durable }));
            }
        }
        all
    }

    /// Shown name.
    pub fn name(self) -> String {
        let whose = match self.whose {
            Whose::Ours => "nightbell",
            Whose::Node => "@slack/bolt 5.1.0",
            Whose::Python => "slack_bolt 1.30.0",
        };
        let kept = match (self.whose, self.durable) {
            (Whose::Ours, _) => "durable",
            (_, true) => "SQLite commit",
            _ => "keeps nothing",
        };
        format!("{whose}, {kept}")
    }

    /// The file that has to be there; none for ours.
    fn needs(self) -> Option<PathBuf> {
        match self.whose {
            Whose::Ours => None,
            Whose::Node if self.durable => Some(tools().join("node/node_modules/better-sqlite3/package.json")),
            Whose::Node => Some(tools().join("node/node_modules/@slack/bolt/package.json")),
            Whose::Python => Some(tools().join("venv/bin/gunicorn")),
        }
    }

    /// Whether it is installed.
    pub fn ready(self) -> bool {
        self.needs().is_none_or(|p| p.exists())
    }

    fn command(self, port: u16) -> Command {
        let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/slack");
        let mut c = Command::new("taskset");
        c.args(["-c", SERVED]);
        match (self.whose, self.socket) {
            (Whose::Ours, _) => {
                c.arg(std::env::current_exe().expect("own path")).arg("--ours");
            }
            (Whose::Node, _) => {
                c.arg("node").arg(apps.join("bolt.mjs")).env("TOOLS", tools().join("node"));
            }
            (Whose::Python, true) => {
                c.arg(tools().join("venv/bin/python")).arg(apps.join("bolt.py"));
            }
            (Whose::Python, false) => {
                c.arg(tools().join("venv/bin/gunicorn"))
                    .args(["--workers", "1", "--worker-class", "gthread", "--threads", "16", "--keep-alive", "75"])
                    .args(["--log-level", "error", "--bind", &format!("127.0.0.1:{port}")])
                    .arg("--chdir")
                    .arg(apps)
                    .arg("bolt:api")
                    .env("PYTHONDONTWRITEBYTECODE", "1");
            }
        }
        c
    }

    /// Starts it. `api` is where Socket Mode finds its workspace.
    pub fn start(self, api: &str, hang: bool) -> Running {
        let folder = tempfile::tempdir().expect("folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let mut c = self.command(port);
        c.env("SIGNING_SECRET", SECRET).env("FOLDER", folder.path()).env_remove("DB").env_remove("HANG");
        if self.durable {
            c.env("DB", folder.path().join("events.db"));
        }
        if hang {
            c.env("HANG", "1");
        }
        if self.socket {
            c.env("API", api).env_remove("PORT");
        } else {
            c.env("PORT", port.to_string()).env_remove("API");
        }
        let child = c.stdout(Stdio::piped()).spawn().expect("start");
        let running = Running { child, address: format!("127.0.0.1:{port}"), _folder: folder };
        let until = Instant::now() + Duration::from_secs(30);
        while !self.socket && TcpStream::connect(&running.address).is_err() {
            assert!(Instant::now() < until, "{} does not listen", self.name());
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }
}

/// Where the frameworks are installed.
fn tools() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools");
    std::env::var_os("NIGHTBELL_TOOLS").map_or_else(default, PathBuf::from).join("slack-bench")
}

/// A started one. `taskset` becomes what it starts, so the child is the server itself.
pub struct Running {
    child: Child,
    /// Where it listens.
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Processor seconds of all its processes.
    pub fn cpu(&self) -> f64 {
        proc::family(self.child.id()).into_iter().map(proc::cpu).sum()
    }

    /// Highest memory of all its processes, in MB.
    pub fn peak(&self) -> f64 {
        proc::family(self.child.id()).into_iter().map(proc::peak).sum()
    }

    /// Stops it; what it said, such as `kept 200`.
    pub fn stop(mut self) -> String {
        let _ = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        let mut said = String::new();
        let _ = self.child.stdout.take().expect("stdout").read_to_string(&mut said);
        let _ = self.child.wait();
        said.trim().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
