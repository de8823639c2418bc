//! Measures building a router of many routes and computing its access table.
//!
//! ```text
//! cargo bench --bench router             # 1,000 routes
//! cargo bench --bench router -- --quick  # few rounds, for a look
//! ```

use std::{env, hint::black_box, io, io::Write, time::Instant};

use auth_runtime::{
    Acl, AuthLayer, KeyRing, TicketCookie,
    access::Day,
    acl, acl_required,
    clock::{Clock, SystemClock},
    guarded,
};

const ROUTES: usize = 1_000;
const ROUNDS: usize = 30;
const QUICK_ROUNDS: usize = 3;

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["view", "comment"]),
    (Allow, Group("editors"), ["view", "comment", "edit"]),
];

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

fn paths() -> Vec<String> {
    (0..ROUTES).map(|number| format!("/section{}/articles{number}/{{id}}", number % 10)).collect()
}

fn auth() -> AuthLayer {
    AuthLayer::new(TicketCookie::new(KeyRing::random()))
}

fn by_axum(paths: &[String]) -> axum::Router {
    use axum::routing::get;
    paths
        .iter()
        .fold(axum::Router::new(), |router, path| router.route(path, get(view).put(edit)))
        .layer(auth())
}

fn guarded(paths: &[String]) -> guarded::Router {
    use guarded::get;
    paths.iter().fold(guarded::Router::new(), |router, path| router.route(path, get(view).put(edit)))
}

/// Returns the duration in milliseconds.
fn milliseconds<T>(act: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(act());
    start.elapsed().as_secs_f64() * 1e3
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> io::Result<()> {
    let has = |name: &str| env::args().any(|argument| argument == name);
    // `cargo test` runs benchmarks too; nothing in them may depend on time.
    if !has("--bench") {
        return Ok(());
    }
    let today = Day::of(SystemClock.now());
    let paths = paths();
    let routes = guarded(&paths);
    let rounds = if has("--quick") { QUICK_ROUNDS } else { ROUNDS };
    let mut times: [Vec<f64>; 5] = Default::default();
    for _ in 0..rounds {
        let round = [
            milliseconds(|| by_axum(&paths)),
            milliseconds(|| guarded(&paths).with_auth(auth())),
            milliseconds(|| routes.access()),
            milliseconds(|| routes.access().to_markdown()),
            milliseconds(|| routes.access().findings(today)),
        ];
        for (all, one) in times.iter_mut().zip(round) {
            all.push(one);
        }
    }
    let names = [
        "axum's router with its layer",
        "guarded::Router with its layer",
        "its table",
        "the table as Markdown",
        "the findings",
    ];
    let mut out = io::stdout().lock();
    writeln!(out, "| {ROUTES} routes of two methods | ms |\n|---|--:|")?;
    for (name, times) in names.into_iter().zip(times) {
        writeln!(out, "| {name} | {:.2} |", median(times))?;
    }
    Ok(())
}
