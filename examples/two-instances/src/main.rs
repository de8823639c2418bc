//! Two server processes and one Redis: "log out everywhere" on one instance is effective on the other
//! immediately.
//!
//! Run with
//!
//! ```text
//! cargo run -p two-instances
//! ```
//!
//! It uses the server at `REDIS_URL`, or starts `redis-server` on a free port. It logs a user in on one
//! instance, uses the ticket on the other, logs the user out everywhere on the first, and prints how long the
//! second still accepted the ticket.

use std::{
    env,
    error::Error,
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use auth_runtime::{
    Auth, AuthError, AuthLayer, BoxError, Key, KeyRing, TicketCookie, UserId, allow_anonymous, auth_required,
    guarded::{App, Router, get, post},
    revocation::{RedisRevocation, Revocation},
};
use reqwest::{Client, StatusCode, header};

/// Tells a process to be an instance.
const INSTANCE: &str = "TWO_INSTANCES_REDIS_URL";

/// Both instances need the same key. An application loads it from its secret store.
const KEY: &str = "erTRsoysyZcFH4Rjdl6NDaGVd2Uun5Sx3a3R0Q1D46o=";

#[allow_anonymous(reason = "users log in here")]
async fn login(auth: Auth) -> Result<&'static str, AuthError> {
    // the application checks a password here
    auth.remember("alice").await?;
    Ok("logged in\n")
}

#[auth_required]
async fn profile(user: UserId) -> String {
    format!("hello {user}\n")
}

#[auth_required]
async fn log_out_everywhere(auth: Auth) -> Result<&'static str, AuthError> {
    auth.log_out_everywhere().await?;
    Ok("logged out everywhere\n")
}

/// Returns the routes. A handler without a guard would not compile.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/profile", get(profile))
        .route("/log_out_everywhere", post(log_out_everywhere))
}

/// Returns the application.
pub(crate) fn app(revocation: impl Revocation, keys: KeyRing) -> App {
    routes().with_auth(AuthLayer::new(TicketCookie::new(keys)).with_revocation(revocation))
}

/// Serves the application on a free port and prints its address.
pub(crate) async fn serve(redis: &str) -> Result<(), BoxError> {
    let revocation = RedisRevocation::connect(redis).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(revocation, KeyRing::new(Key::from_base64(KEY)?))).await?;
    Ok(())
}

/// An instance in its own process, which ends when this is dropped.
pub(crate) struct Instance {
    process: Child,
    address: String,
}

impl Instance {
    /// Starts a program that calls [`serve`].
    pub(crate) fn start(program: &mut Command, redis: &str) -> Result<Self, BoxError> {
        let mut process = program.env(INSTANCE, redis).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("the instance has no output")?;
        let mut instance = Self { process, address: String::new() };
        for line in BufReader::new(output).lines() {
            // A test harness may have begun the line.
            if let Some((_, address)) = line?.split_once("listening on ") {
                address.clone_into(&mut instance.address);
                return Ok(instance);
            }
        }
        Err("the instance ended before it listened".into())
    }

    async fn ask(
        &self,
        client: &Client,
        method: &str,
        path: &str,
        cookie: &str,
    ) -> Result<StatusCode, BoxError> {
        Ok(self.send(client, method, path, cookie).await?.status())
    }

    async fn send(
        &self,
        client: &Client,
        method: &str,
        path: &str,
        cookie: &str,
    ) -> Result<reqwest::Response, BoxError> {
        let request = client.request(method.parse()?, format!("{}{path}", self.address));
        Ok(request.header(header::COOKIE, cookie).send().await?)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Logs a user in on one instance and out everywhere; returns how long the other still accepted the ticket.
pub(crate) async fn log_out_on_one(one: &Instance, other: &Instance) -> Result<Duration, BoxError> {
    let client = Client::new();
    let login = one.send(&client, "POST", "/login", "").await?;
    let ticket = login.headers().get(header::SET_COOKIE).ok_or("the log-in sets no cookie")?.to_str()?;
    let ticket = ticket.split(';').next().unwrap_or_default();
    for instance in [one, other] {
        let status = instance.ask(&client, "GET", "/profile", ticket).await?;
        if status != StatusCode::OK {
            return Err(format!("a fresh ticket is answered with {status}").into());
        }
    }
    let status = one.ask(&client, "POST", "/log_out_everywhere", ticket).await?;
    if status != StatusCode::OK {
        return Err(format!("the log-out is answered with {status}").into());
    }
    let done = Instant::now();
    while other.ask(&client, "GET", "/profile", ticket).await? != StatusCode::UNAUTHORIZED {
        if done.elapsed() > Duration::from_secs(10) {
            return Err("the other instance has not heard of it for 10 seconds".into());
        }
    }
    Ok(done.elapsed())
}

/// A Redis server that belongs to this example.
struct OwnRedis {
    process: Child,
    address: String,
}

impl OwnRedis {
    fn start() -> Result<Self, BoxError> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new("redis-server");
        command.args([
            "--bind",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--save",
            "",
            "--appendonly",
            "no",
        ]);
        let process = command.stdout(Stdio::null()).spawn().map_err(|error| {
            format!("there is no Redis: set REDIS_URL, or install redis-server ({error})")
        })?;
        let own = Self { process, address: format!("redis://127.0.0.1:{port}") };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(own);
            }
            thread::sleep(Duration::from_millis(25));
        }
        Err("redis-server does not answer".into())
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    if let Ok(redis) = env::var(INSTANCE) {
        return serve(&redis).await;
    }
    let own = if env::var_os("REDIS_URL").is_none() { Some(OwnRedis::start()?) } else { None };
    let redis = match &own {
        Some(own) => own.address.clone(),
        None => env::var("REDIS_URL")?,
    };
    let start = || Instance::start(&mut Command::new(env::current_exe()?), &redis);
    let (one, other) = (start()?, start()?);
    println!("one instance at {}, another at {}", one.address, other.address);
    for _ in 0..5 {
        let lag = log_out_on_one(&one, &other).await?;
        println!(
            "logged out everywhere on the one; refused by the other {:.1} ms later",
            lag.as_secs_f64() * 1e3
        );
    }
    Ok(())
}
