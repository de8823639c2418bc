//! An instance of the newsroom for a test: [`Site`].

use auth_runtime::{guarded::App, testing::FrozenClock};
use newsroom::Config;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::browser::Browser;

/// When tests begin, in seconds.
pub(crate) const START: u64 = 1_800_000_000;

/// An instance on a free port of 127.0.0.1, which ends when this is dropped.
pub(crate) struct Site {
    pub(crate) base: String,
    pub(crate) clock: FrozenClock,
    server: JoinHandle<()>,
    folder: Option<TempDir>,
}

impl Site {
    /// Starts an instance with an SQLite file of its own.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("newsroom.db").display());
        let mut site = Self::start_with(&database, FrozenClock::at(START), |config| config).await;
        site.folder = Some(folder);
        site
    }

    /// Starts an instance with a database, a clock and further settings.
    pub(crate) async fn start_with(
        database: &str,
        clock: FrozenClock,
        settings: impl FnOnce(Config) -> Config,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let config = settings(config(&base, database, &clock));
        let app = newsroom::app(config).await.unwrap();
        let server = tokio::spawn(async move { newsroom::serve(listener, app).await.unwrap() });
        Self { base, clock, server, folder: None }
    }

    /// Returns a browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// Returns a browser in which a person of the demo is logged in.
    pub(crate) async fn browser_of(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        browser.log_in(name).await;
        browser
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Passwords cost next to nothing here.
fn config(base: &str, database: &str, clock: &FrozenClock) -> Config {
    Config::new(base, database).with_password_costs(8, 1, 1).unwrap().with_clock(clock.clone())
}

/// An application that is not served, with a database of its own.
pub(crate) async fn app() -> (App, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("newsroom.db").display());
    let clock = FrozenClock::at(START);
    (newsroom::app(config("http://127.0.0.1:3000", &database, &clock)).await.unwrap(), folder)
}
