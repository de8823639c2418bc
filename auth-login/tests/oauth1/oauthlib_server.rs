//! The whole flow with a server of other authors, the Python package `oauthlib`, under its default rules.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use auth_client::Transport;
use auth_login::{
    descriptor::{Call, Date, Descriptor, Issuer, Placeholder, TokenPlace},
    oauth1::{OAuth1Client, OAuth1Error, OAuth1Parts, SignatureMethod},
    profile::{Mapping, Subject},
};
use http::Request;
use reqwest::header;

const PEER: Descriptor =
    Descriptor::oauth1("peer", "Peer", "{base}/request", "{base}/authorize", "{base}/token")
        .with_placeholders(&[Placeholder::base("base", "")])
        .with_issuer(Issuer::Namespace("{base}"))
        .with_calls(&[
            Call::get("user", "{base}/api/me?q=a%20b+c&q=%C3%A9&empty").with_token(TokenPlace::OAuth1)
        ])
        .with_mapping(Mapping::new(Subject::Member("/user/id")).with_full_name(&["/user/name"]))
        .with_api("{base}")
        .checked_on(Date::new(2026, 11, 30), "this test")
        .validated();

/// A server that runs until this is dropped.
struct Peer {
    process: Child,
    /// Kept open: the server would end if the pipe were closed.
    _output: BufReader<ChildStdout>,
    base: String,
}

impl Peer {
    /// Starts a server; without Python and pip it is left out, which is an error where `REQUIRE_SERVICES` is
    /// set.
    fn start() -> Option<Self> {
        let Some(packages) = installed() else {
            assert!(
                env::var_os("REQUIRE_SERVICES").is_none(),
                "the peer wants Python and pip: install them, or unset REQUIRE_SERVICES"
            );
            // Not `eprintln!`, which the test harness captures when the test passes.
            let _ = writeln!(
                std::io::stderr(),
                "LEFT OUT: OAuth 1.0a with oauthlib; there is no Python, or pip failed."
            );
            return None;
        };
        let mut process = Command::new("python3")
            .arg(source().join("server.py"))
            .env("PYTHONPATH", packages)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut base = String::new();
        output.read_line(&mut base).unwrap();
        Some(Self { process, _output: output, base: base.trim().to_owned() })
    }

    fn client(&self, secret: &str) -> OAuth1Client {
        let provider = PEER.resolve(&[("base", &self.base)]).unwrap();
        OAuth1Client::new(provider, "consumerkey0123456789", secret).unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oauth1/peer")
}

/// Installs the package under the target folder once; other tests wait.
fn installed() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oauth1-peer");
    fs::create_dir_all(&folder).unwrap();
    let lock = fs::File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let list = fs::read(source().join("requirements.txt")).unwrap();
    if !fs::read(folder.join(".installed")).is_ok_and(|installed| installed == list) {
        let pip = Command::new("python3")
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--require-hashes",
                "--upgrade",
                "--target",
            ])
            .arg(&folder)
            .arg("-r")
            .arg(source().join("requirements.txt"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !pip.is_ok_and(|status| status.success()) {
            return None;
        }
        fs::write(folder.join(".installed"), list).unwrap();
    }
    Some(folder)
}

/// Lets the user authorize, and returns the query of the callback.
async fn authorize(address: &str) -> String {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = browser.get(address).send().await.unwrap();
    let location = response.headers()[header::LOCATION].to_str().unwrap();
    location.strip_prefix("https://app.example/callback?").unwrap().to_owned()
}

#[tokio::test]
async fn a_user_logs_in_at_a_server_of_other_authors() {
    let Some(peer) = Peer::start() else { return };
    for method in [SignatureMethod::HmacSha1, SignatureMethod::HmacSha256, SignatureMethod::Plaintext] {
        let client = peer.client("consumer & secret").with_signature_method(method);
        let attempt = client.begin("https://app.example/callback").await.unwrap();
        let (url, parts) = attempt.into_parts();
        let query = authorize(url.as_str()).await;
        let again = OAuth1Parts::new(parts.token().clone(), parts.secret().clone());
        let token = client.finish(parts, &query).await.unwrap();
        assert_eq!(client.profile(&token).await.unwrap().display_name(), "Ann Bell", "{method:?}");
        // The server takes a verifier once.
        let error = client.finish(again, &query).await.unwrap_err();
        assert!(matches!(error, OAuth1Error::Status(status) if status == 401), "{method:?}: {error}");
        // A form is signed in every spelling.
        let mut request = Request::post(format!("{}/api/post?q=1", peer.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("status=Hello%20Ladies+%2b%20%c3%a9%21&a3=2+q&a3&c%40=".as_bytes().to_vec())
            .unwrap();
        client.authorize(&mut request, &token).unwrap();
        let http = Transport::new().unwrap();
        let status = auth_client::HttpClient::send(&http, request).await.unwrap().status();
        assert_eq!(status, 200, "{method:?}");
    }
}

#[tokio::test]
async fn a_server_of_other_authors_rejects_what_is_wrong() {
    let Some(peer) = Peer::start() else { return };
    let error = peer.client("another secret").begin("https://app.example/callback").await.unwrap_err();
    assert!(matches!(error, OAuth1Error::Status(status) if status == 401), "{error}");
    let error = peer.client("consumer & secret").begin("https://evil.example/").await.unwrap_err();
    assert!(matches!(error, OAuth1Error::Status(_)), "{error}");
    let client = peer.client("consumer & secret");
    let (url, parts) = client.begin("https://app.example/callback").await.unwrap().into_parts();
    let _ = authorize(url.as_str()).await;
    let forged = format!(
        "oauth_token={}&oauth_verifier=aaaaaaaaaaaaaaaaaaaaaaaaa",
        secrecy::ExposeSecret::expose_secret(parts.token())
    );
    let error = client.finish(parts, &forged).await.unwrap_err();
    assert!(matches!(error, OAuth1Error::Status(status) if status == 401), "{error}");
}
