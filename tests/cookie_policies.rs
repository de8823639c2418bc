//! Every policy with a cookie passes the same checks.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

#[path = "support/cookie_policies.rs"]
mod cookie_policies;
mod support;

use auth_runtime::identity::Password;
use auth_runtime::{
    ApiKey, Basic, EncryptedCookie, FirstOf, Identity, KeyRing, TicketCookie, identity::MemoryApiKeys,
};

#[tokio::test]
async fn tickets() {
    cookie_policies::check(|| TicketCookie::new(KeyRing::random())).await;
}

#[tokio::test]
async fn encrypted_cookies() {
    cookie_policies::check(|| EncryptedCookie::new(KeyRing::random())).await;
}

#[tokio::test]
async fn lists_of_policies() {
    let basic = || Basic::new(|name: String, _: Password| async move { Ok(Some(Identity::new(name)?)) });
    let keys = || ApiKey::new(MemoryApiKeys::new());
    let ticket = || TicketCookie::new(KeyRing::random());
    let encrypted = || EncryptedCookie::new(KeyRing::random());
    cookie_policies::check(|| FirstOf::new(ticket())).await;
    cookie_policies::check(|| FirstOf::new(ticket()).then(keys()).then(basic())).await;
    cookie_policies::check(|| FirstOf::new(keys()).then_log_in(encrypted()).then(basic())).await;
    cookie_policies::check(|| FirstOf::new(ticket()).then_log_in(encrypted())).await;
    cookie_policies::check(|| FirstOf::new(FirstOf::new(keys()).then_log_in(encrypted())).then(ticket()))
        .await;
}
