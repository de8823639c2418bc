//! The live feed ends when the right to it does.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::time::timeout;

use crate::{browser::Stream, site::Site};

/// Much longer than it takes; a test that fails ends by it.
const LONG: Duration = Duration::from_mins(1);

pub(crate) async fn next(stream: &mut Stream) -> Option<String> {
    timeout(LONG, stream.event()).await.unwrap()
}

#[tokio::test]
async fn what_appears_is_sent_to_people_who_are_logged_in() {
    let site = Site::start().await;
    let mut visitor = site.browser();
    assert_eq!(visitor.get("/feed").await.location(), "/login?next=%2Ffeed");
    assert_eq!(visitor.get("/feed/events").await.status, StatusCode::SEE_OTHER);
    let (mut rita, mut edda) = (site.browser_of("rita").await, site.browser_of("edda").await);
    let mut stream = rita.stream("/feed/events").await;
    // One article appears at once, the other one in an hour.
    let published = edda.post("/articles/swimming-pool/publish", &[("appears", "2027-01-15T08:00")]).await;
    published.location();
    assert_eq!(next(&mut stream).await.unwrap(), "New: Why the swimming pool stays closed\nswimming-pool");
    rita.post("/articles/tram-seven/comments", &[("body", "At last!")]).await.location();
    let comment = "Rita Reader comments on Tram 7 runs all night, at last\ntram-seven";
    assert_eq!(next(&mut stream).await.unwrap(), comment);
    assert!(rita.get("/feed").await.body.contains("New: Why the swimming pool stays closed"));
}

#[tokio::test]
async fn a_stream_ends_when_its_session_does() {
    let site = Site::start().await;
    for way in ["/logout", "/account/devices/end-all"] {
        let mut rita = site.browser_of("rita").await;
        let mut stream = rita.stream("/feed/events").await;
        rita.post(way, &[]).await.location();
        assert_eq!(next(&mut stream).await, None, "{way}");
    }
}

#[tokio::test]
async fn a_stream_ends_when_its_person_is_blocked() {
    let site = Site::start().await;
    let (mut rita, mut carla) = (site.browser_of("rita").await, site.browser_of("carla").await);
    let mut stream = rita.stream("/feed/events").await;
    carla.post("/people/rita/block", &[]).await.location();
    assert_eq!(next(&mut stream).await, None);
}
