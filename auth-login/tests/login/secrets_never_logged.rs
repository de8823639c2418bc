//! Whether secrets of a log-in, or line breaks from outside, reach the log.

use std::{
    io,
    sync::{Arc, Mutex},
};

use auth_login::{Login, providers, testing::Step};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tracing_subscriber::filter::LevelFilter;

use super::{
    app_and_fake_provider::{SECRET, Setup},
    browser_with_cookies::Site,
    oauth2::Server,
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Writes everything that this thread logs, as long as the guard lives.
    fn begin(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// The values of these parameters in an address.
fn values(address: &str, names: &[&str]) -> Vec<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(name, _)| names.contains(&name.as_ref())).map(|(_, value)| value.into_owned()).collect()
}

/// The library that this crate replaces printed tokens, and logged whole token responses. A log-in that
/// succeeds, and one for each way in which it can fail, leave none of their secrets in the log.
#[tokio::test]
async fn no_secret_of_a_login_is_in_the_log() {
    let log = Log::default();
    let guard = log.begin();
    let secrets = Arc::new(Mutex::new(vec![SECRET.to_owned(), "CANARYtarget".to_owned()]));
    for (path, name, value) in [
        ("", "", Value::Null),
        ("/token", "access_token", Value::Null),
        ("/token", "expires_in", json!("soon")),
        ("/token", "id_token", json!("CANARYid.CANARYid.CANARYid")),
        ("/token", "error", json!("invalid_grant")),
        ("/userinfo", "sub", json!("another")),
        ("/jwks", "keys", json!([])),
    ] {
        let setup = Setup::with(Login::with_pushed_authorization).await;
        let seen = Arc::clone(&secrets);
        setup.provider.tamper(move |step| {
            let Step::Response { path: found, response } = step else { return };
            let Ok(mut answer) = serde_json::from_slice::<Value>(response.body()) else { return };
            for secret in ["access_token", "id_token", "request_uri"] {
                seen.lock().unwrap().extend(answer[secret].as_str().map(str::to_owned));
            }
            if found == path {
                answer[name] = value.clone();
                *response.body_mut() = answer.to_string().into_bytes();
            }
        });
        let mut browser = setup.browser();
        let started = browser.post("/login/fake", "next=/me?token=CANARYtarget").await;
        let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
        secrets.lock().unwrap().extend(values(&callback.address, &["code", "state"]));
        for name in browser.cookie_names() {
            secrets.lock().unwrap().push(browser.value_of(name).unwrap().to_owned());
        }
        let done = browser.come_back(&callback).await;
        assert_eq!(done.status == StatusCode::SEE_OTHER, path.is_empty(), "{path} {name}: {}", done.text);
        // A callback that comes again, and one of another browser.
        browser.come_back(&callback).await;
        setup.browser().come_back(&callback).await;
        secrets.lock().unwrap().extend(browser.value_of("__Host-session").map(str::to_owned));
    }
    drop(guard);
    let (text, secrets) = (log.text(), secrets.lock().unwrap());
    // There is something in which they could be.
    assert!(text.contains("log-in failed") && text.contains("auth_login") && secrets.len() > 30);
    for secret in secrets.iter() {
        assert!(!text.contains(secret.as_str()), "{secret}");
    }
}

/// Token requests of WeChat have the secret in their address.
#[tokio::test]
async fn a_secret_in_the_query_is_not_in_the_log() {
    let log = Log::default();
    let guard = log.begin();
    for status in [200, 302, 400, 500] {
        let mut server = Server::new(&providers::WECHAT, move |_| (status, json!({"errcode": 40029})));
        let page = server.log_in("&x=CANARYx").await;
        assert!(page.status.is_server_error(), "{}", page.text);
        assert!(server.addresses()[0].contains("secret=secret"));
    }
    drop(guard);
    let text = log.text();
    assert!(text.contains("log-in failed") && text.contains("40029"), "{text}");
    for secret in ["secret=", "the-code", "CANARYx", "sns/oauth2"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// Log injection: an error's text comes from the address, which anyone can write.
#[tokio::test]
async fn a_line_break_in_an_error_does_not_forge_a_line_of_the_log() {
    let log = Log::default();
    let guard = log.begin();
    for text in ["%0A2026-01-01 INFO forged", "%0D%0Aforged", "%E2%80%A8forged", "%1B[2Jforged", "%00forged"]
    {
        let setup = Setup::new().await;
        let mut browser = setup.browser();
        let started = setup.start(&mut browser).await;
        let state = values(&started, &["state"]).pop().unwrap();
        let iss = setup.provider.issuer();
        for state in [state.as_str(), "unknown"] {
            let query =
                format!("error={text}&error_description={text}&error_uri={text}&state={state}&iss={iss}");
            let address = format!("/login/fake/callback?{}", query.replace(' ', "+"));
            let page = browser.send(Method::GET, &address, Site::Cross, "").await;
            assert!(!page.text.contains("forged"), "{}", page.text);
        }
    }
    drop(guard);
    let text = log.text();
    // The code is shown, since an operator needs it, on the one line of its event.
    assert!(text.contains("forged"));
    for line in text.lines() {
        assert!(line.starts_with("20") && !line.contains(['\u{1b}', '\0', '\u{2028}']), "{line:?}");
    }
}
