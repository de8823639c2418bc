//! Measures guards end to end: `wrk` loads real servers on the loopback interface, one route after the other.
//!
//! ```text
//! cargo bench --manifest-path benches/peers/Cargo.toml --bench loopback             # about 2 minutes
//! cargo bench --manifest-path benches/peers/Cargo.toml --bench loopback -- --quick  # about 15 seconds
//! ```
//!
//! `--rounds 9`, `--seconds 1` (of each route in a round) and `--connections 16` are the defaults.
//!
//! All servers run in one child process with one thread, pinned to the first core that this process may
//! use; `wrk` is pinned to the last. Each round loads every route in turn. Every ratio compares a route
//! with the unguarded route that gets the same headers in the same round; the table shows medians and,
//! in brackets, the smallest and the largest of all rounds. The processor time of the server per
//! request is the steadier figure: it does not depend on how fast the client is.
//!
//! "core busy" is the share of the time in which the server used its core. Where it is well below
//! 100 %, other processes took the core or the client was the limit, and the requests per second say
//! nothing about the guard. The measurement is left out where `wrk`, `taskset` or a second core is
//! missing.

#[path = "../../guard/by_hand.rs"]
mod by_hand;
#[expect(dead_code, reason = "its routes are served here, not called")]
#[path = "../../guard/case.rs"]
mod case;
#[path = "../../guard/cases.rs"]
mod cases;
#[path = "../../guard/identities.rs"]
mod identities;
mod login;
#[path = "../../guard/noop.rs"]
mod noop;
#[path = "loopback/report.rs"]
mod report;
#[path = "loopback/server.rs"]
mod server;
#[path = "loopback/target.rs"]
mod target;
#[path = "loopback/wrk.rs"]
mod wrk;

use std::{env, error::Error, fs};

use report::Sample;
use server::Server;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// The routes that are measured, in this order: the first with the same headers is unguarded.
const ROUTES: [&str; 12] = [
    "unguarded, case b's cookie",
    cases::UNIT,
    "unguarded, ticket",
    cases::STRICT_READY,
    cases::READY,
    cases::STRICT,
    cases::WHOLE,
    "unguarded, session",
    "session in memory",
    "unguarded, axum-login's cookie",
    "axum-login: login_required!",
    "axum-login: permission_required!",
];

/// How long and how hard each route is loaded.
struct Settings {
    rounds: usize,
    seconds: u32,
    connections: u32,
}

impl Settings {
    fn of(arguments: &[String]) -> Result<Self> {
        let quick = arguments.iter().any(|argument| argument == "--quick");
        Ok(Self {
            rounds: value(arguments, "--rounds", if quick { 1 } else { 9 })?,
            seconds: value(arguments, "--seconds", 1)?,
            connections: value(arguments, "--connections", 16)?,
        })
    }
}

/// Returns the positive number that follows an option.
fn value<N: TryFrom<u32>>(arguments: &[String], name: &str, default: u32) -> Result<N> {
    let at = arguments.iter().position(|argument| argument == name);
    let text = at.map(|at| arguments.iter().skip(at).nth(1).map_or("", String::as_str));
    let number = text.map_or(Ok(default), str::parse).ok().filter(|number| *number > 0);
    let number = number.and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| format!("`{name}` takes a positive number").into())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if has(server::SERVE) {
        return server::serve(&ROUTES);
    }
    // `cargo test` runs benchmarks, too; nothing there may depend on time.
    if !has("--bench") {
        return Ok(());
    }
    let settings = Settings::of(&arguments)?;
    let Some(cores) = cores() else {
        eprintln!("loopback: left out; this process may use one core only, and it takes two");
        return Ok(());
    };
    for (tool, package) in [("wrk", "wrk"), ("taskset", "util-linux")] {
        if !wrk::is_installed(tool) {
            eprintln!("loopback: left out; `{tool}` is not installed (Debian: `apt-get install {package}`)");
            return Ok(());
        }
    }
    measure(&settings, &cores)
}

/// Returns the cores of the server and of the client: the first and the last that this process may use.
///
/// They do not share a physical core where there are more than two.
fn cores() -> Option<[String; 2]> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?.trim();
    let mut cores = list.split([',', '-']);
    let first = cores.next()?;
    Some([first.to_owned(), cores.next_back()?.to_owned()])
}

fn measure(settings: &Settings, [server_core, client_core]: &[String; 2]) -> Result<()> {
    let Settings { rounds, seconds, connections } = *settings;
    eprintln!(
        "loopback: {} routes, {rounds} round(s), {seconds} s each, {connections} connections; \
         server on core {server_core}, wrk on core {client_core}",
        ROUTES.len()
    );
    let server = Server::start(server_core)?;
    for target in server.targets() {
        target.verify()?;
    }
    let mut samples: Vec<Vec<Sample>> = server.targets().iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (target, samples) in server.targets().iter().zip(&mut samples) {
            let before = server.processor_time()?;
            let load = wrk::load(client_core, target, settings)?;
            let spent = server.processor_time()?.saturating_sub(before);
            samples.push(Sample::new(&load, spent));
        }
    }
    report::print(server.targets(), &samples)
}
