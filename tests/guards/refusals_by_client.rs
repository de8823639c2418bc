//! Responses that fit the client: htmx, gRPC, scripts, and visitors by their language.

use std::sync::Arc;

use auth_runtime::{
    Acl, Auth, AuthError, AuthErrorKind, AuthLayer, BoxError, Groups, Refusal, UserId, acl, acl_required,
    allow_anonymous, auth_required,
    identity::IdentityError,
    refusal::{English, French, German, Language, RefusalLayer, Spanish},
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    http::{Request, StatusCode, header, request::Builder},
    response::IntoResponse,
    routing::any,
};

use crate::support::{self, Answer};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

#[auth_required]
async fn private() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

#[auth_required(fresh = "5m")]
async fn recent() {}

#[auth_required(hide)]
async fn hidden() {}

#[allow_anonymous(reason = "the handler checks by itself")]
async fn by_handler(auth: Auth) -> Result<(), AuthError> {
    auth.check_authorized().await.map(drop)
}

#[allow_anonymous(reason = "another request has ended the log-in")]
async fn conflict(_auth: Auth) -> Result<(), AuthError> {
    Err(IdentityError::conflict("ended").into())
}

fn routes() -> Router {
    Router::new()
        .route("/private", any(private))
        .route("/edit", any(edit))
        .route("/recent", any(recent))
        .route("/hidden", any(hidden))
        .route("/by-handler", any(by_handler))
        .route("/login", any(private))
}

async fn groups(user: Option<UserId>) -> Result<Option<Groups>, BoxError> {
    if user.is_some_and(|user| user == "down") {
        Err("the table is locked".into())
    } else {
        Ok(Some(Groups::none()))
    }
}

fn layer() -> AuthLayer {
    AuthLayer::new(FakeIdentity::by_header()).with_groups(groups).with_login_page("/login")
}

fn htmx(path: &str) -> Builder {
    Request::get(path).header("hx-request", "true").header(header::ACCEPT, "*/*")
}

/// A redirect would be followed, and the log-in page swapped into the fragment.
#[tokio::test]
async fn htmx_navigates_to_the_log_in_page() {
    let app = routes().layer(layer());
    for path in ["/private", "/edit", "/by-handler"] {
        let request = htmx(path).header("hx-current-url", "https://shop.example/orders?page=2#top");
        let answer = support::ask(&app, request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.header("hx-redirect"), "/login?next=%2Forders%3Fpage%3D2", "{path}");
        assert!(answer.header("location").is_empty());
    }
    // One that changes something, too: its page is a GET.
    let request = Request::post("/private").header("hx-request", "true").header(header::ACCEPT, "text/html");
    let answer = support::ask(&app, request.header("hx-current-url", "https://shop.example/orders")).await;
    assert_eq!(answer.header("hx-redirect"), "/login?next=%2Forders");
    // Step-up is required as in a redirect.
    let request =
        htmx("/recent").header(USER_HEADER, "alice").header("hx-current-url", "https://shop.example/");
    let answer = support::ask(&app, request).await;
    assert_eq!((answer.status, answer.header("auth-reason").as_str()), (StatusCode::UNAUTHORIZED, "stale"));
    assert_eq!(answer.header("hx-redirect"), "/login?next=%2F&max_age=300");
}

#[tokio::test]
async fn htmx_is_not_sent_in_circles() {
    let app = routes().layer(layer());
    // The log-in page has a fragment that needs a log-in: to load the page again would ask for the fragment again.
    for page in
        ["https://shop.example/login", "https://shop.example/login?next=%2F", "http://other.example/login#x"]
    {
        let answer = support::ask(&app, htmx("/private").header("hx-current-url", page)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.header("hx-redirect").is_empty(), "{page}");
    }
    let based = routes().layer(layer().with_base_path("/app").unwrap());
    let answer =
        support::ask(&based, htmx("/private").header("hx-current-url", "https://shop.example/app/login"))
            .await;
    assert!(answer.header("hx-redirect").is_empty());
    let answer =
        support::ask(&based, htmx("/private").header("hx-current-url", "https://shop.example/app/orders"))
            .await;
    assert_eq!(
        answer.header("hx-redirect"),
        "/app/login?next=%2Fapp%2Forders",
        "the browser's path has the prefix"
    );
}

/// A page whose session has ended meanwhile, or whose user is another one by now, is loaded again.
#[tokio::test]
async fn htmx_loads_a_page_again_that_is_out_of_date() {
    let app = routes().route("/conflict", any(conflict)).layer(layer());
    let plain = AuthLayer::new(FakeIdentity::by_header()).with_groups(groups);
    let without_page = routes().route("/conflict", any(conflict)).layer(plain);
    let ask = async |app: &Router, method: &str, path: &str| {
        let request = Request::builder().method(method).uri(path).header("hx-request", "true");
        let answer = support::ask(app, request.header("hx-current-url", "https://shop.example/orders")).await;
        (answer.status.as_u16(), answer.header("hx-refresh"), answer.header("hx-redirect"))
    };
    let (refresh, none) = (|| "true".to_owned(), String::new);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        assert_eq!(ask(&without_page, method, "/private").await, (401, refresh(), none()), "{method}");
        assert_eq!(ask(&app, method, "/conflict").await, (409, refresh(), none()), "{method}");
        // The log-in page, which has the way back, is better.
        let to_login = "/login?next=%2Forders".to_owned();
        assert_eq!(ask(&app, method, "/private").await, (401, none(), to_login), "{method}");
    }
    // A page may ask for fragments whenever it is loaded: it would be loaded for ever.
    for method in ["GET", "HEAD"] {
        assert_eq!(ask(&without_page, method, "/private").await, (401, none(), none()), "{method}");
        assert_eq!(ask(&without_page, method, "/conflict").await, (409, none(), none()), "{method}");
    }
    // What another load of the page would not change.
    assert_eq!(ask(&without_page, "POST", "/hidden").await, (404, none(), none()));
    let denied = Request::post("/edit").header("hx-request", "true").header(USER_HEADER, "alice");
    let answer = support::ask(&without_page, denied).await;
    assert_eq!((answer.status.as_u16(), answer.header("hx-refresh")), (403, none()));
    let down = Request::post("/edit").header("hx-request", "true").header(USER_HEADER, "down");
    let answer = support::ask(&without_page, down).await;
    assert_eq!((answer.status.as_u16(), answer.header("hx-refresh")), (503, none()));
    let stale = Request::post("/private").header("hx-request", "false");
    assert!(support::ask(&without_page, stale).await.header("hx-refresh").is_empty());
}

/// The address is the client's own statement: only a path of this site is taken from it (open redirect).
#[tokio::test]
async fn the_page_of_htmx_is_not_trusted() {
    let app = routes().layer(layer());
    for page in [
        "https://evil.example//evil.example/x",
        "javascript:alert(1)",
        "//evil.example",
        "",
        "x y",
        "é",
        "https://a/\\evil",
    ] {
        let request = htmx("/private").header("hx-current-url", page.as_bytes());
        let answer = support::ask(&app, request).await;
        let address = answer.header("hx-redirect");
        assert!(address == "/login" || address == "/login?next=%2F", "{page}: {address}");
    }
    let answer =
        support::ask(&app, htmx("/private").header("hx-current-url", "https://evil.example/orders")).await;
    assert_eq!(answer.header("hx-redirect"), "/login?next=%2Forders", "a path of this site");
}

#[tokio::test]
async fn htmx_stays_where_a_log_in_would_not_help() {
    let app = routes().layer(layer());
    let current = |request: Builder| request.header("hx-current-url", "https://shop.example/orders");
    let answer = support::ask(&app, current(htmx("/edit").header(USER_HEADER, "alice"))).await;
    assert_eq!((answer.status, answer.header("hx-redirect").as_str()), (StatusCode::FORBIDDEN, ""));
    let answer = support::ask(&app, current(htmx("/edit").header(USER_HEADER, "down"))).await;
    assert_eq!((answer.status, answer.header("hx-redirect").as_str()), (StatusCode::SERVICE_UNAVAILABLE, ""));
    let answer = support::ask(&app, current(htmx("/hidden"))).await;
    assert_eq!((answer.status, answer.header("hx-redirect").as_str()), (StatusCode::NOT_FOUND, ""));
    // Other clients, and applications without a log-in page.
    for value in ["false", "1", ""] {
        let request = Request::get("/private").header("hx-request", value);
        assert!(support::ask(&app, current(request)).await.header("hx-redirect").is_empty(), "{value}");
    }
    let without = routes().layer(AuthLayer::new(FakeIdentity::anonymous()));
    assert!(support::ask(&without, current(htmx("/private"))).await.header("hx-redirect").is_empty());
}

fn call(path: &str, media_type: &str) -> Builder {
    Request::post(path).header(header::CONTENT_TYPE, media_type).header("te", "trailers")
}

/// The status of HTTP stays: a proxy that asks whether a request is allowed must not see 200.
#[tokio::test]
async fn grpc_gets_its_status() {
    let app = routes().layer(layer());
    for (path, user, status, code) in [
        ("/private", None, StatusCode::UNAUTHORIZED, "16"),
        ("/by-handler", None, StatusCode::UNAUTHORIZED, "16"),
        ("/recent", Some("alice"), StatusCode::UNAUTHORIZED, "16"),
        ("/edit", Some("alice"), StatusCode::FORBIDDEN, "7"),
        ("/edit", Some("down"), StatusCode::SERVICE_UNAVAILABLE, "14"),
    ] {
        for (media_type, answered) in [
            ("application/grpc", "application/grpc"),
            ("application/grpc+proto", "application/grpc"),
            ("application/grpc-web+proto", "application/grpc-web"),
            ("application/grpc-web-text", "application/grpc-web-text"),
        ] {
            let request =
                user.into_iter().fold(call(path, media_type), |call, user| call.header(USER_HEADER, user));
            let answer = support::ask(&app, request.header(header::ACCEPT, "text/html")).await;
            assert_eq!(answer.status, status, "{path} {user:?}");
            assert_eq!(answer.header("grpc-status"), code, "{path} {user:?}");
            assert_eq!(answer.header("content-type"), answered);
            assert!(!answer.header("grpc-message").is_empty());
            assert!(answer.body.is_empty() && answer.header("location").is_empty());
            let is_unauthorized = status == StatusCode::UNAUTHORIZED;
            assert_eq!(answer.headers.contains_key("www-authenticate"), is_unauthorized);
        }
    }
    let answer = support::ask(&app, call("/hidden", "application/grpc")).await;
    assert_eq!((answer.status, answer.header("grpc-status").as_str()), (StatusCode::NOT_FOUND, ""), "hidden");
    let other = support::ask(&app, call("/private", "application/grpcx")).await;
    assert_eq!(
        (other.header("grpc-status").as_str(), other.header("content-type").as_str()),
        ("", "application/problem+json")
    );
    // The application's own response takes precedence.
    let render = |refusal: &Refusal| (refusal.status(), refusal.is_grpc().to_string()).into_response();
    let own = routes().layer(RefusalLayer::new(render)).layer(layer());
    assert_eq!(support::ask(&own, call("/private", "application/grpc")).await.text(), "true");
}

/// A script learns from a header why it got 401, without parsing the body.
#[tokio::test]
async fn a_401_has_its_reason() {
    let app = routes().layer(layer());
    let reason = async |request: Builder| {
        let answer = support::ask(&app, request).await;
        (answer.status.as_u16(), answer.header("auth-reason"))
    };
    assert_eq!(reason(Request::get("/private")).await, (401, "anonymous".to_owned()));
    assert_eq!(reason(Request::get("/by-handler")).await, (401, "anonymous".to_owned()));
    assert_eq!(reason(Request::get("/recent").header(USER_HEADER, "alice")).await, (401, "stale".to_owned()));
    assert_eq!(reason(Request::get("/edit").header(USER_HEADER, "alice")).await, (403, String::new()));
    assert_eq!(reason(Request::get("/hidden")).await, (404, String::new()));
    let navigation = Request::get("/private").header(header::ACCEPT, "text/html");
    assert_eq!(reason(navigation).await, (303, String::new()));
    // A renderer of the application's keeps its own.
    let own = routes()
        .layer(RefusalLayer::new(|refusal: &Refusal| (refusal.status(), [("auth-reason", "log in")], "")));
    let answer = support::ask(&own.layer(layer()), Request::get("/private")).await;
    assert_eq!(answer.header("auth-reason"), "log in");
}

fn page(path: &str) -> Builder {
    Request::post(path).header(header::ACCEPT, "text/html")
}

async fn in_languages(app: &Router, accept: &str) -> Answer {
    support::ask(app, page("/private").header(header::ACCEPT_LANGUAGE, accept)).await
}

#[tokio::test]
async fn pages_are_in_the_language_of_the_visitor() {
    let languages: [Arc<dyn Language>; 4] =
        [Arc::new(English), Arc::new(French), Arc::new(German), Arc::new(Spanish)];
    let app = routes().layer(layer().with_languages(languages));
    for (accept, tag, title) in [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Anmeldung erforderlich"),
        ("fr", "fr", "Connexion nécessaire"),
        ("es-MX", "es", "Inicio de sesión necesario"),
        ("en-GB", "en", "Unauthorized"),
        ("it", "en", "Unauthorized"),
        ("", "en", "Unauthorized"),
    ] {
        let answer = in_languages(&app, accept).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("content-language"), tag, "{accept}");
        let text = answer.text();
        assert!(text.contains(&format!("<html lang=\"{tag}\">")), "{text}");
        assert!(text.contains(&format!("<h1>{title}</h1>")), "{text}");
        assert!(answer.header("vary").split(", ").any(|name| name == "accept-language"), "{accept}");
    }
    let forbidden = page("/edit").header(USER_HEADER, "alice").header(header::ACCEPT_LANGUAGE, "de");
    assert!(support::ask(&app, forbidden).await.text().contains("Sie dürfen das nicht tun."));
    let down = page("/edit").header(USER_HEADER, "down").header(header::ACCEPT_LANGUAGE, "es");
    assert!(support::ask(&app, down).await.text().contains("Servicio no disponible"));
    let handler = page("/by-handler").header(header::ACCEPT_LANGUAGE, "fr");
    assert!(
        support::ask(&app, handler).await.text().contains("Connexion nécessaire"),
        "errors of handlers, too"
    );
    // Programs read English in every language of their users.
    let json = support::ask(&app, Request::get("/private").header(header::ACCEPT_LANGUAGE, "de")).await;
    assert!(json.text().contains(r#""title":"Unauthorized""#), "{}", json.text());
    assert!(!json.header("vary").contains("accept-language") && json.header("content-language").is_empty());
}

#[tokio::test]
async fn by_default_pages_are_in_english() {
    let app = routes().layer(layer());
    let answer = in_languages(&app, "de").await;
    assert_eq!(answer.header("content-language"), "en");
    assert!(answer.text().contains("<h1>Unauthorized</h1>"));
    assert!(!answer.header("vary").contains("accept-language"), "nothing depends on it");
}

/// An application's own language, whose texts may come from a file.
struct Pirate;

impl Language for Pirate {
    fn tag(&self) -> &'static str {
        "en-x-pirate"
    }

    fn title(&self, _: AuthErrorKind) -> &'static str {
        "Avast <script>"
    }

    fn text(&self, kind: AuthErrorKind) -> &'static str {
        match kind {
            AuthErrorKind::Unauthenticated => "Who \"goes\" & where?",
            _ => "Arr.",
        }
    }
}

#[tokio::test]
async fn an_application_adds_a_language() {
    let languages: [Arc<dyn Language>; 2] = [Arc::new(Pirate), Arc::new(German)];
    let app = routes().layer(layer().with_languages(languages.clone()));
    let answer = in_languages(&app, "en").await;
    assert!(answer.text().contains("<h1>Avast &lt;script&gt;</h1>"), "{}", answer.text());
    assert!(answer.text().contains("Who &quot;goes&quot; &amp; where?"));
    assert_eq!(answer.header("content-language"), "en-x-pirate");
    assert!(in_languages(&app, "de").await.text().contains("Anmeldung"));
    let render = |refusal: &Refusal| (refusal.status(), refusal.language().tag().to_owned());
    let own = routes().layer(RefusalLayer::new(render)).layer(layer().with_languages(languages));
    let answer = in_languages(&own, "de").await;
    assert_eq!(answer.text(), "de");
    assert!(answer.header("vary").contains("accept-language"), "a renderer may use the language");
    let none = routes().layer(layer().with_languages([]));
    assert!(in_languages(&none, "de").await.text().contains("<h1>Unauthorized</h1>"));
}
