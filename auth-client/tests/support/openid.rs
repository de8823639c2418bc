//! A real `OpenID` Provider, the npm package `oidc-provider`, and a minimal browser.
//!
//! Without Node the tests that need it are skipped, and say so. If `REQUIRE_SERVICES` is set, as in CI, they
//! fail instead.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    collections::HashMap,
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;
use url::Url;

/// A provider that runs until this is dropped.
pub(crate) struct OpenId {
    process: Child,
    /// Kept open: the provider writes to it and would end if the pipe were closed.
    _output: BufReader<ChildStdout>,
    pub(crate) issuer: String,
    /// The private key of the client `signer`, in PEM.
    pub(crate) key: String,
}

impl OpenId {
    /// Starts a provider whose access tokens have this lifetime, in seconds.
    pub(crate) fn start(lifetime: u32) -> Option<Self> {
        Self::start_with(&[("TOKEN_LIFETIME", &lifetime.to_string())])
    }

    /// Starts a provider with these settings of `provider.mjs`.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Option<Self> {
        let Some(folder) = installed() else {
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            assert!(
                env::var_os("REQUIRE_SERVICES").is_none(),
                "`{test}` wants Node and npm: install them, or unset REQUIRE_SERVICES"
            );
            // Not `eprintln!`, which the test harness captures when the test passes.
            let _ = writeln!(
                std::io::stderr(),
                "LEFT OUT: `{test}` wants an OpenID provider, and there is no Node, or npm failed."
            );
            return None;
        };
        let mut process = Command::new("node")
            .arg("provider.mjs")
            .current_dir(folder)
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Some(Self { process, _output: output, issuer: text("issuer"), key: text("key") })
    }
}

impl Drop for OpenId {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Installs the package under the target folder once; other tests wait.
fn installed() -> Option<PathBuf> {
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !node.is_ok_and(|status| status.success()) {
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../auth-client/tests/provider");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openid-provider");
    fs::create_dir_all(&folder).unwrap();
    let lock = fs::File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let list = fs::read(source.join("package-lock.json")).unwrap();
    let is_installed = fs::read(folder.join(".installed")).is_ok_and(|installed| installed == list);
    for name in ["package.json", "package-lock.json", "provider.mjs"] {
        // A provider that starts meanwhile must not read half a file.
        let text = fs::read(source.join(name)).unwrap();
        if !fs::read(folder.join(name)).is_ok_and(|copy| copy == text) {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    if !is_installed {
        let npm = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !npm.is_ok_and(|status| status.success()) {
            return None;
        }
        fs::write(folder.join(".installed"), list).unwrap();
    }
    Some(folder)
}

/// A browser with cookies that follows redirects and submits forms.
pub(crate) struct Browser {
    client: reqwest::Client,
    cookies: HashMap<String, String>,
}

/// The address of the browser and the content of the page.
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) text: String,
}

impl Page {
    /// Returns the value of an attribute in the first tag that contains this text.
    fn attribute(&self, tag: &str, name: &str) -> Option<String> {
        let tag = self.text.split('<').find(|piece| piece.split('>').next().unwrap().contains(tag))?;
        let rest = tag.split_once(&format!("{name}=\""))?.1;
        Some(rest.split('"').next()?.replace("&amp;", "&"))
    }
}

impl Default for Browser {
    fn default() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, cookies: HashMap::new() }
    }
}

impl Browser {
    /// Fetches pages until a response is not a redirect.
    async fn go(&mut self, mut request: reqwest::RequestBuilder) -> Page {
        loop {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
            for cookie in answer.headers().get_all("set-cookie") {
                let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
            }
            let url = answer.url().clone();
            match answer.headers().get("location") {
                Some(location) => {
                    request = self.client.get(url.join(location.to_str().unwrap()).unwrap());
                }
                None => return Page { url, text: answer.text().await.unwrap() },
            }
        }
    }

    pub(crate) async fn open(&mut self, url: &Url) -> Page {
        self.go(self.client.get(url.clone())).await
    }

    async fn submit(&mut self, page: &Page, values: &[(&str, &str)]) -> Page {
        let action = page.attribute("form ", "action").unwrap_or_else(|| panic!("no form in {}", page.text));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish();
        let request = self.client.post(page.url.join(&action).unwrap());
        self.go(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
    }

    /// Logs in and consents; returns the final page.
    pub(crate) async fn log_in(&mut self, url: &Url) -> Page {
        let page = self.open(url).await;
        let page = self.submit(&page, &[("prompt", "login"), ("login", "alice"), ("password", "x")]).await;
        self.submit(&page, &[("prompt", "consent")]).await
    }

    /// Cancels the log-in.
    pub(crate) async fn refuse(&mut self, url: &Url) -> Page {
        let page = self.open(url).await;
        let abort = page.attribute("/abort", "href").unwrap();
        self.open(&page.url.join(&abort).unwrap()).await
    }

    /// Enters a device's code, then logs in and consents, or cancels.
    pub(crate) async fn enter(&mut self, url: &Url, code: &str, is_welcome: bool) -> Page {
        let page = self.open(url).await;
        let xsrf = |page: &Page| page.attribute("name=\"xsrf\"", "value").unwrap();
        let page = self.submit(&page, &[("xsrf", &xsrf(&page)), ("user_code", code)]).await;
        let (name, value) = if is_welcome { ("confirm", "yes") } else { ("abort", "yes") };
        let page = self.submit(&page, &[("xsrf", &xsrf(&page)), ("user_code", code), (name, value)]).await;
        if !is_welcome {
            return page;
        }
        let page = self.submit(&page, &[("prompt", "login"), ("login", "alice"), ("password", "x")]).await;
        self.submit(&page, &[("prompt", "consent")]).await
    }
}

/// Logs in; returns the final address, where nothing listens.
pub(crate) async fn last_address(url: &Url) -> String {
    let mut browser = Browser::default();
    let page = browser.open(url).await;
    let page = browser.submit(&page, &[("prompt", "login"), ("login", "alice"), ("password", "x")]).await;
    let action = page.attribute("form ", "action").unwrap();
    let request = browser
        .client
        .post(page.url.join(&action).unwrap())
        .header("content-type", "application/x-www-form-urlencoded")
        .body("prompt=consent");
    browser.stop_at_callback(request).await
}

/// Returns the address of the first redirect.
pub(crate) async fn first_answer(url: &Url) -> String {
    let mut browser = Browser::default();
    let request = browser.client.get(url.clone());
    browser.stop_at_callback(request).await
}

impl Browser {
    async fn stop_at_callback(&mut self, mut request: reqwest::RequestBuilder) -> String {
        loop {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
            let location = answer.headers()["location"].to_str().unwrap().to_owned();
            if location.contains("/callback?") {
                return location;
            }
            request = self.client.get(answer.url().join(&location).unwrap());
        }
    }
}
