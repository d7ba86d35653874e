//! The figures as text.

use super::slack_load::Times;
use super::slack_subjects::{Subject, Whose};
use super::{Round, way};

/// What it runs on.
pub fn machine() {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or("\t: unknown");
    let cores = info.lines().filter(|l| l.starts_with("processor")).count();
    println!(
        "machine: {cores} x {}, Linux {}, load {}",
        model.trim_start_matches(['\t', ' ', ':']),
        read("/proc/sys/kernel/osrelease").trim(),
        read("/proc/loadavg").split(' ').next().unwrap_or_default()
    );
}

/// One round.
pub fn line(n: usize, r: &Round) {
    let steady = r.steady.as_ref().map_or_else(String::new, |(rate, t, cpu)| {
        format!("; at {rate}/s {cpu:.3} ms CPU, p50 {:.2}, p99 {:.2}, slowest {:.1} ms", t.p50, t.p99, t.max)
    });
    let lost = if r.lost > 0 { format!("; gave up {} connections", r.lost) } else { String::new() };
    println!(
        "  {n} {:6} {:32} {:.3} ms CPU, {:6.0}/s, p50 {:.2}, p99 {:.2} ms{steady}; {:.0} MB{lost}",
        way(r.subject),
        r.subject.name(),
        r.cpu,
        r.rate,
        r.closed.p50,
        r.closed.p99,
        r.peak
    );
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median of a figure over the rounds of a subject; `None` when it was not measured.
fn of(all: &[Round], s: Subject, figure: impl Fn(&Round) -> f64) -> Option<f64> {
    let figures: Vec<f64> = all.iter().filter(|r| r.subject == s).map(figure).collect();
    (!figures.is_empty()).then(|| median(figures))
}

/// Medians of the rounds, and how many times more processor time than ours each takes.
pub fn table(all: &[Round]) {
    println!("\nmedians; `x ours` is processor time per event beside ours over the same way, 64 under way");
    println!(
        "| way | what | ms CPU per event | x ours | events/s | p50 ms | p99 ms | steady rate: p50, p99 ms | peak MB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for s in Subject::all() {
        let Some(cpu) = of(all, s, |r| r.cpu) else { continue };
        let figure = |f: &dyn Fn(&Round) -> f64| of(all, s, f).unwrap_or(f64::NAN);
        let steady = |f: &dyn Fn(&Times) -> f64| figure(&|r| r.steady.as_ref().map_or(f64::NAN, |(_, t, _)| f(t)));
        println!(
            "| {} | {} | {cpu:.3} | {:.1} | {:.0} | {:.2} | {:.2} | {:.0}/s: {:.2}, {:.2} | {:.0} |",
            way(s),
            s.name(),
            cpu / ours(all, s.socket),
            figure(&|r| r.rate),
            figure(&|r| r.closed.p50),
            figure(&|r| r.closed.p99),
            figure(&|r| r.steady.as_ref().map_or(f64::NAN, |(rate, _, _)| *rate as f64)),
            steady(&|t| t.p50),
            steady(&|t| t.p99),
            figure(&|r| r.peak)
        );
    }
    for socket in [false, true] {
        goals(all, socket);
    }
}

fn ours(all: &[Round], socket: bool) -> f64 {
    of(all, Subject { whose: Whose::Ours, socket, durable: true }, |r| r.cpu).unwrap_or(f64::NAN)
}

/// The fastest framework of each kind beside ours.
fn goals(all: &[Round], socket: bool) {
    for (durable, goal) in [(false, 5.0), (true, 12.0)] {
        let others = [Whose::Node, Whose::Python].map(|whose| Subject { whose, socket, durable });
        let fastest = others.into_iter().filter_map(|s| Some((of(all, s, |r| r.cpu)?, s)));
        let Some((cpu, s)) = fastest.min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        println!("{}: {:.1} times less CPU than {} (goal: {goal})", way(s), cpu / ours(all, socket), s.name());
    }
    let Some(s) = Subject::all().into_iter().find(|s| s.whose == Whose::Ours && s.socket == socket) else { return };
    if let Some(p99) = of(all, s, |r| r.steady.as_ref().map_or(f64::NAN, |(_, t, _)| t.p99)) {
        let rate = of(all, s, |r| r.steady.as_ref().map_or(0.0, |(rate, _, _)| *rate as f64)).unwrap_or(0.0);
        println!("{}: p99 {p99:.2} ms at {rate:.0} events/s (goal: below 10 ms at 5000)", way(s));
    }
}

/// 200 at once beside a desk that hangs.
pub fn burst(way: &str, bursts: &[Times], said: &str) {
    let each: Vec<String> = bursts.iter().map(|t| format!("{:.1}", t.max)).collect();
    println!(
        "{way}: 200 events at once while the desk hangs, slowest acknowledgement of each of 5 bursts: {} ms (goal: below 100); {said}",
        each.join(", ")
    );
}
