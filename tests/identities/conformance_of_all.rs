//! The suite for identity policies, over every policy of the crate: sessions, encrypted cookies, passwords, keys, lists.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::HashMap,
    future::ready,
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_runtime::{
    ApiKey, Basic, EncryptedCookie, FirstOf, Identity, IdentityPolicy, KeyRing, SessionIdentity,
    TicketCookie,
    clock::UnixTime,
    identity::{
        ApiKeyRecord, BasicVerifier, ClientCertificate, ClientCertificates, MemoryApiKeys, MutualTls,
        Password, client_address::ClientAddress, session::SessionTicket,
    },
    jwt::{BearerJwt, RingKeys},
    testing::{self, conformance::Subject},
};
use axum::http::{HeaderName, HeaderValue, Request, header, request::Parts};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::session_support::{self, Fault, Told};

const HALF_A_DAY: Duration = Duration::from_hours(12);
const WEEK: Duration = Duration::from_hours(7 * 24);

testing::conformance!(session_in_memory, || async {
    Subject::new(SessionIdentity::memory())
        .keeping_data()
        .with_absolute_lifetime(HALF_A_DAY)
        .with_other_application(SessionIdentity::memory())
});

testing::conformance!(session_in_a_store_that_fails, || async {
    let store = Told::default();
    let (policy, tenant) = (store.policy(), store.policy().with_application("another"));
    Subject::new(policy)
        .keeping_data()
        .with_absolute_lifetime(HALF_A_DAY)
        .with_failing_store(move || store.fail(0..usize::MAX, Fault::Fails))
        .with_other_application(tenant)
});

testing::conformance!(session_in_sqlite, || async {
    // A database in memory would end with its connection, which a dropped request closes.
    let folder = tempfile::tempdir().unwrap();
    let file = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(folder.path().join("sessions"))
        .create_if_missing(true)
        .pragma("synchronous", "OFF");
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = options
        .after_connect(move |_, _| {
            // The folder stays for as long as the pool.
            let _ = &folder;
            Box::pin(async { Ok(()) })
        })
        .connect_with(file)
        .await
        .unwrap();
    let policy = || SessionIdentity::sqlite(pool.clone()).with_store_deadline(Duration::from_secs(30));
    policy().migrate().await.unwrap();
    Subject::new(policy())
        .with_clock(session_support::clock())
        .keeping_data()
        .with_absolute_lifetime(HALF_A_DAY)
        .with_other_application(policy().with_application("another"))
});

testing::conformance!(session_with_a_ticket, || async {
    let sessions = SessionIdentity::memory();
    Subject::new(SessionTicket::new(sessions.clone(), KeyRing::random()))
        .keeping_data()
        .with_absolute_lifetime(HALF_A_DAY)
        .with_other_application(SessionTicket::new(sessions, KeyRing::random()))
});

testing::conformance!(ticket_that_is_bound_to_an_address, || async {
    let policy =
        |ring| TicketCookie::new(ring).with_client_address(ClientAddress::behind(["127.0.0.0/8"]).unwrap());
    Subject::new(policy(KeyRing::random()))
        .with_request(with_header(HeaderName::from_static("x-forwarded-for"), "203.0.113.1"))
        .depending_on_peer()
        .stateless()
        .with_absolute_lifetime(WEEK)
        .with_other_application(policy(KeyRing::random()))
});

testing::conformance!(encrypted_cookie, || async {
    Subject::new(EncryptedCookie::new(KeyRing::random()))
        .stateless()
        .keeping_data()
        .with_absolute_lifetime(WEEK)
        .with_other_application(EncryptedCookie::new(KeyRing::random()))
});

/// Everybody's password is `secret`.
fn basic() -> Basic<impl BasicVerifier> {
    Basic::new(|name: String, password: Password| async move {
        Ok((password.expose() == b"secret").then(|| Identity::new(name)).transpose()?)
    })
}

fn with_header(name: HeaderName, value: impl AsRef<[u8]>) -> Parts {
    let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
    Request::builder().header(name, value).body(()).unwrap().into_parts().0
}

fn credentials(identity: &Identity) -> Option<Parts> {
    // Between name and password stands the first colon.
    let name = Some(identity.as_str()).filter(|name| !name.contains(':'))?;
    let value = format!("Basic {}", STANDARD.encode(format!("{name}:secret")));
    Some(with_header(header::AUTHORIZATION, value))
}

testing::conformance!(basic_credentials, || async {
    let wrong = ["alice:", "alice:Secret", ":secret", "alice", "alice:secret\n"];
    let wrong =
        wrong.map(|text| with_header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(text))));
    // With the right password, a changed name is that other user.
    Subject::presenting(basic(), |identity: Identity, _| ready(credentials(&identity)))
        .stateless()
        .trusting()
        .proving_each_time()
        .with_bad_credentials(wrong)
});

/// Issues keys into a store, and presents them.
fn presenting(policy: impl IdentityPolicy, store: MemoryApiKeys) -> Subject {
    Subject::presenting(policy, move |owner: Identity, now: UnixTime| {
        let (key, record) = ApiKeyRecord::issue("k", owner, now).unwrap();
        store.add(record);
        ready(Some(with_header(HeaderName::from_static("x-api-key"), key.expose())))
    })
    .stateless()
}

testing::conformance!(api_key, || async {
    let store = MemoryApiKeys::new();
    presenting(ApiKey::new(store.clone()), store).with_other_application(ApiKey::new(MemoryApiKeys::new()))
});

testing::conformance!(api_key_in_a_list_of_policies, || async {
    let store = MemoryApiKeys::new();
    let policy = FirstOf::new(TicketCookie::new(KeyRing::random())).then(ApiKey::new(store.clone()));
    presenting(policy, store)
});

testing::conformance!(list_with_a_ticket, || async {
    let list = || {
        let keys = ApiKey::new(MemoryApiKeys::new());
        FirstOf::new(TicketCookie::new(KeyRing::random())).then(keys).then(basic())
    };
    Subject::new(list()).stateless().with_absolute_lifetime(WEEK).with_other_application(list())
});

testing::conformance!(list_with_sessions, || async {
    let bearer = BearerJwt::new(RingKeys::new(KeyRing::random()))
        .with_issuer("https://shop.example")
        .with_audience("https://shop.example");
    let list = FirstOf::new(bearer).then_log_in(SessionIdentity::memory());
    Subject::new(list).keeping_data().with_absolute_lifetime(HALF_A_DAY)
});

testing::conformance!(list_of_a_list_with_encrypted_cookies, || async {
    let inner =
        FirstOf::new(ApiKey::new(MemoryApiKeys::new())).then_log_in(EncryptedCookie::new(KeyRing::random()));
    let list = FirstOf::new(inner).then(TicketCookie::new(KeyRing::random()));
    Subject::new(list).stateless().keeping_data().with_absolute_lifetime(WEEK)
});

/// The identities of certificates, by their thumbprints.
#[derive(Clone, Default)]
struct Registered(Arc<Mutex<HashMap<String, Identity>>>);

impl Registered {
    /// A policy that names the identity of each registered certificate.
    fn policy(&self, source: ClientCertificates) -> impl IdentityPolicy {
        let known = Arc::clone(&self.0);
        MutualTls::new(source, move |certificate: &ClientCertificate| {
            known.lock().unwrap().get(&certificate.thumbprint()).cloned()
        })
    }

    /// Registers a certificate of this identity.
    fn issue(&self, identity: Identity) -> ClientCertificate {
        // A sequence with a text: nothing reads more of it here.
        let certificate = ClientCertificate::from_der(der(0x30, &der(0x0c, identity.as_str().as_bytes())));
        self.0.lock().unwrap().insert(certificate.thumbprint(), identity);
        certificate
    }
}

/// Returns an element with the shortest form of its length.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match (high, low) {
        (0, 0..=0x7f) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head.as_slice(), content].concat()
}

testing::conformance!(client_certificate_of_the_connection, || async {
    let registered = Registered::default();
    let policy = registered.policy(ClientCertificates::of_server());
    Subject::presenting(policy, move |identity: Identity, _| {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.extensions.insert(registered.issue(identity));
        ready(Some(parts))
    })
    .stateless()
    .with_other_application(Registered::default().policy(ClientCertificates::of_server()))
});

testing::conformance!(client_certificate_of_a_proxy, || async {
    let source = || ClientCertificates::behind(["127.0.0.0/8"]).unwrap();
    let registered = Registered::default();
    let policy = registered.policy(source());
    let header = |value: String| with_header(HeaderName::from_static("client-cert"), value);
    Subject::presenting(policy, move |identity: Identity, _| {
        let certificate = registered.issue(identity);
        ready(Some(header(format!(":{}:", STANDARD.encode(certificate.der())))))
    })
    .stateless()
    .depending_on_peer()
    .with_bad_credentials(
        [":AAAA:", ":", "MII", ":MII", ":MAA=:, :MAA=:"].map(|text| header(text.to_owned())),
    )
    .with_other_application(Registered::default().policy(source()))
});
