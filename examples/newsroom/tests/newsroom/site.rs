//! An instance of the newsroom for a test: [`Site`].

use std::{fs, time::Duration};

use auth_runtime::{guarded::App, testing::FrozenClock};
use newsroom::Config;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::browser::Browser;

/// When tests begin, in seconds.
pub(crate) const START: u64 = 1_800_000_000;

const MAIL: &str = "mail.txt";

/// An instance on a free port of 127.0.0.1, which ends when this is dropped.
pub(crate) struct Site {
    pub(crate) base: String,
    pub(crate) clock: FrozenClock,
    server: JoinHandle<()>,
    /// Its database and its mail, unless the test has them elsewhere
    folder: TempDir,
}

impl Site {
    /// Starts an instance with an SQLite file of its own.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start_in(folder, None, FrozenClock::at(START), |config| config).await
    }

    /// Starts an instance with a database, a clock and further settings.
    pub(crate) async fn start_with(
        database: &str,
        clock: FrozenClock,
        settings: impl FnOnce(Config) -> Config,
    ) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), Some(database), clock, settings).await
    }

    async fn start_in(
        folder: TempDir,
        database: Option<&str>,
        clock: FrozenClock,
        settings: impl FnOnce(Config) -> Config,
    ) -> Self {
        let own = format!("sqlite:{}", folder.path().join("newsroom.db").display());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let config = settings(config(&base, database.unwrap_or(&own), &clock));
        let config = config.with_mail_file(folder.path().join(MAIL));
        let app = newsroom::app(config).await.unwrap();
        let server = tokio::spawn(async move { newsroom::serve(listener, app).await.unwrap() });
        Self { base, clock, server, folder }
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

impl Site {
    /// Returns the mail with this number, counted from 0, when it has been sent.
    pub(crate) async fn mail(&self, number: usize) -> String {
        let path = self.folder.path().join(MAIL);
        loop {
            // Each message ends with a line of its own; what is half written is not one yet.
            let written = fs::read_to_string(&path).unwrap_or_default();
            let messages: Vec<_> = written.split_inclusive("\n.\n").collect();
            if let Some(message) = messages.get(number).filter(|message| message.ends_with("\n.\n")) {
                return (*message).to_owned();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Returns the path and query of the link in a mail.
    pub(crate) async fn link(&self, number: usize) -> String {
        let mail = self.mail(number).await;
        let line = mail.lines().find_map(|line| line.strip_prefix(&self.base));
        line.unwrap_or_else(|| panic!("no link in {mail}")).to_owned()
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
