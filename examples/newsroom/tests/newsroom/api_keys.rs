//! Keys for programs: made by their owners, shown once, and ended at once.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode, header};
use serde_json::{Value, json};
use sqlx::SqlitePool;

use auth_runtime::testing::FrozenClock;

use crate::{
    browser::Browser,
    site::{START, Site},
};

/// All scopes.
pub(crate) const ALL: [&str; 4] = ["articles:read", "articles:write", "articles:review", "comments:write"];

/// A program that calls the API.
pub(crate) struct Program {
    base: String,
    credentials: Vec<(&'static str, String)>,
}

/// What a program got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) challenge: String,
    kind: String,
    pub(crate) json: Value,
}

impl Answer {
    /// Fails if this is not problem details with the status.
    #[track_caller]
    pub(crate) fn is_problem(&self) {
        assert_eq!(self.kind, "application/problem+json", "{self:?}");
        let status = self.json.get("status").and_then(Value::as_u64);
        assert_eq!(status, Some(self.status.as_u16().into()), "{self:?}");
    }
}

impl Program {
    pub(crate) fn new(site: &Site, key: &str) -> Self {
        Self { base: site.base.clone(), credentials: vec![("authorization", format!("Bearer {key}"))] }
    }

    pub(crate) fn anonymous(site: &Site) -> Self {
        Self { base: site.base.clone(), credentials: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.credentials.push((name, value.into()));
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Value::Null).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        let client = Client::builder().no_proxy().build().unwrap();
        let mut request = client.request(method.clone(), format!("{}{path}", self.base));
        for (name, value) in &self.credentials {
            request = request.header(*name, value);
        }
        if method != Method::GET {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let text = |name: header::HeaderName| {
            response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        let (location, challenge) = (text(header::LOCATION), text(header::WWW_AUTHENTICATE));
        let (status, kind) = (response.status(), text(header::CONTENT_TYPE));
        let json = serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default();
        Answer { status, location, challenge, kind, json }
    }
}

fn fields<'a>(scopes: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let wanted = scopes.iter().map(|scope| (*scope, "yes"));
    [("name", "backup"), ("days", "7")].into_iter().chain(wanted).collect()
}

/// Makes a key on the page, and returns it.
pub(crate) async fn key(browser: &mut Browser, scopes: &[&str]) -> String {
    let page = browser.post("/account/keys", &fields(scopes)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    let (_, rest) = page.body.split_once("id=\"new-key\">").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

async fn status(site: &Site, key: &str) -> StatusCode {
    Program::new(site, key).get("/api/articles").await.status
}

#[tokio::test]
async fn a_key_is_shown_once_listed_and_revoked() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    let key = key(&mut rita, &["articles:read"]).await;
    let page = rita.get("/account/keys").await;
    assert!(page.body.contains("backup") && page.body.contains("never used"), "{}", page.body);
    assert!(!page.body.contains(&key));
    assert_eq!(status(&site, &key).await, StatusCode::OK);
    let page = rita.get("/account/keys").await;
    assert!(page.body.contains("articles:read, until ") && page.body.contains("last used "), "{}", page.body);
    let revoke = page.attribute("backup", "action");
    // Another person's request finds no such key.
    let mut arthur = site.browser_of("arthur").await;
    assert_eq!(arthur.post(&revoke, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(status(&site, &key).await, StatusCode::OK);
    assert_eq!(rita.post(&revoke, &[]).await.location(), "/account/keys?done=key-revoked");
    assert_eq!(status(&site, &key).await, StatusCode::UNAUTHORIZED);
    assert!(!rita.get("/account/keys").await.body.contains("backup"));
}

#[tokio::test]
async fn the_database_has_no_key_and_another_instance_hears_of_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("newsroom.db").display());
    let clock = FrozenClock::at(START);
    let one = Site::start_with(&database, clock.clone(), |config| config).await;
    let other = Site::start_with(&database, clock, |config| config).await;
    let mut rita = one.browser_of("rita").await;
    let key = key(&mut rita, &["articles:read"]).await;
    assert_eq!(status(&other, &key).await, StatusCode::OK);
    let pool = SqlitePool::connect(&database).await.unwrap();
    let query = sqlx::query_as::<_, (String, String)>("SELECT id, hash FROM api_keys");
    let (id, hash) = query.fetch_one(&pool).await.unwrap();
    let secret = key.rsplit('_').next().unwrap();
    assert!(key.contains(&id) && !hash.contains(secret));
    let revoke = rita.get("/account/keys").await.attribute("backup", "action");
    rita.post(&revoke, &[]).await.location();
    assert_eq!(status(&other, &key).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn keys_end_by_time_by_a_block_and_with_all_devices() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    let first = key(&mut rita, &ALL).await;
    rita.post("/account/devices/end-all", &[]).await.location();
    assert_eq!(status(&site, &first).await, StatusCode::UNAUTHORIZED);
    rita.log_in("rita").await;
    assert_eq!(listed(&mut rita).await, 0);
    let mut agnes = site.browser_of("agnes").await;
    let blocked = key(&mut agnes, &ALL).await;
    let mut carla = site.browser_of("carla").await;
    carla.post("/people/agnes/block", &[]).await.location();
    assert!(status(&site, &blocked).await.is_client_error());
    let late = key(&mut carla, &ALL).await;
    site.clock.advance(Duration::from_hours(7 * 24) - Duration::from_secs(1));
    assert_eq!(status(&site, &late).await, StatusCode::OK);
    site.clock.advance(Duration::from_secs(1));
    assert_eq!(status(&site, &late).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_new_password_ends_the_keys_of_the_person() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    let (hers, of_agnes) = (key(&mut rita, &ALL).await, key(&mut site.browser_of("agnes").await, &ALL).await);
    assert_eq!((status(&site, &hers).await, listed(&mut rita).await), (StatusCode::OK, 1));
    rita.post("/account/password", &[("password", "a longer word for the news")]).await.location();
    assert_eq!(status(&site, &hers).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&site, &of_agnes).await, StatusCode::OK);
    // Not only until the revocation of her other credentials is forgotten.
    assert_eq!(listed(&mut rita).await, 0);
}

/// Returns how many keys a person has that have not ended.
async fn listed(browser: &mut Browser) -> usize {
    let page = browser.get("/account/keys").await;
    assert_eq!(page.status, StatusCode::OK);
    page.body.matches("/revoke\"").count()
}

#[tokio::test]
async fn malformed_credentials_open_nothing() {
    let site = Site::start().await;
    let key = key(&mut site.browser_of("rita").await, &ALL).await;
    let other_end = if key.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{other_end}", key.get(..key.len() - 1).unwrap());
    let values = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {wrong}"),
        format!("Bearer {key}x"),
        format!("Bearer {}", key.to_uppercase()),
        format!("Bearer {}", key.replacen("newsroom", "shop", 1)),
        format!("Bearer  {key} {key}"),
        format!("Basic {key}"),
        format!("ApiKey {key}"),
        key.clone(),
        format!("Bearer {}", "a".repeat(6_000)),
        "Bearer ü".to_owned(),
    ];
    for value in values {
        let got = Program::anonymous(&site).with("authorization", value.clone()).get("/api/articles").await;
        assert_eq!(got.status, StatusCode::UNAUTHORIZED, "{value}");
        got.is_problem();
    }
    let twice = Program::new(&site, &key).with("authorization", format!("Bearer {key}"));
    assert_eq!(twice.get("/api/articles").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        Program::anonymous(&site).with("x-api-key", key).get("/api/articles").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_session_opens_no_api_and_a_key_opens_no_page() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    let key = key(&mut rita, &["articles:read"]).await;
    let cookie =
        rita.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let alone = Program::anonymous(&site).with("cookie", cookie.clone());
    for (method, path) in
        [(Method::GET, "/api/articles"), (Method::POST, "/api/articles/harbour-bridge/comments")]
    {
        let got = alone.send(method, path, json!({ "body": "x" })).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{path}");
        got.is_problem();
    }
    // With both of one person, the scopes of the key count.
    let both = Program::new(&site, &key).with("cookie", cookie.clone());
    assert_eq!(both.get("/api/articles").await.status, StatusCode::OK);
    let got = both.send(Method::POST, "/api/articles/harbour-bridge/comments", json!({ "body": "x" })).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    // Of two people, neither.
    let arthur = crate::api_keys::key(&mut site.browser_of("arthur").await, &ALL).await;
    let mixed = Program::new(&site, &arthur).with("cookie", cookie);
    assert_eq!(mixed.get("/api/articles").await.status, StatusCode::UNAUTHORIZED);
    // A page requires no scope, so it reads no key.
    let headers = [("authorization", format!("Bearer {arthur}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    for path in ["/desk", "/account", "/account/keys"] {
        let got = site.browser().send_with(Method::GET, path, "", &headers).await;
        assert!(got.location().starts_with("/login?next="), "{path}: {}", got.location());
    }
}

#[tokio::test]
async fn keys_are_made_after_a_recent_log_in_and_never_by_support() {
    let site = Site::start().await;
    let mut sam = site.browser_of("sam").await;
    sam.post("/people/agnes/impersonate", &[]).await.location();
    assert_eq!(sam.get("/account/keys").await.status, StatusCode::FORBIDDEN);
    assert_eq!(sam.post("/account/keys", &fields(&ALL)).await.status, StatusCode::FORBIDDEN);
    let mut rita = site.browser_of("rita").await;
    for fields in [
        &[("name", "backup"), ("days", "7")][..],
        &[("name", " "), ("days", "7"), (ALL[0], "yes")],
        &[("name", "a"), ("days", "8"), (ALL[0], "yes")],
        &[("name", "a"), ("days", "7"), ("admin", "yes")],
    ] {
        let got = rita.post("/account/keys", fields).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(!got.body.contains("new-key"));
    }
    site.clock.advance(Duration::from_mins(11));
    let got = rita.get("/account/keys").await;
    assert!(got.location().starts_with("/login?"), "{}", got.location());
    assert_eq!(rita.post("/account/keys", &fields(&ALL)).await.status, StatusCode::UNAUTHORIZED);
}
