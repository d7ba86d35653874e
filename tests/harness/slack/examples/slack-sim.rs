//! The workspace as a program: prints where it is and its tokens as one JSON line, and runs until it is ended.

use clap::Parser;
use nightbell_slack_sim::{Address, Options, Secrets, Server, SlackState, random_seed};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// A Slack workspace on 127.0.0.1, for tests.
#[derive(Debug, Parser)]
#[command(name = "slack-sim")]
struct Args {
    /// Port; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// JSON file with `bot_token`, `app_token` and `signing_secret`. Without it they are new at each start.
    #[arg(long, value_name = "FILE")]
    api_token_file: Option<PathBuf>,
    /// Let programs drive it below /_sim/.
    #[arg(long)]
    control: bool,
    /// Seed of all ids; random without it.
    #[arg(long)]
    seed: Option<u64>,
    /// Deliver over HTTP to this URL instead of over sockets.
    #[arg(long, value_name = "URL")]
    deliver: Option<String>,
    /// Seconds after which an unacknowledged event comes again, three numbers.
    #[arg(long, value_delimiter = ',', num_args = 1.., default_values_t = [3.0, 60.0, 300.0])]
    redeliver: Vec<f64>,
    /// Send so many messages as soon as a socket is open ...
    #[arg(long, default_value_t = 0)]
    storm: u32,
    /// ... and a `disconnect` so many seconds after each of the first `--disconnects` sockets was opened.
    #[arg(long, default_value_t = 1.0)]
    disconnect_after: f64,
    /// How many sockets are asked to come back.
    #[arg(long, default_value_t = 0)]
    disconnects: u64,
    /// Append every body that the app sends to this file.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Refuse calls over Slack's rate limits.
    #[arg(long)]
    enforce_limits: bool,
}

fn secrets(file: &PathBuf) -> Result<Secrets, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let v: Value = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
    let of = |key: &str| {
        let given = v[key].as_str().map(str::to_owned);
        given.ok_or_else(|| format!("{}: `{key}` is missing", file.display()))
    };
    Ok(Secrets { bot_token: of("bot_token")?, app_token: of("app_token")?, signing_secret: of("signing_secret")? })
}

async fn run(args: Args) -> Result<(), String> {
    let mut state = SlackState::new(args.seed.unwrap_or_else(random_seed));
    if let Some(file) = &args.api_token_file {
        state.set_secrets(secrets(file)?);
    }
    state.redeliver_after = args.redeliver.try_into().map_err(|_| "--redeliver takes three numbers")?;
    state.enforce_limits(args.enforce_limits);
    if let Some(file) = &args.record {
        state.record(file).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    let secrets = state.secrets.clone();
    let options = Options {
        port: args.port,
        control: args.control,
        push: args.deliver.as_deref().map(Address::all),
        ..Options::new(state)
    };
    let server = Server::start(options).await.map_err(|e| format!("port {}: {e}", args.port))?;
    let known = server.with(|s, _| json!({ "team_id": s.team_id, "app_id": s.app_id, "bot_user": s.bot_user }));
    println!(
        "{}",
        json!({ "api": server.api_url(), "control": args.control.then(|| format!("{}/_sim/", server.base())),
        "bot_token": secrets.bot_token, "app_token": secrets.app_token, "signing_secret": secrets.signing_secret,
        "workspace": known })
    );
    let script = async {
        let mut told = 0;
        while told < args.disconnects || (told == 0 && args.storm > 0) {
            server
                .wait_until(|_| server.sockets_so_far() > told && server.sockets() > 0, Duration::from_hours(24))
                .await;
            if told == 0 {
                server.with(|s, now| {
                    (0..args.storm).try_for_each(|n| s.say(now, "U1", "C1", &format!("storm {n}")).map(|_| ()))
                })?;
            }
            told = server.sockets_so_far();
            if told <= args.disconnects {
                tokio::time::sleep(Duration::from_secs_f64(args.disconnect_after.clamp(0.0, 3_600.0))).await;
                server.disconnect("refresh_requested");
            }
        }
        Ok::<(), String>(())
    };
    tokio::select! {
        done = async { script.await?; std::future::pending::<Result<(), String>>().await } => done,
        ended = tokio::signal::ctrl_c() => ended.map_err(|e| e.to_string()),
    }
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run(Args::parse()).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("slack-sim: {e}");
            std::process::ExitCode::FAILURE
        }
    }
}
