//! No secret appears in any log line, error or `Debug` output over the whole life of a token, at the most
//! verbose log level.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]
#![cfg(unix)]

mod support;

use std::{
    fs::Permissions,
    io,
    os::unix::fs::PermissionsExt as _,
    sync::{Arc, Mutex},
};

use auth_client::{
    AuthorizationCode, Authorizer as _, ClientAuthentication, ClientCredentials, FileStore, StoreKey, Token,
    TokenAuthorizer, TokenStore as _, TokenWireFormat,
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use support::{Fake, HandClock, client};

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

const SECRETS: [&str; 7] =
    ["CANARYaccess", "CANARYrefresh", "CANARYid", "CANARYclient", "CANARYcode", "CANARYextra", "CANARYnext"];

/// The encodings in which a secret could leak.
fn spellings(secret: &str) -> Vec<String> {
    let join = |render: fn(u8) -> String| secret.bytes().map(render).collect::<Vec<_>>().concat();
    let hex = join(|byte| format!("{byte:02x}"));
    let bytes = secret.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    let percent = join(|byte| format!("%{byte:02X}"));
    let mut all = vec![secret.to_owned(), hex, bytes, percent];
    // The bytes before a secret shift its base64 by up to two bytes; its ends depend on its neighbours.
    for before in ["", "x", "xx"] {
        let text = BASE64_STANDARD.encode(format!("{before}{secret}"));
        all.push(text[4..text.len() - 4].to_owned());
    }
    all.push(BASE64_URL_SAFE_NO_PAD.encode(secret));
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_ever_written() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();
    let mut shown = Vec::new();
    let clock = HandClock::default();
    let fake = Fake::new(|_, nth| {
        match nth {
        1 => (200, r#"{"access_token":"CANARYaccess","refresh_token":"CANARYrefresh","id_token":"CANARYid","expires_in":60,"x":"CANARYextra","scope":"a"}"#.to_owned()),
        2 => (400, r#"{"error":"invalid_grant"}"#.to_owned()),
        3 => (200, r#"{"access_token":"CANARYnext","expires_in":"CANARYextra"}"#.to_owned()),
        4 => (503, r"CANARYaccess".to_owned()),
        _ => (200, r#"{"access_token":"CANARYnext","refresh_token":"CANARYrefresh","expires_in":60}"#.to_owned()),
    }
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    for authentication in [
        ClientAuthentication::Basic("CANARYclient".into()),
        ClientAuthentication::Post("CANARYclient".into()),
    ] {
        let client = client(&fake, &clock).with_authentication(authentication);
        let grant = ClientCredentials::new(client.clone()).with_scopes(["a", "b"]);
        let authorizer = TokenAuthorizer::new(grant).with_store(FileStore::new(&path));
        for _ in 0..5 {
            match authorizer.authorize().await {
                Ok(credentials) => {
                    authorizer.reject(&credentials).await;
                    shown.push(format!("{credentials:?} {authorizer:?} {:?}", authorizer.token().await));
                }
                Err(error) => {
                    shown.push(format!("{error} {error:?} {:?}", std::error::Error::source(&error)));
                }
            }
            clock.pass(60);
        }
        // A log-in whose code cannot be exchanged, and one that is denied.
        let login = AuthorizationCode::new(client.clone()).with_scopes(["openid"]);
        let attempt = login.begin("http://127.0.0.1:9/callback").unwrap();
        let state = attempt.url().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        shown.push(format!("{attempt:?} {login:?}"));
        let error = attempt
            .finish(&format!("http://127.0.0.1:9/callback?code=CANARYcode&state={state}"))
            .await
            .unwrap_err();
        shown.push(format!("{error} {error:?}"));
        shown.push(format!("{:?}", client.refresh(&"CANARYrefresh".into()).await));
        shown.push(format!("{:?}", authorizer.log_out().await));
    }
    // Damaged files, and files of other accounts, are logged without their content.
    let (store, own, other) = (FileStore::new(&path), StoreKey::of(&["x"]), StoreKey::of(&["y"]));
    let json = br#"{"access_token":"CANARYaccess","refresh_token":"CANARYrefresh","id_token":"CANARYid"}"#;
    let token =
        Token::from_json(json, std::time::SystemTime::UNIX_EPOCH, &TokenWireFormat::default()).unwrap();
    store.save(&own, &token).await.unwrap();
    let loaded = store.load(&other).await;
    assert!(matches!(loaded, Ok(None)), "{loaded:?}");
    shown.push(format!("{token:?} {loaded:?} {store:?}"));
    std::fs::write(&path, "CANARYaccess").unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let loaded = store.load(&own).await;
    assert!(matches!(loaded, Ok(None)), "{loaded:?}");
    shown.push(format!("{loaded:?}"));
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    shown.push(format!("{}", store.load(&own).await.unwrap_err()));

    let mut all = shown.join(" ");
    all += &String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for event in [
        "the provider grants less than was asked for",
        "the token file is damaged",
        "the token file belongs to another account",
        "can be read or written by others",
    ] {
        assert!(all.contains(event), "`{event}` is missing: {all}");
    }
    for secret in SECRETS {
        for spelling in spellings(secret) {
            assert!(!all.contains(&spelling), "`{spelling}` of {secret} slipped out: {all}");
        }
    }
}
