//! Log-out during an acquisition: its token is revoked and returned to no caller.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_client::{
    AuthorizationCode, Authorizer as _, DevicePrompt, ErrorKind, Interaction, MemoryStore, TokenAuthorizer,
    TokenStore as _,
};
use tokio::{net::TcpStream, sync::mpsc};
use url::Url;

use super::{Fake, MOMENT, client, clock, header, log_in, machine};

/// Returns the revoked tokens in order.
fn revoked(fake: &Fake) -> Vec<String> {
    let seen = fake.seen();
    let revocations = seen.iter().filter(|seen| seen.uri.ends_with("/revoke"));
    revocations.filter_map(|seen| seen.form.get("token").cloned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_refresh_under_way_does_not_undo_a_log_out() {
    for has_store in [false, true] {
        let fake = Fake::counting(3600).slow(MOMENT);
        let store = MemoryStore::new();
        let (authorizer, asked) = log_in(&fake);
        let authorizer = if has_store { authorizer.with_store(store.clone()) } else { authorizer };
        let authorizer = Arc::new(authorizer);
        assert_eq!(header(&*authorizer).await, "Bearer first");
        clock().pass(3600);
        let caller = Arc::clone(&authorizer);
        let caller = tokio::spawn(async move { caller.authorize().await });
        fake.until_running(1).await;
        authorizer.log_out().await.unwrap();
        assert!(!authorizer.is_token_valid().await.unwrap());
        assert_eq!(caller.await.unwrap().unwrap_err().kind(), ErrorKind::LoginRequired);
        assert!(!authorizer.is_token_valid().await.unwrap());
        let stored = store.load(&auth_client::StoreKey::of(&["login", "me"])).await.unwrap();
        assert!(stored.is_none());
        assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
        // A new log-in, not the token of the old acquisition.
        assert_eq!(header(&*authorizer).await, "Bearer first");
    }
}

// The new token is revoked; `LogIn` cannot revoke, a client credentials grant can.
#[tokio::test(start_paused = true)]
async fn a_token_that_comes_during_a_log_out_is_revoked() {
    let fake = Fake::counting(3600).slow(MOMENT);
    let authorizer = Arc::new(machine(&fake));
    let caller = Arc::clone(&authorizer);
    let caller = tokio::spawn(async move { caller.authorize().await });
    fake.until_running(1).await;
    assert!(authorizer.log_out().await.unwrap());
    assert_eq!(revoked(&fake), ["r1", "t1"]);
    assert!(!authorizer.is_token_valid().await.unwrap());
    assert_eq!(caller.await.unwrap().unwrap_err().kind(), ErrorKind::LoginRequired);
    assert_eq!(header(&*authorizer).await, "Bearer t4");
}

// The caller is cancelled, and the refresh continues in a separate task.
#[tokio::test(start_paused = true)]
async fn a_refresh_without_a_waiter_does_not_undo_a_log_out() {
    let fake = Fake::counting(3600).slow(MOMENT);
    let store = MemoryStore::new();
    let (authorizer, _) = log_in(&fake);
    let authorizer = authorizer.with_store(store.clone());
    header(&authorizer).await;
    clock().pass(3600);
    assert!(tokio::time::timeout(MOMENT / 4, authorizer.authorize()).await.is_err());
    authorizer.log_out().await.unwrap();
    tokio::time::sleep(MOMENT * 10).await;
    assert_eq!(fake.count(), 1);
    assert!(!authorizer.is_token_valid().await.unwrap());
    assert!(store.load(&auth_client::StoreKey::of(&["login", "me"])).await.unwrap().is_none());
}

// Two refreshes with one refresh token would look like theft to the server.
#[tokio::test(start_paused = true)]
async fn a_refresh_without_a_waiter_is_not_repeated() {
    let fake = Fake::counting(3600).slow(MOMENT);
    let (authorizer, _) = log_in(&fake);
    header(&authorizer).await;
    clock().pass(3600);
    assert!(tokio::time::timeout(MOMENT / 4, authorizer.authorize()).await.is_err());
    assert_eq!(header(&authorizer).await, "Bearer t1");
    assert_eq!(fake.count(), 1);
}

/// Passes the address to the test.
#[derive(Clone, Debug)]
struct Browser(mpsc::UnboundedSender<Url>, Arc<Mutex<Vec<bool>>>);

impl Interaction for Browser {
    fn open(&self, address: &Url, _: Duration) {
        self.0.send(address.clone()).unwrap();
    }

    fn enter_code(&self, _: &DevicePrompt, _: Duration) {}

    fn finished(&self, is_logged_in: bool) {
        self.1.lock().unwrap().push(is_logged_in);
    }
}

/// Returns an authorizer that prompts, and the addresses of its prompts.
fn personal(fake: &Fake) -> (Arc<TokenAuthorizer<AuthorizationCode>>, mpsc::UnboundedReceiver<Url>) {
    let (sender, addresses) = mpsc::unbounded_channel();
    let grant = AuthorizationCode::new(client(fake, &clock()))
        .with_interaction(Browser(sender, Arc::default()))
        .with_timeout(Duration::from_hours(1));
    (Arc::new(TokenAuthorizer::new(grant)), addresses)
}

fn value(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn a_log_in_that_waits_for_a_person_ends_with_the_log_out() {
    let fake = Fake::counting(3600);
    let (authorizer, mut addresses) = personal(&fake);
    let caller = Arc::clone(&authorizer);
    let caller = tokio::spawn(async move { caller.authorize().await });
    let redirect: Url = value(&addresses.recv().await.unwrap(), "redirect_uri").parse().unwrap();
    authorizer.log_out().await.unwrap();
    assert_eq!(caller.await.unwrap().unwrap_err().kind(), ErrorKind::LoginRequired);
    // The listener is closed: a browser that arrives now finds none.
    assert!(TcpStream::connect(("127.0.0.1", redirect.port().unwrap())).await.is_err());
    assert_eq!(fake.count(), 0);
}

#[tokio::test]
async fn a_code_that_is_exchanged_during_a_log_out_gives_a_token_that_is_revoked() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let fake = Fake::counting(3600).slow(MOMENT * 10);
    let (authorizer, mut addresses) = personal(&fake);
    let caller = Arc::clone(&authorizer);
    let caller = tokio::spawn(async move { caller.authorize().await });
    let url = addresses.recv().await.unwrap();
    let redirect: Url = value(&url, "redirect_uri").parse().unwrap();
    for target in [format!("/callback?code=c&state={}", value(&url, "state")), "/done".to_owned()] {
        let mut browser = TcpStream::connect(("127.0.0.1", redirect.port().unwrap())).await.unwrap();
        let host = format!("127.0.0.1:{}", redirect.port().unwrap());
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        browser.write_all(request.as_bytes()).await.unwrap();
        let _ = browser.read_to_end(&mut Vec::new()).await;
    }
    fake.until_running(1).await;
    authorizer.log_out().await.unwrap();
    assert_eq!(caller.await.unwrap().unwrap_err().kind(), ErrorKind::LoginRequired);
    while revoked(&fake).len() < 2 {
        tokio::time::sleep(MOMENT).await;
    }
    assert_eq!(revoked(&fake), ["r1", "t1"]);
    assert!(!authorizer.is_token_valid().await.unwrap());
}
