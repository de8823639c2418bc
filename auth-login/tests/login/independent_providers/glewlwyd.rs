//! Debian's package `glewlwyd`, a provider in C. Its pages are scripts: the user agent makes their requests.

use std::{
    env, fs,
    io::{ErrorKind, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use auth_client::ClientKey;
use auth_login::{
    descriptor::{ClientMethod, Descriptor},
    providers,
    testing::Callback,
};
use http::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::{
    Peer,
    agent::{Agent, Page, Reached},
};

/// Where the package has the statements that make its tables.
const TABLES: &str = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3";
/// The key of the client `web-signer`, whose other half is in `glewlwyd.json`; it protects nothing.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIPFEYnchiVvnmd2YEx1mtuPV9gmVpcTvJt7UFrL9fsQx
-----END PRIVATE KEY-----";

pub struct Glewlwyd {
    process: Child,
    _folder: TempDir,
    issuer: String,
    /// The address of its API
    api: String,
    settings: Value,
}

impl Peer for Glewlwyd {
    /// It takes the secret as it is, and not as RFC 6749 section 2.3.1 encodes it.
    const DESCRIPTOR: Descriptor = providers::OPENID.with_client_method(ClientMethod::BasicUnencoded);
    const USERINFO: &str = "userinfo";

    async fn start(application: &str) -> Option<Self> {
        let mut peer = loop {
            match Self::launch() {
                Ok(Some(peer)) => break peer,
                // Another process has taken the port meanwhile.
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    left_out();
                    return None;
                }
                Err(error) => panic!("glewlwyd: {error}"),
            }
        };
        peer.set_up(application).await;
        Some(peer)
    }

    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn client_key(&self) -> ClientKey {
        ClientKey::ed25519(KEY.as_bytes()).unwrap()
    }

    async fn log_in(&self, agent: &mut Agent, page: Page, user: &str) -> Callback {
        self.call(agent, "POST", "/auth/", &json!({"username": user, "password": "wonderland"})).await;
        let client = parameter(&page.url, "client_id").unwrap();
        let grant = format!("/auth/grant/{client}");
        self.call(agent, "PUT", &grant, &json!({"scope": "openid"})).await;
        let next = parameter(&page.url, "callback_url").unwrap();
        agent.open(&format!("{next}&g_continue")).await.back()
    }

    async fn log_out(&self, agent: &mut Agent, page: Page) -> Reached {
        let value = |name| parameter(&page.url, name).unwrap();
        let session = format!("/oidc/session/{}", value("sid"));
        let (client, back) = (value("client_id"), value("post_redirect_to"));
        let found = self
            .call(agent, "GET", &format!("{session}/{client}?post_redirect_to={back}"), &Value::Null)
            .await;
        let found: Value = serde_json::from_str(&found).unwrap();
        assert_eq!(found["post_redirect_to"], back.as_str());
        self.call(agent, "DELETE", &session, &Value::Null).await;
        self.call(agent, "DELETE", "/auth/", &Value::Null).await;
        agent.open(&value("callback_url")).await
    }

    async fn is_logged_in(&self, agent: &mut Agent, _: &str) -> bool {
        let request = agent.client.get(format!("{}/profile_list", self.api));
        match agent.go(request).await.page().status {
            StatusCode::OK => true,
            StatusCode::UNAUTHORIZED => false,
            status => panic!("{status}"),
        }
    }

    async fn rotate_keys(&self) {
        let mut admin = self.admin().await;
        self.call(&mut admin, "PUT", "/mod/plugin/oidc", &self.plugin(1)).await;
        self.call(&mut admin, "PUT", "/mod/plugin/oidc/reset", &Value::Null).await;
    }
}

impl Glewlwyd {
    /// Starts the process with a database of its own. Returns `None` if it has ended.
    fn launch() -> std::io::Result<Option<Self>> {
        // In memory, or the database waits for the disk after each statement.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
        let (database, config) = (folder.path().join("db"), folder.path().join("conf"));
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("http://127.0.0.1:{port}");
        let text = format!(
            r#"port={port}
bind_address="127.0.0.1"
external_url="{address}"
login_url="login.html"
api_prefix="api"
log_mode="file"
log_file="{}"
log_level="INFO"
cookie_secure=0
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
database={{ type="sqlite3" path="{}" }};
"#,
            folder.path().join("log").display(),
            database.display()
        );
        fs::write(&config, text)?;
        make_database(&database)?;
        let mut process = Command::new("glewlwyd")
            .arg("--config-file")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // It says that it has started before it listens.
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if process.try_wait()?.is_some() {
                return Ok(None);
            }
            std::thread::yield_now();
        }
        let settings = serde_json::from_str(include_str!("glewlwyd.json")).unwrap();
        let api = format!("{address}/api");
        let issuer = format!("{api}/oidc");
        Ok(Some(Self { process, _folder: folder, issuer, api, settings }))
    }
}

impl Glewlwyd {
    /// Configures provider, users and clients as an administrator does.
    async fn set_up(&mut self, application: &str) {
        let mut admin = self.admin().await;
        self.call(&mut admin, "POST", "/mod/plugin/", &self.plugin(0)).await;
        for user in self.settings["users"].as_array().unwrap() {
            let name = user.as_str().unwrap();
            let user = json!({
                "username": user, "name": format!("The {name}"), "email": format!("{name}@example.com"),
                "password": "wonderland", "scope": ["openid"], "enabled": true,
            });
            self.call(&mut admin, "POST", "/user/", &user).await;
        }
        for (id, own) in self.settings["clients"].as_object().unwrap() {
            let mut client = self.settings["client"].clone();
            client["client_id"] = id.as_str().into();
            client["name"] = id.as_str().into();
            for (name, value) in own.as_object().unwrap() {
                client[name] = value.clone();
            }
            if own.get("backchannel_logout_session_required").is_some() && !application.is_empty() {
                let address = format!("{application}/login/peer/backchannel-logout");
                client["backchannel_logout_uri"] = address.into();
            }
            self.call(&mut admin, "POST", "/client/", &client).await;
        }
    }

    /// Returns the plug-in that speaks OpenID Connect, with one of the two keys.
    fn plugin(&self, key: usize) -> Value {
        let mut plugin = self.settings["plugin"].clone();
        plugin["parameters"]["iss"] = self.issuer.as_str().into();
        let keys = json!({"keys": [self.settings["keys"][key]]});
        plugin["parameters"]["jwks-private"] = keys.to_string().into();
        plugin
    }

    async fn admin(&self) -> Agent {
        let mut admin = Agent::new();
        self.call(&mut admin, "POST", "/auth/", &json!({"username": "admin", "password": "password"})).await;
        admin
    }

    /// Sends a request to the API, and returns the response's body.
    async fn call(&self, agent: &mut Agent, method: &str, path: &str, body: &Value) -> String {
        let request = agent.client.request(method.parse().unwrap(), format!("{}{path}", self.api));
        let request = request.header("content-type", "application/json");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let page = agent.go(request.body(body)).await.page();
        assert!(page.status.is_success(), "{method} {path}: {} {}", page.status, page.text);
        page.text
    }
}

impl Drop for Glewlwyd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Makes the tables of the package, with a property of clients that it reads and does not have by default.
fn make_database(database: &Path) -> std::io::Result<()> {
    let tables = fs::read_to_string(TABLES)?;
    let (old, new) = (
        r#""post_logout_redirect_uri":{"multiple":false"#,
        r#""post_logout_redirect_uris":{"multiple":true"#,
    );
    assert!(tables.contains(old));
    let tables = tables.replace(old, new);
    let mut process = Command::new("sqlite3").arg(database).stdin(Stdio::piped()).spawn()?;
    process.stdin.take().unwrap().write_all(tables.as_bytes())?;
    assert!(process.wait()?.success());
    Ok(())
}

fn left_out() {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(
        env::var_os("REQUIRE_SERVICES").is_none(),
        "`{test}` wants glewlwyd and sqlite3: install them, or unset REQUIRE_SERVICES"
    );
    // Not `eprintln!`, which the test harness captures when the test passes.
    let _ = writeln!(
        std::io::stderr(),
        "LEFT OUT: `{test}` wants glewlwyd and sqlite3, which are not installed."
    );
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}
