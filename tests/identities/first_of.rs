//! What `FirstOf` promises: policies are asked in order, none is passed over, and changes go where they belong.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use auth_runtime::{
    ApiKey, Auth, AuthError, AuthLayer, Basic, EncryptedCookie, FirstOf, Identity, IdentityPolicy, Key,
    KeyRing, TicketCookie, UserId, async_trait, auth_required,
    clock::UnixTime,
    identity::{
        ApiKeyRecord, Challenge, ChangeContext, Data, DataEdits, Effects, Identification, Identified,
        IdentityError, Incoming, LoginOptions, MemoryApiKeys, NewApiKey, Password, TicketData,
    },
    testing::{Call, FakeIdentity, FrozenClock, USER_HEADER},
};
use axum::{
    Router,
    http::{HeaderValue, Request, StatusCode, header, request::Builder},
    routing::{any, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::support::{self, Answer, Log};

const NOON: u64 = 1_700_000_000;

fn key(seed: u8) -> Key {
    Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap()
}

fn ticket() -> TicketCookie {
    TicketCookie::new(KeyRing::new(key(0)))
}

fn basic() -> impl IdentityPolicy {
    Basic::new(|name: String, password: Password| async move {
        let right = password == Password::new("right")?;
        Ok(if right { Some(Identity::new(name)?) } else { None })
    })
}

fn keys(owner: &str) -> (NewApiKey, ApiKey<MemoryApiKeys>) {
    let store = MemoryApiKeys::new();
    let owner = Identity::new(owner).unwrap();
    let (key, record) = ApiKeyRecord::issue("shop", owner, UnixTime::from_secs(NOON)).unwrap();
    store.add(record);
    (key, ApiKey::new(store))
}

async fn maybe(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

async fn login(auth: Auth) -> Result<String, AuthError> {
    auth.remember_with("alice", &LoginOptions::new().with_tokens(["mfa"])).await?;
    Ok(auth.user_id().await?.map_or_else(String::new, |user| user.to_string()))
}

async fn logout(auth: Auth) -> Result<String, AuthError> {
    auth.forget().await?;
    Ok(auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string()))
}

async fn again(auth: Auth) -> Result<String, AuthError> {
    auth.forget().await?;
    auth.remember("bob").await?;
    auth.rotate().await?;
    Ok(auth.user_id().await?.map_or_else(String::new, |user| user.to_string()))
}

async fn tokens(auth: Auth) -> Result<String, AuthError> {
    let data = auth.credential_data::<TicketData>().await?;
    Ok(data.map_or_else(String::new, |data| data.tokens().join(" ")))
}

async fn act(auth: Auth) -> Result<(), AuthError> {
    auth.impersonate("bob").await
}

async fn keep(auth: Auth) -> Result<(), AuthError> {
    auth.store(&DataEdits::new().set("a", "1")).await
}

fn app(policy: impl IdentityPolicy) -> Router {
    app_at(policy, &FrozenClock::at(NOON))
}

fn app_at(policy: impl IdentityPolicy, clock: &FrozenClock) -> Router {
    Router::new()
        .route("/maybe", any(maybe))
        .route("/profile", any(profile))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/again", post(again))
        .route("/tokens", any(tokens))
        .route("/keep", post(keep))
        .route("/act", post(act))
        .layer(AuthLayer::new(policy).with_clock(clock.clone()))
}

/// A cookie of this user's, `name=value`.
async fn cookie_of(policy: TicketCookie, user: &'static str) -> String {
    let login = move |auth: Auth| async move { auth.remember(user).await };
    let app =
        Router::new().route("/", post(login)).layer(AuthLayer::new(policy).with_clock(FrozenClock::at(NOON)));
    support::ask(&app, Request::post("/")).await.cookies().remove(0)
}

fn credentials(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

fn with(request: Builder, headers: &[(&str, &str)]) -> Builder {
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

async fn get(app: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    support::ask(app, with(Request::get(path), headers)).await
}

async fn send(app: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    support::ask(app, with(Request::post(path), headers)).await
}

type Headers<'a> = &'a [(&'a str, &'a str)];

// Ambiguous credentials are never resolved silently.
#[tokio::test]
async fn credentials_are_taken_together() {
    let (key, api_keys) = keys("alice");
    let (other_key, _) = keys("alice");
    let app = app(FirstOf::new(ticket()).then(basic()).then(api_keys));
    let alice = cookie_of(ticket(), "alice").await;
    let bob = cookie_of(ticket(), "bob").await;
    let stale = cookie_of(TicketCookie::new(KeyRing::new(key_of_another_ring())), "alice").await;
    let right = credentials("alice", "right");
    let (wrong, bobs) = (credentials("alice", "wrong"), credentials("bob", "right"));
    let (key, unknown) = (key.expose(), other_key.expose());
    let cases: &[(Headers<'_>, Result<&str, u16>)] = &[
        (&[], Ok("anonymous")),
        (&[("cookie", &alice)], Ok("alice")),
        (&[("authorization", &right)], Ok("alice")),
        (&[("x-api-key", key)], Ok("alice")),
        // The same one twice is not a contradiction.
        (&[("cookie", &alice), ("authorization", &right), ("x-api-key", key)], Ok("alice")),
        // Two different ones are, in any order.
        (&[("cookie", &alice), ("authorization", &bobs)], Err(401)),
        (&[("cookie", &bob), ("authorization", &right)], Err(401)),
        (&[("cookie", &bob), ("x-api-key", key)], Err(401)),
        (&[("authorization", &bobs), ("x-api-key", key)], Err(401)),
        (&[("cookie", &alice), ("cookie", &bob)], Err(401)),
        // A refused credential is not an absent one.
        (&[("authorization", &wrong)], Err(401)),
        (&[("cookie", &alice), ("authorization", &wrong)], Err(401)),
        (&[("cookie", &alice), ("x-api-key", unknown)], Err(401)),
        (&[("x-api-key", key), ("authorization", &wrong)], Err(401)),
        // An ignored one is: browsers keep old cookies.
        (&[("cookie", &stale)], Ok("anonymous")),
        (&[("cookie", "__Host-auth=junk")], Ok("anonymous")),
        (&[("cookie", &stale), ("authorization", &right)], Ok("alice")),
        (&[("cookie", &stale), ("x-api-key", key)], Ok("alice")),
        (&[("authorization", "Digest x")], Ok("anonymous")),
    ];
    for (headers, expected) in cases {
        let answer = get(&app, "/maybe", headers).await;
        match expected {
            Ok(user) => assert_eq!((answer.status, answer.text()), (StatusCode::OK, *user), "{headers:?}"),
            Err(status) => assert_eq!(answer.status.as_u16(), *status, "{headers:?}"),
        }
    }
}

fn key_of_another_ring() -> Key {
    key(9)
}

#[tokio::test]
async fn who_cannot_answer_leaves_the_question_open() {
    let (key, api_keys) = keys("alice");
    let down = FirstOf::new(api_keys).then(FakeIdentity::failing());
    let answer = get(&app(down), "/profile", &[("x-api-key", key.expose())]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_first_that_knows_says_so() {
    let (key, api_keys) = keys("alice");
    let (first, second) = (FakeIdentity::by_header(), FakeIdentity::by_header().waiting());
    let policy = FirstOf::new(first.clone()).then(second.clone()).then(api_keys);
    let app = app(policy);
    for _ in 0..2 {
        let answer = get(&app, "/profile", &[(USER_HEADER, "alice"), ("x-api-key", key.expose())]).await;
        assert_eq!(answer.text(), "alice");
    }
    assert_eq!(
        first.calls(),
        [Call::Identify, Call::Identify],
        "once per request, though the second has to wait"
    );
    assert_eq!(second.calls(), [Call::Identify, Call::Identify]);
}

#[tokio::test]
async fn a_refusal_asks_for_all_of_them_and_names_all_headers() {
    let (_, api_keys) = keys("alice");
    let policy = FirstOf::new(ticket()).then(basic()).then(api_keys).then(ticket());
    let challenges: Vec<HeaderValue> = policy.challenges(Challenge::Missing).into_iter().collect();
    assert_eq!(
        challenges,
        [
            "Cookie realm=\"restricted\"",
            "Basic realm=\"restricted\", charset=\"UTF-8\"",
            "ApiKey realm=\"restricted\"",
            "Cookie realm=\"restricted\""
        ]
    );
    assert_eq!(policy.challenge(), "Cookie realm=\"restricted\"");
    let app = app(policy);
    let answer = get(&app, "/profile", &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers.get_all(header::WWW_AUTHENTICATE).iter().count(), 4);
    assert_eq!(answer.header("vary"), "cookie, authorization, x-api-key");
    assert_eq!(get(&app, "/maybe", &[]).await.header("vary"), "cookie, authorization, x-api-key");
}

#[tokio::test]
async fn vary_is_completed_item_by_item() {
    async fn own(_: Option<UserId>) -> ([(&'static str, &'static str); 1], ()) {
        ([("vary", "Accept, AUTHORIZATION")], ())
    }
    async fn all(_: Option<UserId>) -> ([(&'static str, &'static str); 1], ()) {
        ([("vary", "*")], ())
    }
    let app = Router::new()
        .route("/own", any(own))
        .route("/all", any(all))
        .layer(AuthLayer::new(FirstOf::new(ticket()).then(basic())));
    assert_eq!(get(&app, "/own", &[]).await.header("vary"), "Accept, AUTHORIZATION, cookie");
    assert_eq!(get(&app, "/all", &[]).await.header("vary"), "*");
}

#[tokio::test]
async fn whether_another_site_may_send_it_depends_on_what_was_found() {
    let (key, api_keys) = keys("alice");
    let app = app(FirstOf::new(ticket()).then(basic()).then(api_keys));
    let alice = cookie_of(ticket(), "alice").await;
    let right = credentials("alice", "right");
    let foreign = ("sec-fetch-site", "cross-site");
    for (headers, status) in [
        (vec![foreign, ("cookie", &*alice)], 403),
        (vec![foreign, ("authorization", &right)], 403),
        (vec![foreign, ("cookie", &alice), ("authorization", &right)], 403),
        (vec![foreign, ("x-api-key", key.expose())], 200),
        (vec![foreign, ("x-api-key", key.expose()), ("cookie", &alice)], 200),
        (vec![("cookie", &alice)], 200),
    ] {
        assert_eq!(send(&app, "/profile", &headers).await.status.as_u16(), status, "{headers:?}");
    }
    // CSRF: no other site can log a user in or out, with any further content of the request.
    for path in ["/login", "/logout"] {
        for headers in [vec![foreign], vec![foreign, ("x-api-key", key.expose())]] {
            let answer = send(&app, path, &headers).await;
            assert_eq!((answer.status, answer.cookies().len()), (StatusCode::FORBIDDEN, 0), "{path}");
        }
    }
}

#[tokio::test]
async fn a_log_in_goes_to_the_policy_that_is_meant_for_it() {
    let (_, api_keys) = keys("alice");
    let second = TicketCookie::new(KeyRing::new(key(1))).with_cookie_name("__Host-second").unwrap();
    for (policy, name) in [
        (FirstOf::new(ticket()).then(basic()), "__Host-auth"),
        (FirstOf::new(basic()).then_log_in(ticket()), "__Host-auth"),
        (FirstOf::new(ticket()).then_log_in(second).then(api_keys), "__Host-second"),
        (FirstOf::new(FirstOf::new(basic()).then_log_in(ticket())).then(basic()), "__Host-auth"),
    ] {
        let app = app(policy);
        let answer = send(&app, "/login", &[]).await;
        assert_eq!(answer.text(), "alice");
        let cookie = answer.cookies().remove(0);
        assert!(cookie.starts_with(name), "{cookie}");
        assert_eq!(get(&app, "/profile", &[("cookie", &cookie)]).await.text(), "alice");
        assert_eq!(
            get(&app, "/tokens", &[("cookie", &cookie)]).await.text(),
            "mfa",
            "what the finder keeps is found"
        );
    }
    let cannot = app(FirstOf::new(basic()).then(keys("alice").1));
    assert_eq!(send(&cannot, "/login", &[]).await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

/// The removal of the second policy's cookie would undo the log-in, unnoticed.
#[tokio::test]
async fn two_policies_with_one_cookie_are_logged() {
    let old = || TicketCookie::new(KeyRing::new(key(1)));
    let cookie = cookie_of(old(), "bob").await;
    for policy in [FirstOf::new(ticket()).then(old()), FirstOf::new(old()).then_log_in(ticket())] {
        let app = app(policy);
        let (answer, told) = Log::of(send(&app, "/login", &[("cookie", &cookie)])).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.cookies(), [""; 0]);
        let told = told.iter().find(|told| told.message == "failed").unwrap();
        assert_eq!(
            told.field("error"),
            "two policies of a `FirstOf` have the same cookie; add `with_cookie_name` to one of them"
        );
    }
    // A browser keeps cookies of other paths apart, and so does a log-in.
    let elsewhere = || old().with_cookie_name("auth").unwrap().with_path("/old").unwrap();
    let policy = FirstOf::new(ticket().with_cookie_name("auth").unwrap()).then(elsewhere());
    let cookie = cookie_of(elsewhere(), "bob").await;
    let answer = send(&app(policy), "/login", &[("cookie", &cookie)]).await;
    assert_eq!(answer.text(), "alice");
    assert_eq!(answer.cookies().len(), 2);
}

#[tokio::test]
async fn a_log_in_ends_what_would_contradict_it() {
    let second = || TicketCookie::new(KeyRing::new(key(1))).with_cookie_name("__Host-second").unwrap();
    let app = app(FirstOf::new(ticket()).then(second()));
    let bob = cookie_of(second(), "bob").await;
    for cookies in [bob.clone(), format!("{bob}; {}", cookie_of(ticket(), "carol").await), format!("{bob}x")]
    {
        let answer = send(&app, "/login", &[("cookie", &cookies)]).await;
        assert_eq!(answer.text(), "alice");
        let set = answer.cookies();
        assert_eq!(set.len(), 2);
        assert!(set[0].starts_with("__Host-auth=A"), "{set:?}");
        assert_eq!(set[1], "__Host-second=");
    }
    let answer = send(&app, "/again", &[("cookie", &bob)]).await;
    assert_eq!(answer.text(), "bob");
}

#[tokio::test]
async fn a_log_out_removes_every_cookie_and_no_header() {
    let (key, api_keys) = keys("alice");
    let second = || TicketCookie::new(KeyRing::new(self::key(1))).with_cookie_name("__Host-second").unwrap();
    let app = app(FirstOf::new(ticket()).then(second()).then(api_keys));
    let cookies = format!("{}; {}", cookie_of(ticket(), "alice").await, cookie_of(second(), "alice").await);
    for headers in [vec![("cookie", &*cookies)], vec![("cookie", &*cookies), ("x-api-key", key.expose())]] {
        let answer = send(&app, "/logout", &headers).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "anonymous"));
        assert_eq!(answer.cookies(), ["__Host-auth=", "__Host-second="]);
    }
    assert_eq!(send(&app, "/logout", &[]).await.cookies(), ["__Host-auth="]);
    let only_key = send(&app, "/logout", &[("x-api-key", key.expose())]).await;
    assert_eq!(only_key.status, StatusCode::FORBIDDEN);
    // A contradiction ends, too.
    let both = format!("{}; {}", cookie_of(ticket(), "alice").await, cookie_of(second(), "bob").await);
    assert_eq!(get(&app, "/maybe", &[("cookie", &both)]).await.status, StatusCode::UNAUTHORIZED);
    let answer = send(&app, "/logout", &[("cookie", &both)]).await;
    assert_eq!((answer.text(), answer.cookies().len()), ("anonymous", 2));
}

#[tokio::test]
async fn only_what_found_the_user_is_renewed() {
    let clock = FrozenClock::at(NOON);
    let (key, api_keys) = keys("alice");
    let app = app_at(FirstOf::new(api_keys).then(ticket()), &clock);
    let alice = cookie_of(ticket(), "alice").await;
    clock.advance(std::time::Duration::from_hours(5));
    let answer = get(&app, "/profile", &[("cookie", &alice), ("x-api-key", key.expose())]).await;
    assert_eq!((answer.text(), answer.cookies().len()), ("alice", 1));
    assert!(get(&app, "/profile", &[("x-api-key", key.expose())]).await.cookies().is_empty());
}

/// Stores the data in a header.
struct Keeper;

#[async_trait]
impl IdentityPolicy for Keeper {
    fn identify<'a>(&'a self, _: &'a Incoming<'a>) -> Identification<'a> {
        auth_runtime::Answer::later(async move {
            Ok(Identified::anonymous().with_data(std::sync::Arc::new(Data::default())))
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }

    async fn store(&self, context: &ChangeContext<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        let mut data = context.current().data().map(|data| (**data).clone()).unwrap();
        data.edit(edits);
        let text = HeaderValue::from_str(data.get("a").unwrap()).unwrap();
        let found = Identified::anonymous().with_data(std::sync::Arc::new(data));
        Ok(Effects::set_cookie("kept", text).with_identified(found))
    }
}

#[tokio::test]
async fn data_goes_to_the_finder_or_else_where_log_ins_go() {
    let (key, api_keys) = keys("alice");
    let app = app(FirstOf::new(api_keys).then_log_in(Keeper));
    assert_eq!(send(&app, "/keep", &[]).await.status, StatusCode::OK);
    // A key keeps nothing.
    let answer = send(&app, "/keep", &[("x-api-key", key.expose())]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

// The client chooses what it sends: that is not a mistake of the application.
#[tokio::test]
async fn no_credential_gets_500_where_a_log_in_would_have_another() {
    let store = MemoryApiKeys::new();
    let issued = ApiKeyRecord::issue("shop", Identity::new("alice").unwrap(), UnixTime::from_secs(NOON));
    let (key, record) = issued.unwrap();
    store.add(record);
    let api_keys = || ApiKey::new(store.clone());
    let basic_of_alice = credentials("alice", "right");
    let encrypted = || EncryptedCookie::new(KeyRing::new(self::key(1)));
    let policies = || {
        let inner = FirstOf::new(api_keys()).then(basic()).then_log_in(encrypted());
        [
            FirstOf::new(api_keys()).then(basic()).then_log_in(encrypted()),
            FirstOf::new(encrypted()).then(api_keys()).then(basic()),
            FirstOf::new(inner).then(ticket()),
        ]
    };
    // An application takes a log-out that has failed for one, so that is last.
    let paths = ["/keep", "/act", "/login", "/again", "/logout"];
    let credentials: [Headers<'_>; 2] =
        [&[("x-api-key", key.expose())], &[("authorization", &basic_of_alice)]];
    for headers in credentials {
        for (number, policy) in policies().into_iter().enumerate() {
            let app = app(policy);
            for path in paths {
                let (answer, told) = Log::of(send(&app, path, headers)).await;
                let header = headers[0].0;
                // A key says that the client means the log-in; a browser repeats `Basic`, also beside the
                // cookie.
                let is_log_in = path == "/login" && header == "x-api-key";
                let expected = if is_log_in { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(answer.status, expected, "{number} {path} {header}");
                assert!(told.iter().all(|told| told.message != "misconfigured"), "{number} {path}: {told:?}");
            }
        }
        // Beside a cookie of the same user.
        for (number, policy) in policies().into_iter().enumerate() {
            let app = app(policy);
            let cookie = send(&app, "/login", &[]).await.cookies().remove(0);
            let both = [headers, &[("cookie", cookie.as_str())]].concat();
            for path in paths {
                let status = send(&app, path, &both).await.status;
                assert!(!status.is_server_error(), "{number} {path} {both:?}: {status}");
            }
        }
    }
    // Where log-ins use it, too, the application has made a mistake.
    let app = app(FirstOf::new(api_keys()).then(basic()));
    for path in ["/logout", "/keep", "/act", "/login"] {
        let status = send(&app, path, &[("x-api-key", key.expose())]).await.status;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
}

#[test]
fn lists_of_policies_show_no_keys() {
    let shown = format!("{:?}", FirstOf::new(ticket()).then(basic()));
    assert!(shown.contains("policies: 2") && shown.contains("cookie, authorization"), "{shown}");
}
