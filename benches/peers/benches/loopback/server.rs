//! `Server`: a child process that serves every route on a port of its own, with one thread on one core.

use std::{
    env,
    io::{self, BufRead, BufReader, Write},
    net::Ipv4Addr,
    process::{self, Child, Command, Stdio},
    thread,
    time::Duration,
};

use axum::{Router, http::header::COOKIE, routing::get};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, runtime::Builder, task::JoinSet};

use crate::{
    Result,
    case::Served,
    cases, identities, login,
    target::{self, Target},
};

/// The argument that makes this program the server.
pub(crate) const SERVE: &str = "--serve";

/// The one line of JSON that the server prints as soon as it listens.
#[derive(Deserialize, Serialize)]
struct Listening {
    targets: Vec<Target>,
    /// The port that answers with the processor time of the server, in nanoseconds
    clock: u16,
}

/// Serves these routes until standard input ends, which it does when the parent ends.
pub(crate) fn serve(names: &[&str]) -> Result<()> {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut servers = JoinSet::new();
        let mut listen = async |app: Served| -> Result<u16> {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let port = listener.local_addr()?.port();
            match app {
                Served::Router(router) => servers.spawn(axum::serve(listener, router).into_future()),
                Served::App(app) => servers.spawn(axum::serve(listener, app).into_future()),
            };
            Ok(port)
        };
        let mut cases = cases::all()?;
        cases.extend(identities::all().await?);
        cases.extend(login::all().await?);
        let mut targets = Vec::new();
        for name in names {
            let case = cases.iter().find(|case| case.name == *name).ok_or("no case has this name")?;
            let cookie = case.request.headers.get(COOKIE).ok_or("the case carries no cookie")?;
            targets.push(Target {
                name: case.name.to_owned(),
                headers: case.headers.to_owned(),
                unguarded: targets.iter().all(|other: &Target| other.headers != case.headers),
                credential: format!("cookie: {}", cookie.to_str()?),
                port: listen(case.app.clone()).await?,
            });
        }
        let clock = listen(Router::new().route("/", get(processor_time)).into()).await?;
        writeln!(io::stdout(), "{}", serde_json::to_string(&Listening { targets, clock })?)?;
        servers.join_next().await.ok_or("nothing is served")???;
        Err("a server has ended".into())
    })
}

/// Returns the user and system time of all threads of this process, in nanoseconds.
async fn processor_time() -> String {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default().as_nanos().to_string()
}

/// The running child process; dropping it ends it.
pub(crate) struct Server {
    child: Child,
    listening: Listening,
}

impl Server {
    /// Starts the server on this core, and waits until it listens.
    ///
    /// # Errors
    ///
    /// If the core cannot be used, or the server cannot listen.
    pub(crate) fn start(core: &str) -> Result<Self> {
        let mut child = Command::new("taskset")
            .args(["-c", core])
            .arg(env::current_exe()?)
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("the server has no output")?).read_line(&mut line)?;
        let listening = serde_json::from_str(&line).map_err(|error| format!("no server: {error}"))?;
        Ok(Self { child, listening })
    }

    /// Returns the routes that are served.
    pub(crate) fn targets(&self) -> &[Target] {
        &self.listening.targets
    }

    /// Returns the processor time that the server has used up to now.
    ///
    /// # Errors
    ///
    /// If the server does not respond.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let (_, nanoseconds) = target::get(self.listening.clock, "")?;
        Ok(Duration::from_nanos(nanoseconds.parse()?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
