//! Two instances with a memory of their own each, and one shared store: a log-out that one of them receives
//! ends the sessions of both.

use std::time::{Duration, Instant};

use auth_login::{
    LoginIndex, Logins, PostgresLoginIndex, PostgresReplayCache, RedisLoginIndex, SqliteLoginIndex,
    SqliteReplayCache, Tokens, profile::Profile, testing::FakeProvider,
};
use auth_runtime::{
    AuthLayer, BoxError, EncryptedCookie, KeyRing, SessionIdentity, UserId,
    clock::{Clock as _, SystemClock},
    guarded,
    jwt::{RedisReplayCache, ReplayCache},
    revocation::{RedisOptions, RedisRevocation},
    testing::FrozenClock,
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    app_and_fake_provider,
    browser_with_cookies::Browser,
    databases,
    logout_setup::{application, begin, everything_of, log_in, send, token},
    redis,
};

/// Two instances of one application.
struct Instances {
    name: &'static str,
    provider: FakeProvider,
    clock: FrozenClock,
    apps: [guarded::App; 2],
    index: Box<dyn LoginIndex>,
    /// Of SQLite
    pool: Option<sqlx::SqlitePool>,
    _directory: tempfile::TempDir,
}

/// What both have in common.
struct Common {
    provider: FakeProvider,
    clock: FrozenClock,
    keys: KeyRing,
}

impl Common {
    async fn new() -> Self {
        // The stores of sessions compare with the system's clock.
        let clock = FrozenClock::at(SystemClock.now().as_secs());
        Self { provider: app_and_fake_provider::provider(&clock).await, clock, keys: KeyRing::random() }
    }

    fn app(&self, auth: AuthLayer, configure: impl FnOnce(Logins) -> Logins) -> guarded::App {
        let logins = Logins::new("https://app.example.com").unwrap().with_clock(self.clock.clone());
        let logins = configure(logins.with_keys(self.keys.clone()));
        let login = logins
            .provider(self.provider.login("fake").unwrap())
            .unwrap()
            .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
        application(&login, auth.with_clock(self.clock.clone()))
    }

    fn with_sessions(
        &self,
        policy: SessionIdentity,
        index: impl LoginIndex,
        used: impl ReplayCache,
    ) -> guarded::App {
        let sessions = policy.sessions();
        self.app(AuthLayer::new(policy), |logins| {
            logins.with_back_channel_logout_of_sessions(index, sessions).with_replay_cache(used)
        })
    }

    fn instances(
        self,
        name: &'static str,
        apps: [guarded::App; 2],
        index: impl LoginIndex,
        directory: tempfile::TempDir,
    ) -> Instances {
        let Self { provider, clock, .. } = self;
        Instances { name, provider, clock, apps, index: Box::new(index), pool: None, _directory: directory }
    }
}

async fn with_sqlite() -> Instances {
    let (common, directory) = (Common::new().await, tempfile::tempdir().unwrap());
    let pools = [databases::sqlite(directory.path()).await, databases::sqlite(directory.path()).await];
    let index = |pool: &sqlx::SqlitePool| {
        SqliteLoginIndex::new(pool.clone(), common.keys.clone()).with_clock(common.clock.clone())
    };
    let [one, _] = &pools;
    index(one).create_tables().await.unwrap();
    SqliteReplayCache::new(one.clone()).create_tables().await.unwrap();
    SessionIdentity::sqlite(one.clone()).migrate().await.unwrap();
    let app = |pool: &sqlx::SqlitePool| {
        let policy = SessionIdentity::sqlite(pool.clone()).with_store_deadline(Duration::from_secs(30));
        common.with_sessions(policy, index(pool), SqliteReplayCache::new(pool.clone()))
    };
    let (apps, index) = ([app(&pools[0]), app(&pools[1])], index(one));
    let pool = Some(one.clone());
    Instances { pool, ..common.instances("sqlite", apps, index, directory) }
}

async fn with_postgres() -> Option<Instances> {
    let pool = databases::postgres().await?;
    let common = Common::new().await;
    let index = PostgresLoginIndex::new(pool.clone(), common.keys.clone()).with_clock(common.clock.clone());
    index.create_tables().await.unwrap();
    let used = PostgresReplayCache::new(pool.clone());
    used.create_tables().await.unwrap();
    SessionIdentity::postgres(pool.clone()).migrate().await.unwrap();
    let app = || {
        let policy = SessionIdentity::postgres(pool.clone()).with_store_deadline(Duration::from_secs(30));
        common.with_sessions(policy, index.clone(), used.clone())
    };
    let apps = [app(), app()];
    Some(common.instances("postgres", apps, index, tempfile::tempdir().unwrap()))
}

async fn with_redis() -> Option<Instances> {
    let clients = [redis::client().await?, redis::client().await?];
    let (common, prefix) = (Common::new().await, redis::prefix());
    let index = |client: &fred::clients::Client| {
        let index = RedisLoginIndex::new(client.clone(), common.keys.clone()).with_prefix(prefix.as_str());
        index.with_clock(common.clock.clone())
    };
    let app = |client: &fred::clients::Client| {
        let policy = SessionIdentity::redis(client.clone()).with_store_deadline(Duration::from_secs(30));
        let used = RedisReplayCache::new(client.clone()).with_prefix(format!("{prefix}:used"));
        common.with_sessions(policy, index(client), used)
    };
    let (apps, index) = ([app(&clients[0]), app(&clients[1])], index(&clients[0]));
    Some(common.instances("redis", apps, index, tempfile::tempdir().unwrap()))
}

/// Encrypted cookies, and a list of revocations on a Redis server.
async fn with_encrypted_cookies() -> Option<Instances> {
    let (client, address) = (redis::client().await?, redis::address()?);
    let (common, prefix) = (Common::new().await, redis::prefix());
    let index = RedisLoginIndex::new(client.clone(), common.keys.clone()).with_prefix(prefix.as_str());
    let index = index.with_clock(common.clock.clone());
    let mut apps = Vec::new();
    for _ in 0..2 {
        let options =
            RedisOptions::new(&address).with_prefix(prefix.as_str()).with_clock(common.clock.clone());
        let list = RedisRevocation::connect(options).await.unwrap();
        let policy = EncryptedCookie::new(common.keys.clone());
        let used = RedisReplayCache::new(client.clone()).with_prefix(format!("{prefix}:used"));
        apps.push(common.app(AuthLayer::new(policy).with_revocation(list.clone()), |logins| {
            logins.with_back_channel_logout(index.clone(), list).with_replay_cache(used)
        }));
    }
    let apps = <[guarded::App; 2]>::try_from(apps).map_err(|_| "there are two").unwrap();
    Some(common.instances("encrypted cookies", apps, index, tempfile::tempdir().unwrap()))
}

async fn all() -> Vec<Instances> {
    let others = [with_postgres().await, with_redis().await, with_encrypted_cookies().await];
    [with_sqlite().await].into_iter().chain(others.into_iter().flatten()).collect()
}

impl Instances {
    async fn log_in(&self, user: &str, session: &'static str) -> Browser {
        log_in(&self.provider, &self.apps[0], user, session).await
    }

    /// Sends a log-out to the second instance.
    async fn log_out(&self, changes: &Value) -> StatusCode {
        send(&self.apps[1], &token(&self.provider, self.clock.now(), changes)).await.status
    }

    /// The session has ended at both instances. A list of revocations may take a moment to reach them.
    async fn assert_ended(&self, browser: &Browser) {
        for app in &self.apps {
            let mut browser = browser.at(app);
            let began = Instant::now();
            while browser.get("/me").await.status != StatusCode::UNAUTHORIZED {
                assert!(self.name == "encrypted cookies", "{}", self.name);
                assert!(began.elapsed() < Duration::from_secs(30), "{}: not within 30 seconds", self.name);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    async fn assert_goes_on(&self, browser: &Browser, user: &str) {
        for app in &self.apps {
            assert_eq!(browser.at(app).get("/me").await.text, user, "{}", self.name);
        }
    }
}

#[tokio::test]
async fn a_logout_at_one_instance_ends_the_session_on_all_and_no_other() {
    for instances in all().await {
        let one = instances.log_in("alice", "one").await;
        let two = instances.log_in("alice", "two").await;
        instances.assert_goes_on(&one, "alice").await;
        assert_eq!(instances.log_out(&json!({})).await, StatusCode::OK, "{}", instances.name);
        instances.assert_ended(&one).await;
        instances.assert_goes_on(&two, "alice").await;
    }
}

#[tokio::test]
async fn a_token_with_a_subject_alone_ends_every_session_of_this_user_on_all() {
    for instances in all().await {
        let hers = [instances.log_in("alice", "one").await, instances.log_in("alice", "two").await];
        let his = instances.log_in("bob", "three").await;
        assert_eq!(instances.log_out(&json!({"sid": null})).await, StatusCode::OK, "{}", instances.name);
        for browser in &hers {
            instances.assert_ended(browser).await;
        }
        instances.assert_goes_on(&his, "bob").await;
        let left = instances.index.find(&everything_of(&instances.provider, "alice")).await.unwrap();
        assert!(left.is_empty(), "{}: {left:?}", instances.name);
    }
}

#[tokio::test]
async fn a_logout_token_serves_once_among_all_instances() {
    for instances in all().await {
        let sent = token(&instances.provider, instances.clock.now(), &json!({}));
        assert_eq!(send(&instances.apps[1], &sent).await.status, StatusCode::OK, "{}", instances.name);
        let again = instances.log_in("alice", "one").await;
        for app in &instances.apps {
            assert_eq!(send(app, &sent).await.status, StatusCode::BAD_REQUEST, "{}", instances.name);
        }
        instances.assert_goes_on(&again, "alice").await;
    }
}

#[tokio::test]
async fn a_session_that_was_rotated_or_impersonates_ends_on_all() {
    for instances in all().await {
        for (number, changes) in [&["/rotate", "/rotate"][..], &["/act-as-bob", "/rotate"]].iter().enumerate()
        {
            let mut browser = instances.log_in("alice", "one").await;
            let his = instances.log_in("bob", "two").await;
            for change in *changes {
                assert_eq!(browser.post(change, "").await.status, StatusCode::OK, "{}", instances.name);
            }
            let user = if changes.contains(&"/act-as-bob") { "bob" } else { "alice" };
            instances.assert_goes_on(&browser, user).await;
            let jti = json!({"jti": number.to_string()});
            assert_eq!(instances.log_out(&jti).await, StatusCode::OK, "{}", instances.name);
            instances.assert_ended(&browser).await;
            instances.assert_goes_on(&his, "bob").await;
        }
    }
}

/// A log-out at one instance, at any moment of a log-in at the other that began before it, leaves no session
/// behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_and_a_logout_at_the_same_moment_leave_no_session_behind() {
    for instances in all().await {
        for round in 0..16 {
            let (mut browser, callback) =
                begin(&instances.provider, &instances.apps[0], "alice", "one").await;
            let changes = match round % 2 {
                0 => json!({"jti": round.to_string()}),
                _ => json!({"jti": round.to_string(), "sid": null}),
            };
            // Later and later: it holds in any order, so none is waited for.
            let later = async {
                tokio::time::sleep(Duration::from_millis(2 * round)).await;
                instances.log_out(&changes).await
            };
            let (page, status) = tokio::join!(browser.come_back(&callback), later);
            assert_eq!(status, StatusCode::OK, "{}", instances.name);
            if page.status != StatusCode::SEE_OTHER {
                let expected = (StatusCode::BAD_REQUEST, "interaction_required");
                assert_eq!((page.status, page.code()), expected, "{} {round}", instances.name);
            }
            instances.assert_ended(&browser).await;
            let left = instances.index.find(&everything_of(&instances.provider, "alice")).await.unwrap();
            assert!(left.is_empty(), "{}: {left:?}", instances.name);
        }
    }
}

// The store of sessions fails while the sessions are ended: the same token ends them when it is back.
#[tokio::test]
async fn a_token_is_good_until_the_store_of_sessions_is_back() -> Result<(), BoxError> {
    let instances = with_sqlite().await;
    let browser = instances.log_in("alice", "one").await;
    let pool = instances.pool.as_ref().unwrap();
    sqlx::query("ALTER TABLE tower_sessions RENAME TO away").execute(pool).await?;
    assert_eq!(instances.log_out(&json!({})).await, StatusCode::BAD_REQUEST);
    sqlx::query("ALTER TABLE away RENAME TO tower_sessions").execute(pool).await?;
    instances.assert_goes_on(&browser, "alice").await;
    assert_eq!(instances.log_out(&json!({})).await, StatusCode::OK);
    instances.assert_ended(&browser).await;
    assert_eq!(instances.log_out(&json!({})).await, StatusCode::BAD_REQUEST, "it is used up now");
    Ok(())
}
