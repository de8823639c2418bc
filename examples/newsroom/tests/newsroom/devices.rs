//! Sessions are listed per device and ended.

use std::time::Duration;

use auth_runtime::testing::FrozenClock;
use reqwest::StatusCode;
use sqlx::SqlitePool;

use crate::{
    browser::Browser,
    site::{START, Site},
};

async fn named(site: &Site, person: &str, device: &str) -> Browser {
    let mut browser = site.browser();
    device.clone_into(&mut browser.name);
    browser.log_in(person).await;
    browser
}

#[tokio::test]
async fn one_device_ends_the_session_of_another() {
    let site = Site::start().await;
    let mut phone = named(&site, "rita", "Phone").await;
    let mut laptop = named(&site, "rita", "Laptop").await;
    let page = laptop.get("/account").await;
    assert!(
        page.body.contains("Phone") && page.body.contains("Laptop <strong>(this browser)"),
        "{}",
        page.body
    );
    let end = page.attribute("Phone", "action");
    assert_eq!(laptop.post(&end, &[]).await.location(), "/account?done=session-ended");
    assert!(!phone.is_logged_in().await);
    assert!(laptop.is_logged_in().await);
    assert_eq!(laptop.post(&end, &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_person_cannot_end_a_session() {
    let site = Site::start().await;
    let mut rita = named(&site, "rita", "Phone").await;
    let end = rita.get("/account").await.attribute("Phone", "action");
    let mut sam = site.browser_of("sam").await;
    assert_eq!(sam.post(&end, &[]).await.status, StatusCode::NOT_FOUND);
    assert!(rita.is_logged_in().await);
    // One's own is a log-out.
    assert_eq!(rita.post(&end, &[]).await.location(), "/?done=logged-out");
    assert!(!rita.is_logged_in().await);
}

#[tokio::test]
async fn all_other_devices_or_all_are_logged_out() {
    let site = Site::start().await;
    let mut phone = named(&site, "rita", "Phone").await;
    let mut laptop = named(&site, "rita", "Laptop").await;
    laptop.post("/account/devices/end-others", &[]).await.location();
    assert!(!phone.is_logged_in().await);
    assert!(laptop.is_logged_in().await);
    // In the second of a revocation, a log-in is dated to the next one.
    phone.log_in("rita").await;
    assert_eq!(laptop.post("/account/devices/end-all", &[]).await.location(), "/?done=logged-out-everywhere");
    assert!(!phone.is_logged_in().await);
    assert!(!laptop.is_logged_in().await);
    assert!(site.browser_of("sam").await.is_logged_in().await);
}

#[tokio::test]
async fn idle_sessions_end() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    site.clock.advance(Duration::from_mins(31));
    assert_eq!(rita.get("/account").await.location(), "/login?next=%2Faccount");
}

#[tokio::test]
async fn expired_sessions_are_deleted_from_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("newsroom.db").display());
    let clock = FrozenClock::at(START);
    let site = Site::start_with(&database, clock.clone(), |config| config).await;
    site.browser_of("rita").await;
    let pool = SqlitePool::connect(&database).await.unwrap();
    let count = async || {
        let query = sqlx::query_as::<_, (i64,)>("SELECT COUNT(*) FROM auth_session_index");
        query.fetch_one(&pool).await.unwrap().0
    };
    assert!(count().await > 0);
    drop(site);
    // They are deleted when an instance starts, and every hour. The records go by the clock of the database.
    clock.advance(Duration::from_hours(13));
    let site = Site::start_with(&database, clock.clone(), |config| config).await;
    while count().await > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(site);
}
