//! Responses to rejected requests: byte for byte, and identical for all invalid credentials.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "small numbers in a test"
)]

use auth_runtime::{
    Acl, AuthError, AuthErrorKind, AuthLayer, Identity, IdentityPolicy, KeyRing, LocalPath, LoginOptions,
    Permission, Refusal, TicketCookie, acl, acl_required, async_trait, auth_required,
    identity::{
        Challenge, Challenges, ChangeContext, Effects, Identification, Identified, IdentityError, Incoming,
    },
    permission_required,
    refusal::RefusalLayer,
    scope_required,
    testing::{self, FakeIdentity, FakePolicy},
};
use axum::{
    Router,
    http::{HeaderValue, Request, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};

use crate::support::{self, Answer};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const PAGES: Acl = acl![(Allow, Group("editors"), ["edit", "line \\ \"break\"</script>é"])];

#[acl_required("edit", PAGES)]
async fn edit() {}

#[acl_required("line \\ \"break\"</script>é", PAGES)]
async fn odd() {}

#[permission_required(Can::Edit)]
async fn by_policy() {}

#[scope_required("edit")]
async fn by_scope() {}

fn app(layer: AuthLayer) -> Router {
    Router::new()
        .route("/edit", any(edit))
        .route("/odd", any(odd))
        .route("/policy", any(by_policy))
        .route("/scope", any(by_scope))
        .layer(layer)
}

/// A layer and a request that lead to each kind.
fn kinds() -> Vec<(AuthLayer, &'static str, &'static str, u16, &'static str)> {
    vec![
        (testing::anonymous(), "/edit", "none", 401, "Unauthorized"),
        (testing::acting_as("alice", ["readers"]), "/edit", "none", 403, "Forbidden"),
        (testing::acting_as_blocked("alice"), "/edit", "none", 403, "Forbidden"),
        (testing::acting_as("alice", ["readers"]), "/scope", "none", 403, "Forbidden"),
        (AuthLayer::new(Tokens), "/edit", "none", 401, "Unauthorized"),
        (testing::acting_as("alice", ["editors"]), "/edit", "cross-site", 403, "Forbidden"),
        (testing::acting_as("alice", ["editors"]), "/policy", "none", 500, "Internal Server Error"),
        (AuthLayer::new(FakeIdentity::failing()), "/edit", "none", 503, "Service Unavailable"),
    ]
}

async fn asked(layer: AuthLayer, path: &str, site: &str, accept: &str) -> Answer {
    let request = Request::post(path).header("sec-fetch-site", site).header(header::ACCEPT, accept);
    support::ask(&app(layer), request).await
}

fn all_headers(answer: &Answer) -> Vec<String> {
    let line = |name: &header::HeaderName| format!("{name}: {}", answer.header(name.as_str()));
    let mut lines: Vec<String> = answer.headers.keys().map(line).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_refusal_is_problem_details_for_programs() {
    for accept in
        ["*/*", "application/json", "application/problem+json", "text/plain", "", "image/png,text/html;q=0"]
    {
        for (layer, path, site, status, title) in kinds() {
            let answer = asked(layer, path, site, accept).await;
            assert_eq!(answer.status.as_u16(), status);
            assert_eq!(
                answer.text(),
                format!(r#"{{"type":"about:blank","title":"{title}","status":{status}}}"#)
            );
            let length = format!("content-length: {}", answer.body.len());
            let mut expected =
                vec!["cache-control: no-store", &length, "content-type: application/problem+json"];
            expected.extend((status == 503).then_some("retry-after: 5"));
            expected.extend(["vary: cookie"]);
            let challenges = format!("www-authenticate: {}", answer.header("www-authenticate"));
            assert_ne!((status, challenges.as_str()), (401, "www-authenticate: "));
            expected.extend((status == 401).then_some(challenges.as_str()));
            // The challenge of a policy that knows says the same.
            let is_bad = challenges.contains("invalid_token");
            let reason = if is_bad { "auth-reason: credentials" } else { "auth-reason: anonymous" };
            expected.extend((status == 401).then_some(reason));
            expected.push("x-content-type-options: nosniff");
            expected.sort_unstable();
            assert_eq!(all_headers(&answer), expected, "{accept} {status}");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_a_page_without_powers_for_people() {
    for accept in [
        "text/html",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/xhtml+xml",
    ] {
        for (layer, path, site, status, title) in kinds() {
            let answer = asked(layer, path, site, accept).await;
            assert_eq!(answer.status.as_u16(), status);
            let page = answer.text();
            assert!(
                page.starts_with("<!doctype html>") && page.contains(&format!("<h1>{title}</h1>")),
                "{page}"
            );
            assert!(!page.contains("<script") && !page.contains("http") && !page.contains("edit"), "{page}");
            for (name, value) in [
                ("content-type", "text/html; charset=utf-8"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cache-control", "no-store"),
                ("vary", "cookie"),
            ] {
                assert_eq!(answer.header(name), value);
            }
            let policy = answer.header("content-security-policy");
            for part in
                ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'"]
            {
                assert!(policy.contains(part), "{policy}");
            }
        }
    }
}

#[tokio::test]
async fn the_permission_is_named_only_when_the_application_wants_it() {
    let alice = || testing::acting_as("alice", ["readers"]).with_policy(FakePolicy::<Can>::permitting([]));
    for path in ["/edit", "/odd", "/policy"] {
        for accept in ["application/json", "text/html"] {
            let answer = asked(alice(), path, "none", accept).await;
            let whole = format!("{:?} {}", answer.headers, answer.text());
            assert!(
                !whole.contains("edit") && !whole.contains("line") && !whole.contains("readers"),
                "{whole}"
            );
        }
        let answer = asked(alice().with_disclosed_permissions(), path, "none", "application/json").await;
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let expected = if path == "/odd" { "line \\ \"break\"</script>é" } else { "edit" };
        assert_eq!((problem["permission"].as_str(), problem["status"].as_u64()), (Some(expected), Some(403)));
        assert!(!answer.text().contains('<') && !answer.text().contains('\n'));
    }
}

/// Thirty ways for a ticket to be wrong.
fn bad_cookies(good: &str) -> Vec<String> {
    let (name, value) = good.split_once('=').unwrap();
    let middle = value.len() / 2;
    let changed = |at: usize| {
        let mut bytes = value.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let mut values = vec![
        String::new(),
        "x".into(),
        "0".into(),
        "admin".into(),
        "alice".into(),
        "null".into(),
        "undefined".into(),
        changed(0),
        changed(1),
        changed(middle),
        changed(value.len() - 2),
        changed(value.len() - 1),
        value[1..].to_owned(),
        value[..value.len() - 1].to_owned(),
        value[..middle].to_owned(),
        format!("{value}A"),
        format!("{value}="),
        format!("{value}.{value}"),
        format!("\"{value}\""),
        value.to_uppercase(),
        value.to_lowercase(),
        format!("{}+", value.replace(['-', '_'], "+")),
        format!("%20{value}"),
        "-0000001".into(),
        "A".repeat(5_000),
        "=".repeat(10),
        "....".into(),
        "v1.".into(),
        value.chars().rev().collect(),
    ];
    values.push(format!("{}{}", &value[middle..], &value[..middle]));
    assert_eq!(values.len(), 30);
    values.iter().map(|value| format!("{name}={value}")).collect()
}

#[tokio::test]
async fn thirty_bad_credentials_get_the_same_bytes_as_none() {
    async fn login(auth: auth_runtime::Auth) {
        auth.remember("alice").await.unwrap();
    }
    #[auth_required]
    async fn secret() {}
    let app = Router::new()
        .route("/login", any(login))
        .route("/secret", any(secret))
        .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
    let good = support::ask(&app, Request::post("/login")).await.cookies().remove(0);
    let with = |cookie: &str| Request::get("/secret").header(header::COOKIE, cookie);
    assert_eq!(support::ask(&app, with(&good)).await.status, StatusCode::OK);
    let none = support::get(&app, "/secret").await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    for cookie in bad_cookies(&good) {
        let answer = support::ask(&app, with(&cookie)).await;
        assert_eq!(
            (answer.status, &answer.headers, &answer.body),
            (none.status, &none.headers, &none.body),
            "{cookie}"
        );
    }
}

fn named(name: &'static str) -> impl Fn(&Refusal) -> Response + Clone {
    move |refusal: &Refusal| (refusal.status(), name).into_response()
}

fn of_guard(refusal: &Refusal) -> Response {
    assert_eq!((refusal.kind(), refusal.permission()), (AuthErrorKind::Unauthenticated, None));
    (StatusCode::IM_A_TEAPOT, "guard").into_response()
}

#[auth_required(refusal = of_guard)]
async fn own_way() {}

#[auth_required]
async fn usual_way() {}

#[tokio::test]
async fn the_nearest_of_three_replacements_answers() {
    let pages = || Router::new().route("/own", get(own_way)).route("/usual", get(usual_way));
    let app = Router::new()
        .merge(pages())
        .nest(
            "/outer",
            pages()
                .nest("/inner", pages().layer(RefusalLayer::new(named("inner"))))
                .layer(RefusalLayer::new(named("outer"))),
        )
        .layer(testing::anonymous().with_refusal(named("application")));
    for (path, status, body) in [
        ("/own", 418, "guard"),
        ("/outer/own", 418, "guard"),
        ("/outer/inner/own", 418, "guard"),
        ("/usual", 401, "application"),
        ("/outer/usual", 401, "outer"),
        ("/outer/inner/usual", 401, "inner"),
    ] {
        let answer = support::get(&app, path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, body), "{path}");
        // A replaced response still has the headers that caches and the client need.
        assert_eq!(
            (answer.header("cache-control"), answer.header("vary")),
            ("no-store".into(), "cookie".into())
        );
        assert_eq!(answer.header("www-authenticate").is_empty(), status != 401);
    }
}

#[tokio::test]
async fn a_replacement_keeps_its_own_headers() {
    let own = |_: &Refusal| {
        let headers =
            [("cache-control", "max-age=1"), ("vary", "accept"), ("www-authenticate", "Basic realm=\"x\"")];
        (StatusCode::UNAUTHORIZED, headers, "no")
    };
    let app = Router::new().route("/", get(usual_way)).layer(testing::anonymous().with_refusal(own));
    let answer = support::get(&app, "/").await;
    assert_eq!(answer.header("cache-control"), "max-age=1");
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"x\"");
    assert_eq!(answer.header("vary"), "accept, cookie");
}

/// Rejects every token; a request without one is anonymous.
struct Tokens;

#[async_trait]
impl IdentityPolicy for Tokens {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        auth_runtime::Answer::later(async move {
            if request.headers().contains_key("x-no-token") {
                return Ok(Identified::anonymous());
            }
            Err(IdentityError::refuse("no token is valid here"))
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

    fn challenges(&self, why: Challenge<'_>) -> Challenges {
        let bearer = match why {
            Challenge::Invalid => "Bearer error=\"invalid_token\"",
            _ => "Bearer",
        };
        [bearer, "Basic realm=\"x\""].into_iter().map(HeaderValue::from_static).collect()
    }
}

#[auth_required]
async fn for_users() {}

#[auth_required(hide)]
async fn for_users_and_hidden() {}

async fn for_users_by_hand(auth: auth_runtime::Auth) -> Result<(), AuthError> {
    let answer = auth.check_authorized().await;
    if let Err(error) = answer {
        assert!(matches!(error.kind(), AuthErrorKind::InvalidCredential | AuthErrorKind::Unauthenticated));
    }
    answer.map(drop)
}

fn token_routes() -> Router {
    Router::new()
        .route("/", any(for_users))
        .route("/rules", any(edit))
        .route("/scope", any(by_scope))
        .route("/hidden", any(for_users_and_hidden))
        .route("/hand", any(for_users_by_hand))
        .fallback(|| async { StatusCode::NOT_FOUND })
}

// RFC 6750, section 3.1: the challenge says whether the token is missing or invalid, and so does the reason, for
// scripts that cannot tell challenges apart; nothing else distinguishes the two.
#[tokio::test]
async fn a_bad_credential_has_another_challenge_and_the_same_body() {
    let app = token_routes().layer(AuthLayer::new(Tokens));
    for path in ["/", "/rules", "/scope", "/hand"] {
        for accept in ["application/json", "text/html"] {
            let bad = support::ask(&app, Request::get(path).header(header::ACCEPT, accept)).await;
            let none = Request::get(path).header(header::ACCEPT, accept).header("x-no-token", "1");
            let none = support::ask(&app, none).await;
            let challenges = |answer: &Answer| {
                let lines = answer.headers.get_all(header::WWW_AUTHENTICATE).iter();
                lines.map(|line| line.to_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            assert_eq!((bad.status.as_u16(), none.status.as_u16()), (401, 401), "{path}");
            assert_eq!(challenges(&bad), ["Bearer error=\"invalid_token\"", "Basic realm=\"x\""], "{path}");
            assert_eq!(challenges(&none), ["Bearer", "Basic realm=\"x\""], "{path}");
            assert_eq!(bad.body, none.body, "{path}");
            assert_eq!(
                (bad.header("auth-reason").as_str(), none.header("auth-reason").as_str()),
                ("credentials", "anonymous")
            );
            let others = |answer: &Answer| {
                let mut lines = all_headers(answer);
                lines
                    .retain(|line| !line.starts_with("www-authenticate") && !line.starts_with("auth-reason"));
                lines
            };
            assert_eq!(others(&bad), others(&none), "{path}");
        }
    }
}

#[tokio::test]
async fn a_bad_credential_sees_nothing_of_what_is_hidden() {
    let app = token_routes().layer(AuthLayer::new(Tokens));
    let (hidden, missing) = (support::get(&app, "/hidden").await, support::get(&app, "/missing").await);
    assert_eq!((hidden.status, &hidden.body), (StatusCode::NOT_FOUND, &missing.body));
    assert_eq!(all_headers(&hidden), all_headers(&missing));
}

#[tokio::test]
async fn people_with_a_bad_credential_are_sent_to_the_log_in_page() {
    let layer = AuthLayer::new(Tokens).with_login_page(LocalPath::from_static("/login"));
    let request = Request::get("/").header(header::ACCEPT, "text/html");
    let answer = support::ask(&token_routes().layer(layer), request).await;
    assert_eq!((answer.status.as_u16(), answer.header("location").as_str()), (303, "/login?next=%2F"));
}

#[tokio::test]
async fn a_replacement_sees_that_a_credential_is_invalid() {
    let told = |refusal: &Refusal| {
        let challenges: Vec<_> = refusal.challenges().iter().cloned().collect();
        (refusal.status(), format!("{:?} {challenges:?}", refusal.kind()))
    };
    let app = token_routes().layer(AuthLayer::new(Tokens).with_refusal(told));
    assert_eq!(
        support::get(&app, "/").await.text(),
        r#"InvalidCredential ["Bearer error=\"invalid_token\"", "Basic realm=\"x\""]"#
    );
}
