//! [`Chromium`]: a headless browser with a profile of its own, and its driver.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{
    By, ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver, WindowHandle,
    extensions::query::{ElementPollerWithTimeout, ElementQueryable as _},
};

/// SHA-256 of the public key of the servers' certificate: the browser trusts it as it trusts that of a real
/// server.
const TRUSTED_KEY: &str = "Tm/YDxCj3XwoxWE/7+AxNypEcFWbDBsfIF2h/FLIzBU=";

/// A browser that runs until this is dropped. Its profile is new.
pub struct Chromium {
    _driver: Driver,
    pub web: WebDriver,
    _profile: TempDir,
}

/// The process of `ChromeDriver`. The browser ends with it, since the pipe between them is closed.
struct Driver {
    process: Child,
    /// Kept open: the driver writes to it
    _output: BufReader<ChildStdout>,
    address: String,
}

impl Driver {
    /// Starts it on a free loopback port.
    fn start() -> Option<Self> {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        while output.read_line(&mut line).unwrap() > 0 {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                let port = port.trim().trim_end_matches('.');
                return Some(Self { process, _output: output, address: format!("http://127.0.0.1:{port}") });
            }
            line.clear();
        }
        panic!("chromedriver does not start");
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join("chromium")).find(|path| path.is_file())
}

impl Chromium {
    /// Starts a browser that finds these hosts at these ports of this machine, and no others. Without the
    /// programs, a message says what was left out; where `REQUIRE_SERVICES` is set, that is a failure.
    pub async fn start(hosts: &[(&str, u16)]) -> Option<Self> {
        Self::start_with(hosts, &json!({})).await
    }

    /// Starts a browser with these preferences.
    pub async fn start_with(hosts: &[(&str, u16)], preferences: &Value) -> Option<Self> {
        let (Some(program), Some(driver)) = (program(), Driver::start()) else {
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            assert!(
                env::var_os("REQUIRE_SERVICES").is_none(),
                "`{test}` wants chromium and chromedriver: install them, or unset REQUIRE_SERVICES"
            );
            // Not `eprintln!`, which the test harness captures when the test passes.
            let _ = writeln!(
                std::io::stderr(),
                "LEFT OUT: `{test}` wants the programs chromium and chromedriver."
            );
            return None;
        };
        let profile = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let rules = hosts.iter().map(|(host, port)| format!("MAP {host} 127.0.0.1:{port}"));
        let rules: Vec<String> = rules.chain(["MAP * ~NOTFOUND, EXCLUDE 127.0.0.1".to_owned()]).collect();
        let mut capabilities = DesiredCapabilities::chrome();
        capabilities.set_binary(program.to_str().unwrap()).unwrap();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--no-proxy-server",
            // Not a port, so that a browser without its driver ends.
            "--remote-debugging-pipe",
            &format!("--user-data-dir={}", profile.path().display()),
            &format!("--host-resolver-rules={}", rules.join(", ")),
            &format!("--ignore-certificate-errors-spki-list={TRUSTED_KEY}"),
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        capabilities.add_experimental_option("prefs", preferences).unwrap();
        let poller = ElementPollerWithTimeout::new(Duration::from_secs(30), Duration::from_millis(50));
        let web = WebDriver::builder(&driver.address, capabilities).poller(Arc::new(poller)).await.unwrap();
        Some(Self { _driver: driver, web, _profile: profile })
    }

    /// Ends the browser, and waits until it has ended.
    pub async fn quit(self) {
        self.web.clone().quit().await.unwrap();
    }

    pub async fn open(&self, address: &str) {
        self.web.goto(address).await.unwrap();
    }

    /// Clicks on the button or link with this label.
    pub async fn press(&self, label: &str) {
        let path = format!("//*[self::button or self::a][normalize-space()='{label}']");
        self.web.query(By::XPath(path)).first().await.unwrap().click().await.unwrap();
    }

    /// Waits until the page has this text.
    pub async fn sees(&self, text: &str) {
        let path = format!("//body//*[text()[contains(normalize-space(.), '{text}')]]");
        let is_there = self.web.query(By::XPath(path)).first().await.is_ok();
        assert!(is_there, "no `{text}` at {}: {}", self.address().await, self.web.source().await.unwrap());
    }

    pub async fn address(&self) -> String {
        self.web.current_url().await.unwrap().into()
    }

    /// The text of the page.
    pub async fn text(&self) -> String {
        self.web.query(By::Css("body")).first().await.unwrap().text().await.unwrap()
    }

    /// The code on the page of a failure.
    pub async fn code(&self) -> String {
        self.web.query(By::Css("main code")).first().await.unwrap().text().await.unwrap()
    }

    pub async fn go_to_tab(&self, tab: &WindowHandle) {
        self.web.switch_to_window(tab.clone()).await.unwrap();
    }

    /// Sends a command of the Chrome `DevTools` Protocol.
    pub async fn tell(&self, method: &str, parameters: Value) -> Value {
        self.web.cdp().send_raw(method, parameters).await.unwrap()
    }

    /// The cookies of all sites whose names begin like this.
    pub async fn cookies(&self, prefix: &str) -> Vec<Value> {
        let all = self.tell("Storage.getCookies", json!({})).await;
        let all = all["cookies"].as_array().unwrap().iter();
        all.filter(|cookie| cookie["name"].as_str().unwrap().starts_with(prefix)).cloned().collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Its driver is killed next, and must not be asked to end the session.
        let _ = self.web.clone().leak();
    }
}
