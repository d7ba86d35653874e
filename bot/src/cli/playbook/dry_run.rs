//! `nightbell playbook dry-run`.

use super::{files, list, script::Given};
use crate::cli::{Outcome, PROBLEMS, line, runtime};
use crate::config::Config;
use crate::machine::SystemClock;
use nightbell_connector_kit::ReqwestHttp;
use nightbell_core::action::{Call, Outcome as Result_};
use nightbell_core::port::actions::Actions;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::Http;
use nightbell_playbooks::rehearse::{Rehearsal, outline};
use nightbell_playbooks::world::show;
use nightbell_playbooks::{Library, Playbook};
use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct DryRun {
    #[command(flatten)]
    given: Given,
    /// Configuration file: `read` calls go to its services for real
    #[arg(long)]
    config: Option<PathBuf>,
    /// A file, or the id of a playbook that is there
    name: String,
}

impl DryRun {
    pub fn run(self) -> Outcome {
        let config = self.config.as_ref().map(|p| Config::load(p, std::env::vars())).transpose()?;
        let mut library = match &config {
            Some(config) => crate::sources::playbooks(config)?.0,
            None => files::shipped()?,
        };
        let playbook = files::named(&mut library, &self.name)?;
        let services = config.as_ref().map(services).transpose()?.unwrap_or_default();
        let runtime = runtime()?;
        let real: Rc<RefCell<Vec<String>>> = Rc::default();
        let log = Rc::clone(&real);
        let outside = move |call: &Call| -> Option<Result_> {
            let service = services.iter().find(|s| s.manifests().iter().any(|m| m.name == call.action))?;
            let outcome = runtime.block_on(service.call(call));
            log.borrow_mut().push(match &outcome {
                Result_::Done { outputs } => format!("{} {} gave {}", call.action, show(&call.args), show(outputs)),
                Result_::Failed { code, message, .. } => format!("{} failed: {code} {message}", call.action),
                Result_::Unknown { why } => format!("{}: {why}", call.action),
            });
            Some(outcome)
        };
        let started = Rehearsal::start(&library, &playbook, self.given.script()?, Some(Box::new(outside)));
        let mut rehearsal = match started {
            Ok(r) => r,
            Err(e) => {
                eprintln!("{e}");
                return Ok(ExitCode::from(PROBLEMS));
            }
        };
        rehearsal.finish();
        about(&library, &playbook, config.as_ref())?;
        section("done for real (read only)", &real.borrow())?;
        let done: Vec<String> = real.borrow().iter().filter_map(|r| r.split(' ').next().map(str::to_owned)).collect();
        let mut counted = done;
        let printed = rehearsal.world.calls.iter().filter(|c| {
            // Each real call takes one printed call away; the others were not done.
            let place = counted.iter().position(|name| name.trim_end_matches(':') == c.action);
            place.map(|i| counted.remove(i)).is_none()
        });
        let printed: Vec<String> = printed.map(|c| format!("{} {}", c.action, show(&c.args))).collect();
        section("would be called, not done", &printed)?;
        let run = rehearsal.world.run();
        let status = serde_json::to_value(run.status())?;
        line(&format!(
            "with these answers it ends: {} {}",
            status.as_str().unwrap_or_default().replace('_', " "),
            run.outcome()
        ))?;
        if let Some(f) = run.failure() {
            line(&format!("failed at {}: {} {}", f.step, f.code, f.message))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What the file alone says.
fn about(library: &Library, playbook: &Playbook, config: Option<&Config>) -> anyhow::Result<()> {
    line(&format!("{} {} ({})", playbook.id, playbook.version, playbook.name))?;
    let people = outline::people(playbook).into_iter().map(|(who, steps)| format!("{who}: {}", steps.join(", ")));
    section("people it may reach, and in which steps", &people.collect::<Vec<_>>())?;
    let approvals = outline::approvals(playbook).into_iter().map(|a| {
        let many = if a.quorum > 1 { format!(", {} people", a.quorum) } else { String::new() };
        let not = if a.not_by.is_empty() { String::new() } else { format!(", not by {}", a.not_by.join(", ")) };
        let back = a.inverse.map_or_else(|| "nothing takes it back".to_owned(), |i| format!("taken back by {i}"));
        format!("{}: {} ({}), by {}{many}{not}; {back}", a.step, a.action, a.effect, a.by)
    });
    section("approvals it may need", &approvals.collect::<Vec<_>>())?;
    section("secrets it may use", &playbook.secrets)?;
    match config {
        Some(config) => section("actions that no connector serves", &list::missing(playbook, config))?,
        None => line("connectors: say --config to make read calls for real and to see what is missing\n")?,
    }
    let longest = outline::longest(playbook, library);
    line(&format!("longest: {}", longest.span))?;
    for open in &longest.open_ended {
        line(&format!("  {open}: only the time limit of the run ({}) ends that", playbook.timeout))?;
    }
    line("")?;
    Ok(())
}

fn section(title: &str, lines: &[String]) -> std::io::Result<()> {
    line(title)?;
    for l in lines {
        line(&format!("  {}", l.replace('\n', "\n    ")))?;
    }
    line(if lines.is_empty() { "  none\n" } else { "" })
}

fn services(config: &Config) -> anyhow::Result<Vec<Arc<dyn Actions>>> {
    nightbell_connector_kit::install_tls();
    let http: Arc<dyn Http> = Arc::new(ReqwestHttp::new()?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(crate::wire::services(config, &http, &clock)?.1)
}
