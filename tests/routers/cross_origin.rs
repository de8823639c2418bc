//! CSRF: cross-site requests are recognized, compared with an independent implementation.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, LoginOptions, acl, acl_required, auth_required,
    revocation::MemoryRevocation,
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{Request, StatusCode},
    routing::any,
};
use url::Url;

use crate::support::{self, Answer};

#[auth_required]
async fn private() {}

const OPEN: Acl = acl![(Allow, Everyone, ["vote"])];

#[acl_required("vote", OPEN)]
async fn vote() {}

async fn changed(auth: Auth, Path(change): Path<String>) -> Result<(), AuthError> {
    match change.as_str() {
        "in" => auth.remember("bob").await,
        "out" => auth.forget().await,
        "rotate" => auth.rotate().await,
        "act" => auth.impersonate("bob").await,
        "back" => auth.stop_impersonating().await,
        "everywhere" => auth.log_out_everywhere().await,
        "elsewhere" => auth.log_out_elsewhere(&LoginOptions::new()).await,
        "callback" => auth.allowing_cross_site().remember("bob").await,
        _ => auth.allowing_cross_site().forget().await,
    }
}

/// The user after a log-in by a handle that allows it.
async fn signed_in(auth: Auth) -> Result<String, AuthError> {
    auth.allowing_cross_site().remember("bob").await?;
    Ok(auth.user_id().await?.map_or_else(String::new, |user| user.to_string()))
}

fn routes() -> Router {
    Router::new()
        .route("/", any(private))
        .route("/vote", any(vote))
        .route("/change/{change}", any(changed))
        .route("/signed-in", any(signed_in))
        .nest("/n", Router::new().route("/", any(private)))
}

/// One way for a request to look.
#[derive(Clone, Copy, Debug)]
struct Look<'a> {
    method: &'a str,
    sites: &'a [&'a str],
    origins: &'a [&'a str],
    hosts: &'a [&'a str],
    authority: Option<&'a str>,
    websocket: bool,
}

const PLAIN: Look<'static> = Look {
    method: "POST",
    sites: &[],
    origins: &[],
    hosts: &["app.example"],
    authority: None,
    websocket: false,
};

async fn asked(app: &Router, look: Look<'_>, path: &str) -> Answer {
    let uri =
        look.authority.map_or_else(|| path.to_owned(), |authority| format!("https://{authority}{path}"));
    let mut request = Request::builder().method(look.method).uri(uri).header(USER_HEADER, "alice");
    for (name, values) in [("sec-fetch-site", look.sites), ("origin", look.origins), ("host", look.hosts)] {
        for value in values {
            request = request.header(name, *value);
        }
    }
    if look.websocket {
        let upgrade = [("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")];
        request = upgrade.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    }
    support::send(app, request.body(Body::empty()).unwrap()).await
}

/// The second opinion on unsafe requests.
fn is_foreign(look: Look<'_>, trusted: &[&str]) -> bool {
    let is_safe = ["GET", "HEAD", "OPTIONS"].contains(&look.method) && !look.websocket;
    !is_safe && is_cross_site(look, trusted)
}

/// The second opinion: what an origin is comes from a parser of URLs.
fn is_cross_site(look: Look<'_>, trusted: &[&str]) -> bool {
    let origin = match look.origins {
        [] => None,
        [origin] => Some(*origin),
        _ => return true,
    };
    if origin.is_some_and(|origin| trusted.contains(&origin)) {
        return false;
    }
    match look.sites {
        ["same-origin" | "none"] => return false,
        [] => {}
        _ => return true,
    }
    let Some(origin) = origin else { return false };
    let Ok(url) = Url::parse(origin) else { return true };
    let own = match (look.authority, look.hosts) {
        (Some(authority), [] | [_]) => authority,
        (None, [host]) => host,
        _ => return true,
    };
    let Ok(own) = Url::parse(&format!("{}://{own}", url.scheme())) else { return true };
    let plain = url.username().is_empty() && url.path() == "/" && matches!(url.scheme(), "http" | "https");
    !(plain && url.origin() == own.origin())
}

const METHODS: [&str; 9] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "post"];
const SITES: [&[&str]; 9] = [
    &[],
    &["same-origin"],
    &["none"],
    &["same-site"],
    &["cross-site"],
    &["Same-Origin"],
    &[""],
    &["same-origin", "cross-site"],
    &["cross-site", "none"],
];
const ORIGINS: [&[&str]; 20] = [
    &[],
    &["https://app.example"],
    &["https://APP.example"],
    &["https://app.example:443"],
    &["http://app.example"],
    &["http://app.example:80"],
    &["https://app.example:8443"],
    &["http://app.example:443"],
    &["https://evil.example"],
    &["https://sub.app.example"],
    &["https://app.example.evil.example"],
    &["https://app.example@evil.example"],
    &["https://evilapp.example"],
    &["null"],
    &[""],
    &["app.example"],
    &["ftp://app.example"],
    &["https://trusted.example"],
    &["https://app.example", "https://evil.example"],
    &["https://trusted.example", "https://trusted.example"],
];
const HOSTS: [&[&str]; 6] = [
    &["app.example"],
    &["app.example:443"],
    &["APP.EXAMPLE"],
    &["app.example:8443"],
    &[],
    &["app.example", "app.example"],
];

#[tokio::test]
async fn every_combination_is_judged_as_a_second_opinion_judges() {
    let layer = |policy: FakeIdentity| {
        let layer = AuthLayer::new(policy).with_trusted_origin("https://trusted.example").unwrap();
        routes().layer(layer)
    };
    let (cookie, bearer) = (layer(FakeIdentity::by_header()), layer(FakeIdentity::by_header().not_ambient()));
    let (mut refused, mut passed) = (0_u32, 0_u32);
    for method in METHODS {
        for sites in SITES {
            for origins in ORIGINS {
                for hosts in HOSTS {
                    let look = Look { method, sites, origins, hosts, ..PLAIN };
                    let foreign = is_foreign(look, &["https://trusted.example"]);
                    let status = asked(&cookie, look, "/").await.status;
                    let expected = if foreign { StatusCode::FORBIDDEN } else { StatusCode::OK };
                    assert_eq!(status, expected, "{look:?}");
                    *(if foreign { &mut refused } else { &mut passed }) += 1;
                    if hosts.len() == 1 {
                        assert_eq!(asked(&bearer, look, "/").await.status, StatusCode::OK, "{look:?}");
                    }
                }
            }
        }
    }
    assert!(refused > 3_000 && passed > 3_000, "{refused} {passed}");
}

// Login CSRF, and its opposite: a link, an image or a form of another site signs no user in or out.
#[tokio::test]
async fn a_cross_site_request_of_any_method_changes_no_identity() {
    let layer = |policy: FakeIdentity| {
        let layer = AuthLayer::new(policy).with_revocation(MemoryRevocation::new());
        routes().layer(layer.with_trusted_origin("https://trusted.example").unwrap())
    };
    let policy = FakeIdentity::by_header();
    let (cookie, bearer) = (layer(policy.clone()), layer(FakeIdentity::by_header().not_ambient()));
    let mut refused = 0_u32;
    for method in ["GET", "HEAD", "OPTIONS", "POST", "DELETE"] {
        for sites in SITES {
            for origins in ORIGINS {
                let look = Look { method, sites, origins, ..PLAIN };
                let cross_site = is_cross_site(look, &["https://trusted.example"]);
                for change in ["in", "out"] {
                    let path = format!("/change/{change}");
                    let answer = asked(&cookie, look, &path).await;
                    let expected = if cross_site { StatusCode::FORBIDDEN } else { StatusCode::OK };
                    assert_eq!(
                        (answer.status, answer.cookies().is_empty()),
                        (expected, cross_site),
                        "{look:?}"
                    );
                    refused += u32::from(cross_site);
                    assert_eq!(asked(&bearer, look, &path).await.status, StatusCode::OK, "{look:?}");
                }
            }
        }
    }
    assert!(refused > 500, "{refused}");
    for method in ["GET", "POST"] {
        for sites in [["cross-site"], ["same-site"]] {
            let look = Look { method, sites: &sites, ..PLAIN };
            for change in ["in", "out", "rotate", "act", "back", "everywhere", "elsewhere"] {
                let before = policy.calls().len();
                let answer = asked(&cookie, look, &format!("/change/{change}")).await;
                assert_eq!((answer.status.as_u16(), answer.cookies().len()), (403, 0), "{look:?} {change}");
                assert_eq!(
                    policy.calls().len(),
                    before + 1,
                    "the policy is asked who it is, and nothing else"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_route_may_say_that_other_sites_send_its_log_ins_and_log_outs() {
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()));
    for method in ["GET", "POST"] {
        let look = Look { method, sites: &["cross-site"], ..PLAIN };
        for (change, cookie) in [("callback", "fake=remembered"), ("front-channel", "fake=")] {
            let answer = asked(&app, look, &format!("/change/{change}")).await;
            assert_eq!(
                (answer.status.as_u16(), answer.cookies()),
                (200, vec![cookie.to_owned()]),
                "{method}"
            );
        }
        // It is about the new user from then on; the one that a POST carried was never used.
        let answer = asked(&app, look, "/signed-in").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "bob"), "{method}");
    }
}

#[tokio::test]
async fn a_websocket_handshake_is_not_a_safe_request() {
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()));
    for method in ["GET", "CONNECT"] {
        for sites in SITES {
            for origins in ORIGINS {
                let look = Look { method, sites, origins, websocket: true, ..PLAIN };
                let expected = if is_foreign(look, &[]) { StatusCode::FORBIDDEN } else { StatusCode::OK };
                assert_eq!(asked(&app, look, "/").await.status, expected, "{look:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_authority_in_the_target_counts_for_the_host() {
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()));
    for (authority, hosts, origin, status) in [
        ("app.example", &[][..], "https://app.example", 200),
        ("app.example:443", &[], "https://app.example", 200),
        ("APP.example", &[], "https://app.example", 200),
        ("app.example:8443", &[], "https://app.example", 403),
        ("app.example:8443", &[], "https://app.example:8443", 200),
        ("app.example", &[], "https://evil.example", 403),
        ("app.example", &["app.example"], "https://app.example", 200),
        ("app.example", &["evil.example"], "https://evil.example", 403),
        ("app.example", &["a", "b"], "https://app.example", 403),
        ("[::1]:3000", &[], "http://[::1]:3000", 200),
        ("[::1]", &[], "https://[::1]", 200),
        ("127.0.0.1:3000", &[], "http://127.0.0.1:3001", 403),
    ] {
        let origins = [origin];
        let look = Look { authority: Some(authority), hosts, origins: &origins, ..PLAIN };
        for path in ["/", "/n"] {
            assert_eq!(asked(&app, look, path).await.status.as_u16(), status, "{look:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_foreign_request_may_what_anybody_may_but_not_in_the_users_name() {
    let cross = Look { sites: &["cross-site"], ..PLAIN };
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()));
    assert_eq!(asked(&app, cross, "/vote").await.status, StatusCode::FORBIDDEN);
    for layer in [AuthLayer::new(FakeIdentity::anonymous()), AuthLayer::new(FakeIdentity::bad_credential())] {
        let app = routes().layer(layer);
        assert_eq!(asked(&app, cross, "/vote").await.status, StatusCode::OK);
        assert_eq!(asked(&app, cross, "/").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn an_application_that_defends_itself_can_opt_out() {
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_insecure_cross_origin_requests());
    for sites in SITES {
        for origins in ORIGINS {
            for websocket in [false, true] {
                let look = Look { sites, origins, websocket, ..PLAIN };
                assert_eq!(asked(&app, look, "/").await.status, StatusCode::OK);
            }
        }
    }
}

#[tokio::test]
async fn a_trusted_origin_is_spelled_as_browsers_spell_it() {
    for (trusted, sent, status) in [
        ("https://app.example", "https://app.example", 200),
        ("https://APP.Example", "https://app.example", 200),
        ("https://app.example:443", "https://app.example", 200),
        ("http://app.example:80", "http://app.example", 200),
        ("https://app.example:8443", "https://app.example:8443", 200),
        ("https://app.example:8443", "https://app.example", 403),
        ("https://app.example", "http://app.example", 403),
        ("https://app.example", "https://app.example.evil.example", 403),
        ("https://app.example", "https://sub.app.example", 403),
        ("https://app.example", "null", 403),
        ("https://app.example:0443", "https://app.example", 200),
        ("https://127.0.0.1:3000", "https://127.0.0.1:3000", 200),
        ("http://[0:0:0:0:0:0:0:1]:80", "http://[::1]", 200),
        ("http://[2001:DB8:0:0:1:0:0:1]", "http://[2001:db8::1:0:0:1]", 200),
        ("http://[::ffff:192.0.2.1]", "http://[::ffff:c000:201]", 200),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", 200),
        // Applications whose pages come from elsewhere than the web.
        ("tauri://localhost", "tauri://localhost", 200),
        ("capacitor://localhost", "capacitor://localhost", 200),
        ("ionic://localhost", "ionic://localhost", 200),
        ("app://bundle:8080", "app://bundle:8080", 200),
        ("app://bundle:443", "app://bundle:443", 200),
        ("web+app.x-1://host", "web+app.x-1://host", 200),
        (
            "chrome-extension://gppongmhjkpfnbhagpmjfkannfbllamg",
            "chrome-extension://gppongmhjkpfnbhagpmjfkannfbllamg",
            200,
        ),
        (
            "moz-extension://0a4b5f6c-0f3d-4f7c-9a57-3e1f8f1f2a3b",
            "moz-extension://0a4b5f6c-0f3d-4f7c-9a57-3e1f8f1f2a3b",
            200,
        ),
        ("safari-web-extension://52E6AB34-0F3D", "safari-web-extension://52E6AB34-0F3D", 200),
        ("vscode-webview://1a2b3c", "vscode-webview://1a2b3c", 200),
        ("tauri://localhost", "https://localhost", 403),
        ("tauri://localhost", "tauri://localhost.evil.example", 403),
        ("tauri://localhost", "tauri://localhost:80", 403),
        ("capacitor://localhost", "ionic://localhost", 403),
        ("app://bundle:8080", "app://bundle", 403),
    ] {
        let layer = AuthLayer::new(FakeIdentity::by_header()).with_trusted_origin(trusted).unwrap();
        let origins = [sent];
        let look = Look { sites: &["cross-site"], origins: &origins, ..PLAIN };
        assert_eq!(
            asked(&routes().layer(layer), look, "/").await.status.as_u16(),
            status,
            "{trusted} {sent}"
        );
    }
}

#[test]
fn what_is_not_an_origin_is_not_trusted() {
    for text in [
        "",
        "app.example",
        "null",
        "*",
        "https://",
        "https://app.example/",
        "https://app.example/path",
        "https://app.example?q",
        "https://app.example#f",
        "https://user@app.example",
        "https://*",
        "https://*.app.example",
        "file:///",
        " https://app.example",
        "https://app.example ",
        "https://app.example,https://b.example",
        "https://app.example:port",
        "https://app.example:99999",
        "https://app.example:",
        "https://app.example:+80",
        "https://app.example:80:80",
        "https://app..example",
        "https://.example",
        "https://app%2eexample",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://127.0.0.1.",
        "https://[::1",
        "https://[::1]x",
        "https://[::1%25eth0]",
        "https://[127.0.0.1]",
        "https://::1",
        "https:app.example",
        "https:///app.example",
        "https://https://app.example",
        "https://b\u{fc}cher.example",
        "https://app.example\\",
        "://localhost",
        "1app://localhost",
        "a pp://localhost",
        "tauri://",
        "tauri://localhost/",
        "tauri://localhost/index.html",
        "tauri://user@localhost",
        "tauri://*",
        "tauri://localhost?q",
        "tauri://localhost#f",
        "tauri://localhost:x",
        "tauri:localhost",
        "about:blank",
        "data:text/html,x",
        "blob:https://app.example/1",
    ] {
        assert!(AuthLayer::new(FakeIdentity::anonymous()).with_trusted_origin(text).is_err(), "{text}");
    }
}
