//! Scopes: what an access token was issued for decides, and the challenge names what it lacks.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "small numbers in a test, which stops when it cannot go on"
)]

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, Groups, Identity, IdentityPolicy, LocalPath, LoginOptions, Refusal, acl,
    acl_required, async_trait,
    guard::{self, GuardKind},
    guarded,
    identity::{
        Challenge, Challenges, ChangeContext, Effects, Identification, Identified, IdentityError, Incoming,
        Scopes,
    },
    scope_required,
    testing::{self, FakeIdentity},
};
use axum::{
    Router,
    http::{HeaderValue, Request, StatusCode, header},
    routing::{any, get},
};
use proptest::prelude::*;

use crate::support::{self, Answer, Log};

const PAGES: Acl = acl![(Allow, Group("editors"), ["edit"])];

#[scope_required("read")]
async fn read() -> &'static str {
    "passed"
}

#[scope_required("read", "write")]
async fn both() -> &'static str {
    "passed"
}

#[scope_required(any(all("read", "write"), "admin", "root"))]
async fn either() -> &'static str {
    "passed"
}

#[scope_required("read", any("write", all("a", "b")))]
async fn nested() -> &'static str {
    "passed"
}

#[scope_required("read", hide)]
async fn hidden() -> &'static str {
    "passed"
}

#[scope_required("write")]
#[acl_required("edit", PAGES)]
async fn stacked() -> &'static str {
    "passed"
}

fn teapot(refusal: &Refusal) -> (StatusCode, String) {
    let (kind, scopes) = (refusal.kind(), refusal.scopes());
    (StatusCode::IM_A_TEAPOT, format!("{kind:?} {scopes:?} {:?}", refusal.permission()))
}

#[scope_required("read", "write", refusal = teapot)]
async fn own_answer() -> &'static str {
    "passed"
}

async fn told(auth: Auth) -> Result<String, AuthError> {
    let (scopes, read) = (auth.scopes().await?, auth.has_scope("read").await?);
    Ok(format!("{:?} {read}", scopes.map(|scopes| scopes.to_string())))
}

fn routes() -> Router {
    Router::new()
        .route("/read", any(read))
        .route("/both", any(both))
        .route("/either", any(either))
        .route("/nested", any(nested))
        .route("/hidden", any(hidden))
        .route("/stacked", any(stacked))
        .route("/own", any(own_answer))
        .route("/told", any(told))
}

/// Takes `Authorization: Bearer <scopes>` for a token of alice's with these scopes.
#[derive(Debug)]
struct Token;

#[async_trait]
impl IdentityPolicy for Token {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        auth_runtime::Answer::later(async move {
            let Some(value) = request.headers().get(header::AUTHORIZATION) else {
                return Ok(Identified::anonymous());
            };
            let scopes = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")?.parse().ok());
            let known = Identified::known(Identity::new("alice").unwrap());
            Ok(scopes.map_or_else(Identified::bad_credential, |scopes| known.with_scopes(scopes)))
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("tokens are issued elsewhere"))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn challenges(&self, why: Challenge<'_>) -> Challenges {
        let value = match why {
            Challenge::InsufficientScope { scopes } => {
                format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"")
            }
            Challenge::Invalid => "Bearer error=\"invalid_token\"".to_owned(),
            _ => "Bearer".to_owned(),
        };
        HeaderValue::try_from(value).unwrap().into()
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("authorization")
    }
}

fn app() -> Router {
    routes().layer(AuthLayer::new(Token).with_groups(|_| async { Ok(Some(Groups::from(["editors"]))) }))
}

async fn with_token(app: &Router, path: &str, scopes: &str) -> Answer {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {scopes}"));
    support::ask(app, request).await
}

// OIDC 10.3.2: whole tokens, byte by byte, in any order.
#[tokio::test]
async fn scopes_are_compared_whole() {
    for (path, scopes, passes) in [
        ("/read", "read", true),
        ("/read", "write read x", true),
        ("/read", "", false),
        ("/read", "readonly", false),
        ("/read", "rea", false),
        ("/read", "READ", false),
        ("/read", "read:all", false),
        ("/read", "read,write", false),
        ("/read", "xread", false),
        ("/both", "write read", true),
        ("/both", "read", false),
        ("/both", "write", false),
        ("/either", "admin", true),
        ("/either", "root", true),
        ("/either", "read write", true),
        ("/either", "read", false),
        ("/nested", "read write", true),
        ("/nested", "read b a", true),
        ("/nested", "read a", false),
        ("/nested", "write a b", false),
        ("/stacked", "write", true),
        ("/stacked", "read", false),
    ] {
        let answer = with_token(&app(), path, scopes).await;
        assert_eq!(answer.status.as_u16(), if passes { 200 } else { 403 }, "{path} with `{scopes}`");
    }
}

// RFC 6750, section 3.1.
#[tokio::test]
async fn each_refusal_has_its_challenge() {
    let app = app();
    let bare = support::get(&app, "/both").await;
    assert_eq!((bare.status.as_u16(), bare.header("www-authenticate").as_str()), (401, "Bearer"));
    let request = Request::get("/both").header(header::AUTHORIZATION, "Bearer \"read\"");
    let bad = support::ask(&app, request).await;
    assert_eq!(bad.status, 401);
    assert_eq!(bad.text(), bare.text());
    for (path, scopes) in
        [("/read", "read"), ("/both", "read write"), ("/either", "admin"), ("/nested", "read write")]
    {
        let answer = with_token(&app, path, "other").await;
        assert_eq!(answer.status, 403);
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"");
        assert_eq!(answer.header("www-authenticate"), challenge, "{path}");
        assert_eq!(answer.text(), r#"{"type":"about:blank","title":"Forbidden","status":403}"#);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("vary"), "authorization");
        // What it asks for is enough.
        assert_eq!(with_token(&app, path, scopes).await.status, 200);
    }
}

#[tokio::test]
async fn a_403_for_another_reason_asks_for_no_scope() {
    let layer = AuthLayer::new(Token).with_groups(|_| async { Ok(Some(Groups::from(["readers"]))) });
    let answer = with_token(&routes().layer(layer), "/stacked", "write").await;
    assert_eq!((answer.status.as_u16(), answer.header("www-authenticate").as_str()), (403, ""));
}

#[tokio::test]
async fn a_credential_without_scopes_passes_nowhere() {
    for identity in [FakeIdentity::user("alice"), FakeIdentity::user("alice").waiting()] {
        for path in ["/read", "/both", "/either", "/nested", "/stacked"] {
            let answer = support::get(&routes().layer(AuthLayer::new(identity.clone())), path).await;
            assert_eq!(answer.status, 403, "{path}");
            // A cookie cannot be issued again for something else.
            assert_eq!(answer.header("www-authenticate"), "");
        }
    }
}

#[tokio::test]
async fn anonymous_requests_have_no_scopes() {
    for identity in [FakeIdentity::anonymous(), FakeIdentity::bad_credential()] {
        let identity = identity.with_scopes(["read", "write"]);
        for path in ["/read", "/both", "/either"] {
            for identity in [identity.clone(), identity.clone().waiting()] {
                let answer = support::get(&routes().layer(AuthLayer::new(identity)), path).await;
                assert_eq!(answer.status, 401, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn who_is_blocked_and_what_is_broken_stay_so() {
    let alice = || FakeIdentity::user("alice").with_scopes(["read", "write"]);
    for identity in [alice(), alice().waiting()] {
        let blocked = AuthLayer::new(identity).with_groups(|_| async { Ok(None) });
        assert_eq!(support::get(&routes().layer(blocked), "/read").await.status, 403);
    }
    for identity in [FakeIdentity::failing(), FakeIdentity::failing().waiting()] {
        assert_eq!(support::get(&routes().layer(AuthLayer::new(identity)), "/read").await.status, 503);
    }
    let foreign = Request::post("/read").header("sec-fetch-site", "cross-site");
    let answer = support::ask(&routes().layer(AuthLayer::new(alice())), foreign).await;
    assert_eq!((answer.status.as_u16(), answer.header("www-authenticate").as_str()), (403, ""));
    // Without a layer nothing passes.
    assert_eq!(support::get(&routes(), "/read").await.status, 500);
}

#[tokio::test]
async fn a_guard_that_hides_says_nothing_of_scopes() {
    let app = app().fallback(|| async { StatusCode::NOT_FOUND });
    let missing = support::get(&app, "/there-is-no-such-path").await;
    for answer in [with_token(&app, "/hidden", "other").await, support::get(&app, "/hidden").await] {
        assert_eq!(answer.status, 404);
        assert_eq!((answer.headers, answer.body), (missing.headers.clone(), missing.body.clone()));
    }
    assert_eq!(with_token(&app, "/hidden", "read").await.status, 200);
}

#[tokio::test]
async fn a_custom_response_gets_the_scopes() {
    let answer = with_token(&app(), "/own", "read").await;
    assert_eq!(answer.text(), "InsufficientScope Some(\"read write\") None");
}

#[tokio::test]
async fn another_log_in_gives_no_scopes() {
    let layer = AuthLayer::new(Token).with_login_page(LocalPath::from_static("/login"));
    let request = Request::get("/both")
        .header(header::AUTHORIZATION, "Bearer read")
        .header(header::ACCEPT, "text/html");
    let answer = support::ask(&routes().layer(layer), request).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("You may not do this."), "{}", answer.text());
}

#[tokio::test]
async fn handlers_can_read_the_scopes() {
    assert_eq!(with_token(&app(), "/told", "write read").await.text(), "Some(\"read write\") true");
    assert_eq!(with_token(&app(), "/told", "readonly").await.text(), "Some(\"readonly\") false");
    assert_eq!(support::get(&app(), "/told").await.text(), "None false");
    let failing = routes().layer(AuthLayer::new(FakeIdentity::failing()));
    assert_eq!(support::get(&failing, "/told").await.status, 503);
}

#[tokio::test]
async fn layers_demand_scopes() {
    for (scopes, status) in [("read write x", 200), ("read", 403), ("readwrite", 403)] {
        let files = Router::new().route("/file", get(|| async { "a file" }));
        let app = files.route_layer(guard::scope!("write", "read")).layer(AuthLayer::new(Token));
        let answer = with_token(&app, "/file", scopes).await;
        assert_eq!(answer.status.as_u16(), status, "{scopes}");
        if status == 403 {
            let challenge = "Bearer error=\"insufficient_scope\", scope=\"write read\"";
            assert_eq!(answer.header("www-authenticate"), challenge);
        }
        assert_eq!(support::get(&app, "/file").await.status, 401);
    }
    let blocked =
        AuthLayer::new(FakeIdentity::user("alice").with_scopes(["read"])).with_groups(|_| async { Ok(None) });
    let files = Router::new().route("/file", get(|| async { "a file" }));
    let app = files.route_layer(guard::scope!("read", hide)).layer(blocked);
    assert_eq!(support::get(&app, "/file").await.status, 404);
}

#[test]
fn records_show_the_scopes() {
    let routes = guarded::Router::<()>::new()
        .route("/", guarded::get(read).post(either))
        .guarded_by(guard::scope!("z", "a"));
    let [first, second] = routes.routes() else { panic!("{routes:?}") };
    let [layer, guard] = first.guards() else { panic!("{first:?}") };
    assert_eq!((layer.kind(), layer.scopes()), (GuardKind::ByScope, Some(r#"all("z", "a")"#)));
    assert_eq!((guard.kind(), guard.scopes()), (GuardKind::ByScope, Some("read")));
    assert_eq!((guard.permission(), guard.context(), guard.max_age()), (None, None, None));
    let [_, guard] = second.guards() else { panic!("{second:?}") };
    assert_eq!(guard.scopes(), Some(r#"any(all("read", "write"), "admin", "root")"#));
    assert_eq!(layer.scope_names(), ["z", "a"]);
    assert_eq!(guard.scope_names(), ["read", "write", "admin", "root"]);
    let routes = guarded::Router::<()>::new().route("/", guarded::get(read)).guarded_by(guard::auth!());
    assert!(routes.routes()[0].guards()[0].scope_names().is_empty(), "it demands a user only");
}

#[tokio::test]
async fn the_log_names_what_was_asked_for() {
    let app = app();
    let (_, events) = Log::of(with_token(&app, "/both", "read")).await;
    let denied = events.iter().find(|event| event.message == "deny").unwrap();
    assert_eq!(
        (denied.field("reason"), denied.field("permission"), denied.field("user"), denied.field("status")),
        ("insufficient_scope", "all(\"read\", \"write\")", "alice", "403")
    );
    let (_, events) = Log::of(with_token(&app, "/read", "read")).await;
    let allowed = events.iter().find(|event| event.message == "allow").unwrap();
    assert_eq!((allowed.field("reason"), allowed.field("permission")), ("scope", "read"));
}

#[tokio::test]
async fn a_test_can_call_the_function_itself() {
    assert_eq!(both(testing::pass()).await, "passed");
}

proptest! {
    /// The set of tokens decides, independent of the text around them.
    #[test]
    fn tokens_are_a_set(tokens in prop::collection::vec("[!#-\\[\\]-~]{1,6}", 0..8), asked in "[!#-\\[\\]-~]{1,6}", pick in proptest::arbitrary::any::<prop::sample::Index>()) {
        let scopes: Scopes = tokens.join(" ").parse().unwrap();
        prop_assert_eq!(scopes.contains(&asked), tokens.contains(&asked));
        if !tokens.is_empty() {
            let one = pick.get(&tokens);
            prop_assert!(scopes.contains(one));
            let (prefix, longer): (&str, String) = (&one[..one.len() - 1], format!("{one}x"));
            prop_assert_eq!(scopes.contains(prefix), tokens.iter().any(|token| token == prefix));
            prop_assert_eq!(scopes.contains(&longer), tokens.contains(&longer.clone()));
        }
        let again: Scopes = scopes.to_string().parse().unwrap();
        prop_assert_eq!(again, scopes);
    }

    /// Any text is a list of scope tokens or rejected as a whole.
    #[test]
    fn other_texts_are_no_scopes(text in "\\PC{0,20}") {
        let tokens = |text: &str| text.is_empty() || text.split(' ').all(|token| {
            !token.is_empty() && token.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
        });
        prop_assert_eq!(text.parse::<Scopes>().is_ok(), tokens(&text));
    }
}
