//! Who may call what in the examples of stores, tokens and streams is reviewed, and their routers do what their tables say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    KeyRing, SessionIdentity, TicketCookie,
    access::{AccessTable, Day},
    assert_access_snapshot, guarded,
    revocation::MemoryRevocation,
};

use crate::programs::{
    article_list, jwks_resource_server, jwt_api, live_feed, sessions_sqlite, two_instances,
};

/// Nothing in an example is left to be looked at, and its router does what its table says.
async fn check(access: &AccessTable, app: guarded::App) {
    let today: Day = "2026-11-22".parse().unwrap();
    let findings: Vec<String> = access.findings(today).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    let wrong = access.verify(app).await.err().unwrap_or_default();
    assert!(wrong.is_empty(), "{:#?}", wrong.iter().map(ToString::to_string).collect::<Vec<_>>());
}

fn tickets() -> TicketCookie {
    TicketCookie::new(KeyRing::random())
}

#[tokio::test]
async fn article_list_is_reviewed() {
    let access = article_list::routes().access();
    assert_access_snapshot!("examples/article-list/access.md", access);
    check(&access, article_list::app(tickets(), article_list::database().await.unwrap())).await;
}

#[tokio::test]
async fn jwks_resource_server_is_reviewed() {
    let access = jwks_resource_server::routes().access();
    assert_access_snapshot!("examples/jwks-resource-server/access.md", access);
    check(&access, jwks_resource_server::api("http://127.0.0.1:9").unwrap()).await;
}

#[tokio::test]
async fn jwt_api_is_reviewed() {
    let access = jwt_api::routes().unwrap().access();
    assert_access_snapshot!("examples/jwt-api/access.md", access);
    check(&access, jwt_api::app().unwrap()).await;
}

#[tokio::test]
async fn live_feed_is_reviewed() {
    let access = live_feed::routes().access();
    assert_access_snapshot!("examples/live-feed/access.md", access);
    check(&access, live_feed::app(tickets())).await;
}

#[tokio::test]
async fn sessions_sqlite_is_reviewed() {
    let access = sessions_sqlite::routes().access();
    assert_access_snapshot!("examples/sessions-sqlite/access.md", access);
    check(&access, sessions_sqlite::app(SessionIdentity::memory())).await;
}

#[tokio::test]
async fn two_instances_is_reviewed() {
    let access = two_instances::routes().access();
    assert_access_snapshot!("examples/two-instances/access.md", access);
    check(&access, two_instances::app(MemoryRevocation::new(), KeyRing::random())).await;
}
