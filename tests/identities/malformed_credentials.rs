//! No credential, however malformed, causes an error of the server or opens a door.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, KeyRing, TicketCookie, UserId, acl, acl_required, allow_anonymous,
    auth_required,
    identity::{Identified, IdentityError, IdentityPolicy},
    testing::FakeIdentity,
};
use axum::{
    Extension, Router,
    body::Body,
    extract::Request as Whole,
    http::{HeaderName, HeaderValue, Request, StatusCode, header},
    middleware::{Next, from_fn},
    response::Response,
    routing::{any, post},
};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::support::{self, Answer};

const PAGES: Acl = acl![(Allow, User("admin"), ["rule"]), (Allow, Authenticated, ["edit"])];

#[auth_required]
async fn profile(user: UserId) -> String {
    format!("reached by {user}")
}

#[acl_required("edit", PAGES)]
async fn edit() -> &'static str {
    "reached"
}

#[acl_required("rule", PAGES)]
async fn rule() -> &'static str {
    "reached"
}

#[allow_anonymous]
async fn public(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

async fn login(auth: Auth) -> Result<(), AuthError> {
    auth.remember("alice").await
}

fn routes() -> Router {
    Router::new()
        .route("/profile", any(profile))
        .route("/edit", any(edit))
        .route("/rule", any(rule))
        .route("/public", any(public))
        .route("/plain", any(|| async { "plain" }))
        .route("/login", post(login))
}

fn app() -> Router {
    routes().layer(AuthLayer::new(TicketCookie::new(KeyRing::random())))
}

async fn ticket(app: &Router) -> String {
    support::ask(app, Request::post("/login")).await.cookies().remove(0)
}

async fn with_headers(app: &Router, path: &str, headers: &[(HeaderName, HeaderValue)]) -> Answer {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(name, value.clone());
    }
    support::send(app, request).await
}

/// The request is rejected, and the server is not to blame.
async fn assert_refused(app: &Router, cookies: &[&[u8]]) {
    let headers: Vec<_> = cookies
        .iter()
        .filter_map(|cookie| Some((header::COOKIE, HeaderValue::from_bytes(cookie).ok()?)))
        .collect();
    for path in ["/profile", "/edit", "/rule"] {
        let answer = with_headers(app, path, &headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{cookies:?}");
    }
    for (path, body) in [("/public", "anonymous"), ("/plain", "plain")] {
        assert_eq!(with_headers(app, path, &headers).await.text(), body, "{cookies:?}");
    }
}

#[tokio::test]
async fn no_credential_of_the_corpus_is_an_error_or_a_key() {
    let app = app();
    let good = ticket(&app).await;
    let (name, value) = good.split_once('=').unwrap();
    let half = value.len().checked_div(2).unwrap();
    let values = [
        "",
        " ",
        "\"\"",
        "\"",
        "=",
        ";",
        ",",
        "%",
        "%00",
        "%zz",
        "admin",
        "alice",
        "user!!",
        "-0000001",
        "+0000001",
        "0x000001",
        "00000000",
        "ffffffff",
        "7fffffffffffffff",
        "-1",
        "1e309",
        "NaN",
        "null",
        "true",
        "{}",
        "[]",
        "{\"user\":\"admin\"}",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
        "Everyone",
        "Authenticated",
        "../../etc",
        "' OR 1=1 --",
        "${jndi:ldap://x}",
        "\u{FEFF}",
        "caf\u{E9}",
        "\u{1F600}",
        "AAAA",
        "====",
        "____",
        "----",
        "0000000000000000000000000000000000000000000000000000000000000000-0000001admin!!",
    ];
    for bad in values {
        for form in [format!("{name}={bad}"), format!("{name}={value}{bad}"), format!("{name}={bad}{value}")]
        {
            // White space around a value is none of it, and a semicolon ends it.
            let intact = (bad.trim().is_empty() && form.contains(value)) || form == format!("{good};");
            if !intact {
                assert_refused(&app, &[form.as_bytes()]).await;
            }
        }
    }
    let huge = format!("{name}={}", "A".repeat(1 << 20));
    let non_utf8: &[u8] = &[name.as_bytes(), b"=\xFF\xFE\x80"].concat();
    let swapped = format!("{name}={}{}", &value[half..], &value[..half]);
    let (upper, longer, other) = (good.to_uppercase(), format!("x{good}"), format!("{name}x={value}"));
    for cookies in [
        &[huge.as_bytes()][..],
        &[non_utf8],
        &[swapped.as_bytes()],
        &[non_utf8, huge.as_bytes(), b"auth"],
        &[b"auth", b"=", b"auth;auth", b"; ; ;", b"\x80\xFF=\xFF"],
        &[upper.as_bytes(), longer.as_bytes(), other.as_bytes()],
    ] {
        assert_refused(&app, cookies).await;
    }
    // All this beside a good one does not spoil it.
    let beside = format!("a=\"b; {good}; c=\u{E9}");
    let headers = [(header::COOKIE, HeaderValue::from_bytes(beside.as_bytes()).unwrap())];
    assert_eq!(with_headers(&app, "/profile", &headers).await.text(), "reached by alice");
}

#[test]
fn ten_thousand_random_credentials_are_refused() {
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let app = app();
    let good = rt.block_on(ticket(&app));
    let (name, value) = good.split_once('=').unwrap();
    let noise = prop::collection::vec(prop::num::u8::ANY, 0..120);
    let edits = prop::collection::vec((0..value.len(), prop::num::u8::ANY), 1..4);
    let config = ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&(noise, edits, 0..5_u8), |(noise, edits, kind)| {
            let mut edited = value.as_bytes().to_vec();
            for (at, byte) in edits {
                edited[at] = byte;
            }
            let bytes = match kind {
                0 => noise,
                1 => [name.as_bytes(), b"=", &noise].concat(),
                2 => [name.as_bytes(), b"=", &edited].concat(),
                3 => [name.as_bytes(), b"=", value.as_bytes(), &noise].concat(),
                _ => [&noise[..], b"; ", name.as_bytes(), b"=", &edited].concat(),
            };
            let Ok(cookie) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            // A guess of the ticket itself would be accepted.
            if bytes.windows(good.len()).any(|part| part == good.as_bytes()) {
                return Ok(());
            }
            let answer = rt.block_on(with_headers(&app, "/profile", &[(header::COOKIE, cookie)]));
            prop_assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn a_flood_of_cookies_is_a_request_without_ours() {
    let app = app();
    let good = ticket(&app).await;
    let name = good.split('=').next().unwrap();
    let filler = "x".repeat(4_096);
    for own in [format!("{name}="), format!("{name}=A"), "c".to_owned()] {
        let lines: Vec<String> = (0..180).map(|n| format!("{own}{n}={filler}")).collect();
        let separate: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        assert_refused(&app, &separate).await;
        assert_refused(&app, &[lines.join("; ").as_bytes()]).await;
    }
    let pairs = vec![format!("{name}="); 100_000].join(";");
    assert_refused(&app, &[pairs.as_bytes()]).await;
}

#[tokio::test]
async fn two_contradicting_tickets_refuse_the_request() {
    async fn as_bob(auth: Auth) -> Result<(), AuthError> {
        auth.remember("bob").await
    }
    let app =
        routes().route("/bob", post(as_bob)).layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
    let alice = ticket(&app).await;
    let bob = support::ask(&app, Request::post("/bob")).await.cookies().remove(0);
    for cookie in [format!("{alice}; {bob}"), format!("{bob}; {alice}")] {
        let headers = [(header::COOKIE, HeaderValue::from_str(&cookie).unwrap())];
        for path in ["/profile", "/edit", "/rule", "/public"] {
            assert_eq!(with_headers(&app, path, &headers).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        assert_eq!(with_headers(&app, "/plain", &headers).await.status, StatusCode::OK);
        // A log-in settles it.
        let request = Request::post("/bob").header(header::COOKIE, &cookie);
        assert_eq!(support::ask(&app, request).await.cookies().len(), 1);
    }
}

#[tokio::test]
async fn a_policy_that_is_down_takes_down_what_is_guarded_and_nothing_else() {
    for policy in [FakeIdentity::failing(), FakeIdentity::failing().waiting()] {
        let app = routes().layer(AuthLayer::new(policy));
        for (path, status) in
            [("/profile", 503), ("/edit", 503), ("/rule", 503), ("/public", 503), ("/plain", 200)]
        {
            assert_eq!(support::get(&app, path).await.status.as_u16(), status, "{path}");
        }
    }
    assert!(Identified::bad_credential().identity().is_none());
    let _: (fn(&'static str) -> IdentityError, &dyn IdentityPolicy) =
        (IdentityError::refuse, &FakeIdentity::anonymous());
}

const INTERNAL: [&str; 36] = [
    "x-user",
    "x-user-id",
    "x-username",
    "x-remote-user",
    "remote-user",
    "x-forwarded-user",
    "x-auth-request-user",
    "x-authenticated-user",
    "x-forwarded-email",
    "x-email",
    "x-groups",
    "x-roles",
    "x-role",
    "x-admin",
    "x-is-admin",
    "x-internal",
    "x-middleware-subrequest",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method-override",
    "x-forwarded-for",
    "x-real-ip",
    "x-client-cert",
    "x-ssl-client-verify",
    "ssl-client-s-dn",
    "x-amzn-oidc-identity",
    "x-goog-authenticated-user-email",
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "x-auth-token",
    "x-test-user",
    "x-gateway-user",
    "forwarded",
    "via",
    "x-debug",
];

#[test]
fn no_other_header_has_a_say() {
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let app = app();
    let values = prop_oneof![
        Just("admin".to_owned()),
        Just("alice".to_owned()),
        Just("1".to_owned()),
        Just("true".to_owned()),
        Just("Bearer admin".to_owned()),
        Just("Basic YWRtaW46YWRtaW4=".to_owned()),
        Just("127.0.0.1".to_owned()),
        Just("middleware:middleware:middleware".to_owned()),
        "[ -~]{0,40}",
    ];
    let name =
        prop_oneof![3 => (0..INTERNAL.len()).prop_map(|at| INTERNAL[at].to_owned()), 1 => "x-[a-z]{1,12}"];
    let config = ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&prop::collection::vec((name, values), 1..8), |headers| {
            let headers: Vec<(HeaderName, HeaderValue)> =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            for (path, status, body) in [("/rule", 401, None), ("/public", 200, Some("anonymous"))] {
                let answer = rt.block_on(with_headers(&app, path, &headers));
                prop_assert_eq!(answer.status.as_u16(), status);
                prop_assert!(body.is_none_or(|body| answer.text() == body));
            }
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn extensions_of_other_layers_do_not_authenticate() {
    async fn puts(mut request: Whole, next: Next) -> Response {
        let user: UserId = "admin".parse().unwrap();
        request.extensions_mut().insert(user.clone());
        request.extensions_mut().insert(Some(user));
        request.extensions_mut().insert(Identified::known(auth_runtime::Identity::new("admin").unwrap()));
        next.run(request).await
    }
    for app in [
        app().layer(from_fn(puts)),
        routes().layer(from_fn(puts)).layer(AuthLayer::new(FakeIdentity::anonymous())),
    ] {
        let app = app.layer(Extension("admin".to_owned()));
        for path in ["/profile", "/edit", "/rule"] {
            assert_eq!(support::get(&app, path).await.status, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(support::get(&app, "/public").await.text(), "anonymous");
    }
}
