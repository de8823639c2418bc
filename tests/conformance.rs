//! Every policy with a cookie passes the same checks.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

#[path = "support/conformance.rs"]
mod conformance;
mod support;

use auth_runtime::identity::Password;
use auth_runtime::{
    ApiKey, Basic, EncryptedCookie, FirstOf, Identity, KeyRing, TicketCookie, identity::MemoryApiKeys,
};

#[tokio::test]
async fn tickets() {
    conformance::check(|| TicketCookie::new(KeyRing::random())).await;
}

#[tokio::test]
async fn encrypted_cookies() {
    conformance::check(|| EncryptedCookie::new(KeyRing::random())).await;
}

#[tokio::test]
async fn lists_of_policies() {
    let basic = || Basic::new(|name: String, _: Password| async move { Ok(Some(Identity::new(name)?)) });
    let keys = || ApiKey::new(MemoryApiKeys::new());
    let ticket = || TicketCookie::new(KeyRing::random());
    let encrypted = || EncryptedCookie::new(KeyRing::random());
    conformance::check(|| FirstOf::new(ticket())).await;
    conformance::check(|| FirstOf::new(ticket()).then(keys()).then(basic())).await;
    conformance::check(|| FirstOf::new(keys()).then_log_in(encrypted()).then(basic())).await;
    conformance::check(|| FirstOf::new(ticket()).then_log_in(encrypted())).await;
    conformance::check(|| FirstOf::new(FirstOf::new(keys()).then_log_in(encrypted())).then(ticket())).await;
}
