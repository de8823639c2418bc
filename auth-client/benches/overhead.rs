//! Measures the cost of authorization: per request, compared with a bare `reqwest` client, and for a thousand
//! tasks with one expired token.
//!
//! ```text
//! cargo bench -p auth-client --features middleware --bench overhead
//! cargo bench -p auth-client --features middleware --bench overhead -- --quick
//! ```
//!
//! Both clients use one server on the loopback address and alternate by round. It prints the median time of a
//! request; only differences within one run are meaningful. The counts are exact and asserted by
//! `a_thousand_tasks_make_one_request` and `an_endless_401_is_at_most_two_requests`.

use std::{
    env,
    error::Error,
    io::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use auth_client::{
    AuthorizedClient, Authorizer as _, ClientCredentials, Environment, OAuthClient, Origin, Provider,
    TokenAuthorizer,
};
use axum::{Router, http::StatusCode, routing::get};
use tokio::net::TcpListener;

const ROUNDS: usize = 300;
const QUICK_ROUNDS: usize = 20;
/// The number of requests per client and round.
const TURN: u32 = 20;
const TASKS: usize = 1000;

/// Returns an authorizer whose authorization server is a closure that counts requests.
fn authorizer(count: &Arc<AtomicUsize>) -> Result<TokenAuthorizer<ClientCredentials>, Box<dyn Error>> {
    let counter = Arc::clone(count);
    let http = move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        async {
            // The response time of a nearby server.
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok(http::Response::new(
                br#"{"access_token":"token","token_type":"Bearer","expires_in":3600}"#.to_vec(),
            ))
        }
    };
    let provider = Provider::new("https://login.example.com/token")?;
    let client = OAuthClient::in_environment(provider, "bench", Environment::with_http_client(http))
        .with_secret("secret");
    Ok(TokenAuthorizer::new(ClientCredentials::new(client)))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len().div_euclid(2)).copied().unwrap_or_default()
}

async fn overhead(address: &str, rounds: usize, out: &mut impl io::Write) -> Result<(), Box<dyn Error>> {
    let count = Arc::new(AtomicUsize::new(0));
    let bare = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let authorized = AuthorizedClient::new(authorizer(&count)?, [Origin::parse(address)?])
        .build(reqwest::Client::builder())?;
    let (mut alone, mut with) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // Alternate the order: the first client finds colder caches.
        for is_bare in [round % 2 == 0, round % 2 != 0] {
            let start = Instant::now();
            for _ in 0..TURN {
                let answer = if is_bare {
                    bare.get(address).header("authorization", "Bearer token").send().await?
                } else {
                    authorized.get(address).send().await?
                };
                answer.error_for_status()?.bytes().await?;
            }
            let times = if is_bare { &mut alone } else { &mut with };
            times.push(start.elapsed().div_f64(f64::from(TURN)));
        }
    }
    let (alone, with) = (median(alone), median(with));
    let difference = (with.as_secs_f64() - alone.as_secs_f64()) * 1e6;
    writeln!(out, "a request, bare reqwest          {alone:>12.2?}")?;
    writeln!(out, "a request, authorized            {with:>12.2?}")?;
    writeln!(out, "difference                       {difference:>10.2}µs")?;
    writeln!(out, "requests for a token             {:>12}", count.load(Ordering::Relaxed))?;
    Ok(())
}

async fn stampede(out: &mut impl io::Write) -> Result<(), Box<dyn Error>> {
    let count = Arc::new(AtomicUsize::new(0));
    let authorizer = Arc::new(authorizer(&count)?);
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        let authorizer = Arc::clone(&authorizer);
        tasks.spawn(async move { authorizer.authorize().await });
    }
    while let Some(answer) = tasks.join_next().await {
        answer??;
    }
    writeln!(out, "{TASKS} tasks without a token        {:>12.2?}", start.elapsed())?;
    writeln!(out, "requests for a token             {:>12}", count.load(Ordering::Relaxed))?;
    let rounds = 100_000_u32;
    let start = Instant::now();
    for _ in 0..rounds {
        authorizer.authorize().await?;
    }
    writeln!(out, "authorize with a good token      {:>12.2?}", start.elapsed().div_f64(f64::from(rounds)))?;
    Ok(())
}

async fn refusals(address: &str, out: &mut impl io::Write) -> Result<(), Box<dyn Error>> {
    let count = Arc::new(AtomicUsize::new(0));
    let client = AuthorizedClient::new(authorizer(&count)?, [Origin::parse(address)?])
        .build(reqwest::Client::builder())?;
    client.get(address).send().await?;
    writeln!(out, "401 for ever: requests for a token {:>10}", count.load(Ordering::Relaxed))?;
    Ok(())
}

async fn serve(status: StatusCode, seen: Arc<AtomicUsize>) -> Result<String, Box<dyn Error>> {
    let answer = move || {
        seen.fetch_add(1, Ordering::Relaxed);
        async move { status }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", get(answer))).await });
    Ok(address)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rounds = if env::args().any(|word| word == "--quick") { QUICK_ROUNDS } else { ROUNDS };
    let mut out = io::stdout().lock();
    overhead(&serve(StatusCode::OK, Arc::default()).await?, rounds, &mut out).await?;
    stampede(&mut out).await?;
    let seen = Arc::new(AtomicUsize::new(0));
    refusals(&serve(StatusCode::UNAUTHORIZED, Arc::clone(&seen)).await?, &mut out).await?;
    writeln!(out, "401 for ever: requests             {:>10}", seen.load(Ordering::Relaxed))?;
    Ok(())
}
