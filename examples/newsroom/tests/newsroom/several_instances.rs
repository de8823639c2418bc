//! Several instances behind one PostgreSQL database and one Redis server.

use std::time::{SystemTime, UNIX_EPOCH};

use auth_runtime::{
    clock::{Clock as _, SystemClock},
    testing::FrozenClock,
};
use reqwest::StatusCode;
use sqlx::{Connection as _, PgConnection};

use crate::{
    api_keys::{Program, key},
    feed::next,
    services,
    site::Site,
};

/// Returns the address of a new database on the server, so that the test can run again.
async fn new_database(server: &str) -> String {
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let name = format!("newsroom_{}_{nanoseconds}", std::process::id());
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::query(&format!("CREATE DATABASE {name}")).execute(&mut connection).await.unwrap();
    let (before, _) = server.rsplit_once('/').unwrap();
    format!("{before}/{name}")
}

#[tokio::test]
async fn two_instances_are_one_newsroom() {
    let (Some(server), Some(redis)) = (services::postgres(), services::redis()) else { return };
    let database = new_database(&server).await;
    // Revocations in Redis have the time of the system.
    let clock = FrozenClock::at(SystemClock.now().as_secs());
    let start = || {
        let redis = redis.clone();
        Site::start_with(&database, clock.clone(), |config| config.with_redis(redis))
    };
    // At once, on a database without tables.
    let (one, other) = tokio::join!(start(), start());

    let mut rita = one.browser_of("rita").await;
    let mut there = rita.clone().at(&other.base);
    assert!(there.is_logged_in().await);
    let mut stream = there.stream("/feed/events").await;

    let mut edda = other.browser_of("edda").await;
    let page = edda.get("/articles/swimming-pool").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let mut here = edda.clone().at(&one.base);
    let published = here.post("/articles/swimming-pool/publish", &[("appears", "2026-01-15T08:00")]).await;
    assert_eq!(published.location(), "/articles/swimming-pool?done=published");
    assert!(other.browser().get("/").await.body.contains("swimming-pool"));

    let key = key(&mut here, &["articles:read"]).await;
    let program = Program::new(&other, &key);
    assert_eq!(program.get("/api/articles").await.status, StatusCode::OK);
    let revoke = here.get("/account/keys").await.attribute("backup", "action");
    here.post(&revoke, &[]).await.location();
    assert_eq!(program.get("/api/articles").await.status, StatusCode::UNAUTHORIZED);

    // What happens on one instance is news on the other, and so is the end of a session.
    let news = next(&mut stream).await.unwrap();
    assert_eq!(news, "New: Why the swimming pool stays closed\nswimming-pool");
    rita.post("/account/devices/end-all", &[]).await.location();
    assert_eq!(next(&mut stream).await, None);
    assert!(!there.is_logged_in().await);
}
