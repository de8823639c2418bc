//! Several instances behind one PostgreSQL database and one Redis server.

use auth_runtime::{
    clock::{Clock as _, SystemClock},
    testing::FrozenClock,
};
use reqwest::StatusCode;

use crate::{services, site::Site};

#[tokio::test]
async fn two_instances_are_one_newsroom() {
    let (Some(database), Some(redis)) = (services::postgres(), services::redis()) else { return };
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
    rita.post("/account/devices/end-all", &[]).await.location();
    assert!(!there.is_logged_in().await);

    let mut edda = other.browser_of("edda").await;
    let page = edda.get("/articles/swimming-pool").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let mut here = edda.clone().at(&one.base);
    let published = here.post("/articles/swimming-pool/publish", &[("appears", "2026-01-15T08:00")]).await;
    assert_eq!(published.location(), "/articles/swimming-pool?done=published");
    assert!(other.browser().get("/").await.body.contains("swimming-pool"));
}
