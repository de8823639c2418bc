//! CSRF tokens: which requests need one, which one is right, and that neither a response nor the log gives it away.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    ApiKey, Auth, AuthError, AuthLayer, EncryptedCookie, FirstOf, Identity, IdentityPolicy, KeyRing,
    Permission, Resource, Rule, Session, SessionIdentity, TicketCookie, User, UserId, acl_required,
    allow_anonymous, auth_required,
    clock::UnixTime,
    csrf::{CsrfBytes, CsrfForm, CsrfToken, CsrfTokens},
    guard, guarded,
    identity::{ApiKeyRecord, MemoryApiKeys, cookie::CookieConfig},
    testing::{self, FrozenClock},
};
use axum::{
    Form, Router,
    body::Body,
    extract::{FromRequestParts, Path, RawQuery},
    http::{
        Request, StatusCode, header,
        request::{Builder, Parts},
    },
    routing::{any, get, post},
};

use crate::support::{self, Answer, App, Log, send};

const NOON: u64 = 1_700_000_000;
const TYPE: &str = "application/x-www-form-urlencoded";
const SITE: &str = "https://app.example";

/// The field of the token is not part of it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    amount: u32,
}

/// Twice: each response has a token of its own.
async fn token(one: CsrfToken, two: CsrfToken) -> String {
    format!("{}\n{}\n{one}", one.value(), two.value())
}

#[auth_required]
async fn delete(user: UserId) -> String {
    format!("{user} deletes")
}

#[auth_required(csrf_form)]
async fn transfer(user: UserId, CsrfForm(form): CsrfForm<Transfer>) -> String {
    format!("{user} sends {}", form.amount)
}

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

/// Alice may edit it.
struct Article;

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = StatusCode;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        Ok(Self)
    }
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), testing::names(["edit"]))]
    }
}

#[acl_required("edit", article, csrf_form)]
async fn edit(article: Article, CsrfForm(form): CsrfForm<Transfer>) -> String {
    let Article = article;
    form.amount.to_string()
}

#[derive(serde::Deserialize)]
struct Order {
    buyer: String,
}

impl Resource for Order {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User(&self.buyer), testing::names(["edit"]))]
    }
}

#[acl_required("edit", order, from_body, csrf_form)]
async fn place(order: CsrfForm<Order>) -> String {
    order.buyer.clone()
}

#[acl_required("edit", order, from_body)]
async fn place_by_script(order: Form<Order>) -> String {
    order.buyer.clone()
}

#[auth_required(csrf_form, hide)]
async fn hidden(_user: UserId, CsrfForm(form): CsrfForm<Transfer>) -> String {
    form.amount.to_string()
}

#[derive(serde::Deserialize)]
struct Login {
    name: String,
}

#[allow_anonymous(reason = "users log in here", csrf_form)]
async fn login(auth: Auth, CsrfForm(form): CsrfForm<Login>) -> Result<String, AuthError> {
    auth.remember(&form.name).await?;
    Ok(auth.csrf_token().await?.value().to_owned())
}

/// Logs in without a form, as a script does.
async fn login_as(auth: Auth, Path(name): Path<String>) -> Result<(), AuthError> {
    auth.remember(&name).await
}

async fn callback(auth: Auth) -> Result<(), AuthError> {
    auth.allowing_cross_site().remember("alice").await
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

async fn rotate(auth: Auth) -> Result<(), AuthError> {
    auth.rotate().await
}

async fn impersonate(auth: Auth) -> Result<(), AuthError> {
    auth.impersonate("bob").await
}

async fn put(session: Session) -> Result<(), AuthError> {
    session.insert("cart", "a pen").await
}

/// The body has another form.
#[allow_anonymous(reason = "the token is in the body")]
async fn upload(auth: Auth, body: String) -> Result<String, AuthError> {
    auth.check_csrf_token(&body).await?;
    Ok(auth.user_id().await?.map(|user| user.to_string()).unwrap_or_default())
}

#[allow_anonymous(reason = "a webhook")]
async fn webhook(query: RawQuery) -> String {
    query.0.unwrap_or_default()
}

fn routes() -> Router {
    Router::new()
        .route("/token", any(token))
        .route("/delete", any(delete))
        .route("/transfer", any(transfer))
        .route("/hidden", any(hidden))
        .route("/edit", any(edit))
        .route("/place", any(place))
        .route("/place-by-script", any(place_by_script))
        .route("/login", post(login))
        .route("/login/{name}", any(login_as))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .route("/rotate", post(rotate))
        .route("/impersonate", post(impersonate))
        .route("/put", post(put))
        .route("/upload", post(upload))
        .route("/webhook", post(webhook))
}

fn app(policy: impl IdentityPolicy, keys: &KeyRing) -> Router {
    let layer = AuthLayer::new(policy).with_clock(FrozenClock::at(NOON));
    routes().layer(layer.with_csrf_tokens(CsrfTokens::new(keys.clone())))
}

/// A browser that says neither where a request comes from nor where it goes.
#[derive(Clone)]
struct Browser<A> {
    app: A,
    cookies: Vec<String>,
}

impl<A: App> Browser<A> {
    fn new(app: &A) -> Self {
        Self { app: app.clone(), cookies: Vec::new() }
    }

    async fn send(&mut self, request: Builder, body: &str) -> Answer {
        let request = request.header(header::COOKIE, self.cookies.join("; "));
        let answer = send(&self.app, request.body(Body::from(body.to_owned())).unwrap()).await;
        for pair in answer.cookies() {
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|cookie| !cookie.starts_with(&format!("{name}=")));
            if !value.is_empty() {
                self.cookies.push(pair);
            }
        }
        answer
    }

    async fn token(&mut self) -> String {
        let answer = self.send(Request::get("/token"), "").await;
        answer.text().lines().next().unwrap().to_owned()
    }

    /// Sends a form, as a page does.
    async fn form(&mut self, path: &str, fields: &str) -> (u16, String) {
        let answer = self.send(Request::post(path).header("content-type", TYPE), fields).await;
        (answer.status.as_u16(), answer.text().to_owned())
    }

    /// Sends a request with the header, as a script does.
    async fn script(&mut self, path: &str, token: &str) -> u16 {
        self.send(Request::post(path).header("x-csrf-token", token), "").await.status.as_u16()
    }

    async fn log_in(&mut self, name: &str) -> String {
        let token = self.token().await;
        let (status, token) = self.form("/login", &format!("csrf_token={token}&name={name}")).await;
        assert_eq!(status, 200, "{token}");
        token
    }

    fn cookie(&self, name: &str) -> Option<&String> {
        self.cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}=")))
    }
}

async fn tokens_are_demanded<P: IdentityPolicy>(policy: impl Fn() -> P) {
    let app = app(policy(), &KeyRing::random());
    let mut browser = Browser::new(&app);
    browser.log_in("alice").await;
    let token = browser.token().await;
    // A request that may change something.
    assert_eq!(browser.send(Request::get("/delete"), "").await.status, 200);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let request = || Request::builder().method(method).uri("/delete");
        let answer = browser.send(request(), "").await;
        assert_eq!(answer.status, 403, "{method}");
        let answer = browser.send(request().header("x-csrf-token", &token), "").await;
        assert_eq!(answer.text(), "alice deletes", "{method}");
    }
    // In the form, where the guard does not look.
    let fields = format!("amount=7&csrf_token={token}");
    assert_eq!(browser.form("/transfer", &fields).await, (200, "alice sends 7".to_owned()));
    for path in ["/transfer", "/hidden", "/edit"] {
        assert_eq!(browser.form(path, &format!("csrf_token={token}&amount=7")).await.0, 200, "{path}");
    }
    for fields in [
        "amount=7".to_owned(),
        "amount=7&csrf_token=".to_owned(),
        "amount=7&csrf_token=x".to_owned(),
        format!("amount=7&csrf_token={token}&csrf_token={token}"),
        format!("amount=7&csrf_token={token}%20"),
        format!("amount=7&CSRF_TOKEN={token}"),
        format!("amount=7&x-csrf-token={token}"),
    ] {
        assert_eq!(browser.form("/transfer", &fields).await.0, 403, "{fields}");
        assert_eq!(browser.form("/hidden", &fields).await.0, 403, "{fields}");
        assert_eq!(browser.form("/edit", &fields).await.0, 403, "{fields}");
    }
    // A guard that does not say `csrf_form` reads the header only.
    assert_eq!(browser.form("/delete", &fields).await.0, 403);
    // The header suffices for a form, too.
    let with_header = Request::post("/transfer").header("content-type", TYPE).header("x-csrf-token", &token);
    assert_eq!(browser.send(with_header, "amount=7").await.text(), "alice sends 7");
    // Never in the address, and one header only.
    let in_address = format!("/delete?csrf_token={token}&x-csrf-token={token}");
    assert_eq!(browser.send(Request::post(&in_address), "").await.status, 403);
    let twice = Request::post("/delete").header("x-csrf-token", &token).header("x-csrf-token", &token);
    assert_eq!(browser.send(twice, "").await.status, 403);
    // Log-out, rotation and impersonation change the identity.
    for path in ["/rotate", "/impersonate", "/logout"] {
        assert_eq!(browser.script(path, "").await, 403, "{path}");
        let token = browser.token().await;
        assert_eq!(browser.script(path, &token).await, 200, "{path}");
    }
    // Anonymous requests get the response of the guard.
    assert_eq!(browser.form("/transfer", "amount=7").await.0, 401);
    assert_eq!(browser.script("/delete", "").await, 401);
}

#[tokio::test]
async fn a_request_that_uses_a_cookie_and_may_change_something_needs_a_token() {
    tokens_are_demanded(SessionIdentity::memory).await;
    tokens_are_demanded(|| TicketCookie::new(KeyRing::random())).await;
    tokens_are_demanded(|| EncryptedCookie::new(KeyRing::random())).await;
    tokens_are_demanded(|| FirstOf::new(SessionIdentity::memory()).then(ApiKey::new(MemoryApiKeys::new())))
        .await;
}

#[tokio::test]
async fn a_token_of_another_browser_another_user_or_another_log_in_is_rejected() {
    let keys = KeyRing::random();
    let app = app(SessionIdentity::memory(), &keys);
    let [mut alice, mut elsewhere, mut mallory] = [(); 3].map(|()| Browser::new(&app));
    let anonymous = alice.token().await;
    let of_login = alice.log_in("alice").await;
    elsewhere.log_in("alice").await;
    mallory.log_in("mallory").await;
    let first = alice.token().await;
    for (what, token) in [
        ("of the log-in page", anonymous.clone()),
        ("of the same user elsewhere", elsewhere.token().await),
        ("of the attacker", mallory.token().await),
        ("of an anonymous browser", Browser::new(&app).token().await),
        (
            "of other keys",
            Browser::new(&self::app(SessionIdentity::memory(), &KeyRing::random())).token().await,
        ),
    ] {
        assert_eq!(alice.script("/delete", &token).await, 403, "{what}");
        assert_eq!(alice.form("/transfer", &format!("csrf_token={token}&amount=1")).await.0, 403, "{what}");
    }
    // The response to the log-in has the token of the user.
    assert_eq!(alice.script("/delete", &of_login).await, 200);
    assert_eq!(alice.script("/delete", &first).await, 200);
    // A log-in again, as the same user or another one.
    for name in ["alice", "bob"] {
        let before = alice.token().await;
        let cookie = alice.cookie("__Host-csrf").cloned();
        alice.log_in(name).await;
        assert_ne!(alice.cookie("__Host-csrf").cloned(), cookie, "each log-in replaces it");
        for old in [&first, &before, &of_login] {
            assert_eq!(alice.script("/delete", old).await, 403, "{name}");
        }
    }
    // After a log-out, and while one user acts for another.
    let bob = alice.token().await;
    assert_eq!(alice.script("/logout", &bob).await, 200);
    assert_eq!(alice.form("/login", &format!("csrf_token={bob}&name=bob")).await.0, 403);
    alice.log_in("alice").await;
    let before = alice.token().await;
    assert_eq!(alice.script("/impersonate", &before).await, 200);
    assert_eq!(alice.script("/delete", &before).await, 403);
    let acting = alice.token().await;
    assert_eq!(alice.script("/delete", &acting).await, 200);
}

/// Forms of several tabs, of the back button, and sent twice.
#[tokio::test]
async fn the_tokens_of_all_pages_since_the_log_in_are_valid() {
    let mut browser = Browser::new(&app(SessionIdentity::memory(), &KeyRing::random()));
    let log_in_pages = [browser.token().await, browser.token().await];
    for token in &log_in_pages {
        assert_eq!(browser.form("/login", &format!("csrf_token={token}&name=")).await.0, 400, "and not 403");
    }
    browser.log_in("alice").await;
    let mut tokens = Vec::new();
    for _ in 0..5 {
        tokens.push(browser.token().await);
    }
    assert_eq!(browser.script("/rotate", &tokens[0]).await, 200);
    for token in tokens.iter().chain(tokens.iter().rev()) {
        assert_eq!(browser.form("/transfer", &format!("csrf_token={token}&amount=1")).await.0, 200);
    }
}

/// An attacker logs a visitor in, with the attacker's own token, cookie or neither.
#[tokio::test]
async fn a_log_in_needs_a_token_of_the_same_browser_also_by_get() {
    let app = app(SessionIdentity::memory(), &KeyRing::random());
    let mut attacker = Browser::new(&app);
    let stolen = attacker.token().await;
    let mut visitor = Browser::new(&app);
    visitor.token().await;
    for fields in ["name=mallory".to_owned(), format!("name=mallory&csrf_token={stolen}")] {
        assert_eq!(visitor.form("/login", &fields).await.0, 403, "{fields}");
    }
    assert_eq!(visitor.script("/login/mallory", &stolen).await, 403);
    // Old browsers do not say that the link is on another site.
    assert_eq!(visitor.send(Request::get("/login/mallory"), "").await.status, 403);
    assert_eq!(visitor.send(Request::get("/delete"), "").await.status, 401);
    // A session of an anonymous visitor is not changed, either.
    assert_eq!(visitor.script("/put", "").await, 403);
    let token = visitor.token().await;
    assert_eq!(visitor.script("/put", &token).await, 200);
    // From then on its data need the token, too.
    assert_eq!(visitor.script("/put", "").await, 403);
    assert_eq!(visitor.script("/login/alice", &token).await, 200);
    // The callback of a provider has a defence of its own.
    let mut browser = Browser::new(&app);
    assert_eq!(browser.send(Request::get("/callback"), "").await.status, 200);
    assert_eq!(browser.send(Request::get("/delete"), "").await.text(), "alice deletes");
}

/// Another host of the domain plants its cookie beside that of the browser, or alone.
/// A late guard decides by the body, and the token is verified before it.
#[tokio::test]
async fn a_late_guard_does_not_decide_about_a_forged_form() {
    let app = app(SessionIdentity::memory(), &KeyRing::random());
    let (mut alice, mut mallory) = (Browser::new(&app), Browser::new(&app));
    let token = alice.log_in("alice").await;
    let strange = mallory.log_in("mallory").await;
    for token in ["", "csrf_token=&", "csrf_token=x&", &format!("csrf_token={strange}&")] {
        assert_eq!(alice.form("/place", &format!("{token}buyer=alice")).await.0, 403, "{token}");
        assert_eq!(alice.form("/place-by-script", &format!("{token}buyer=alice")).await.0, 403, "{token}");
    }
    let twice = format!("csrf_token={token}&csrf_token={strange}&buyer=alice");
    assert_eq!(alice.form("/place", &twice).await.0, 403);
    // This route reads the header only.
    assert_eq!(alice.form("/place-by-script", &format!("csrf_token={token}&buyer=alice")).await.0, 403);
    let own = alice.form("/place", &format!("csrf_token={token}&buyer=alice")).await;
    assert_eq!(own, (200, "alice".to_owned()));
    let other = alice.form("/place", &format!("csrf_token={token}&buyer=mallory")).await;
    assert_eq!(other.0, 403, "the rules decide after the token");
    let request =
        Request::post("/place-by-script").header("content-type", TYPE).header("x-csrf-token", &token);
    assert_eq!(alice.send(request, "buyer=alice").await.status, 200);
}

#[tokio::test]
async fn a_planted_cookie_gives_no_right_token() {
    let app = app(SessionIdentity::memory(), &KeyRing::random());
    let mut attacker = Browser::new(&app);
    let anonymous = (attacker.token().await, attacker.cookie("__Host-csrf").unwrap().clone());
    attacker.log_in("mallory").await;
    let as_mallory = (attacker.token().await, attacker.cookie("__Host-csrf").unwrap().clone());
    let mut victim = Browser::new(&app);
    victim.log_in("alice").await;
    for (token, planted) in [&anonymous, &as_mallory] {
        // Beside it, in either order.
        for at in [0, victim.cookies.len()] {
            let mut tossed = victim.clone();
            tossed.cookies.insert(at, planted.clone());
            assert_eq!(tossed.script("/delete", token).await, 403);
        }
        // In place of it.
        let mut tossed = victim.clone();
        tossed.cookies.retain(|cookie| !cookie.starts_with("__Host-csrf="));
        tossed.cookies.push(planted.clone());
        assert_eq!(tossed.script("/delete", token).await, 403, "a token is bound to the user, too");
    }
    // A browser with two cookies gets one that is its own, and goes on.
    let mut tossed = victim.clone();
    tossed.cookies.push(anonymous.1.clone());
    let token = tossed.token().await;
    assert_eq!(tossed.script("/delete", &token).await, 200);
}

/// The default defence goes on beside the token.
#[tokio::test]
async fn both_defences_have_to_hold() {
    let keys = KeyRing::random();
    let mut browser = Browser::new(&app(SessionIdentity::memory(), &keys));
    browser.log_in("alice").await;
    let token = browser.token().await;
    let request = |path: &str| {
        let request = Request::post(path).header("host", "app.example").header("content-type", TYPE);
        request.header("x-csrf-token", &token)
    };
    let fields = format!("amount=1&csrf_token={token}");
    for (name, value, expected) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("origin", SITE, 200),
    ] {
        for path in ["/delete", "/transfer"] {
            let answer = browser.send(request(path).header(name, value), &fields).await;
            assert_eq!(answer.status.as_u16(), expected, "{path} {name}: {value}");
        }
    }
    // Also where no guard needs a user.
    let mut visitor = Browser::new(&browser.app);
    let token = visitor.token().await;
    let login = Request::post("/login").header("content-type", TYPE).header("sec-fetch-site", "cross-site");
    assert_eq!(visitor.send(login, &format!("name=bob&csrf_token={token}")).await.status, 403);
    let upload = Request::post("/upload").header("sec-fetch-site", "cross-site");
    assert_eq!(visitor.send(upload, &token).await.status, 403);
}

/// A browser that sends neither `Origin` nor `Sec-Fetch-Site` is what tokens are for.
#[tokio::test]
async fn without_tokens_an_old_browser_is_not_protected_and_with_them_it_is() {
    let layer = AuthLayer::new(SessionIdentity::memory()).with_clock(FrozenClock::at(NOON));
    let mut unprotected = Browser::new(&routes().layer(layer));
    assert_eq!(unprotected.send(Request::post("/login/alice"), "").await.status, 200);
    assert_eq!(unprotected.send(Request::post("/delete"), "").await.text(), "alice deletes");
    let mut protected = Browser::new(&app(SessionIdentity::memory(), &KeyRing::random()));
    assert_eq!(protected.send(Request::post("/login/alice"), "").await.status, 403);
}

#[tokio::test]
async fn credentials_that_browsers_do_not_attach_and_requests_without_any_need_none() {
    let keys = MemoryApiKeys::new();
    let alice = Identity::new("alice").unwrap();
    let (key, record) = ApiKeyRecord::issue("shop", alice, UnixTime::from_secs(NOON)).unwrap();
    keys.add(record);
    for app in [
        app(FirstOf::new(SessionIdentity::memory()).then(ApiKey::new(keys.clone())), &KeyRing::random()),
        app(ApiKey::new(keys.clone()), &KeyRing::random()),
    ] {
        let with_key = |path: &str| Request::post(path).header("x-api-key", key.expose());
        assert_eq!(support::ask(&app, with_key("/delete")).await.text(), "alice deletes");
        let mut client = Browser::new(&app);
        let answer = client.send(with_key("/transfer").header("content-type", TYPE), "amount=3").await;
        assert_eq!(answer.text(), "alice sends 3");
        assert_eq!(support::ask(&app, Request::post("/webhook?a")).await.text(), "a");
    }
}

#[tokio::test]
async fn a_body_of_another_form_is_checked_by_the_handler() {
    let mut browser = Browser::new(&app(SessionIdentity::memory(), &KeyRing::random()));
    browser.log_in("alice").await;
    let token = browser.token().await;
    assert_eq!(browser.send(Request::post("/upload"), &token).await.text(), "alice");
    for wrong in ["", "x", &token[1..]] {
        assert_eq!(browser.send(Request::post("/upload"), wrong).await.status, 403, "{wrong}");
    }
}

#[tokio::test]
async fn the_page_with_a_token_and_the_cookie_are_protected() {
    let app = app(SessionIdentity::memory(), &KeyRing::random());
    let answer = support::get(&app, "/token").await;
    let lines: Vec<&str> = answer.text().lines().collect();
    assert_ne!(lines[0], lines[1], "each is masked");
    assert_eq!(lines[2], format!("<input type=\"hidden\" name=\"csrf_token\" value=\"{}\">", lines[0]));
    let cookie = answer.header("set-cookie");
    let value = cookie.strip_prefix("__Host-csrf=").unwrap().split(';').next().unwrap();
    assert_eq!(value.len(), 22);
    assert!(!lines[0].contains(value), "the cookie is not in the page");
    let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(attributes.contains(&attribute), "{cookie}");
    }
    assert!(
        !cookie.contains("Max-Age") && !cookie.contains("Expires") && !cookie.contains("Domain"),
        "{cookie}"
    );
    assert!(answer.header("cache-control").contains("no-store"), "{:?}", answer.headers);
    assert!(answer.header("vary").contains("cookie"), "{:?}", answer.headers);
    // A browser that has the cookie gets no other one, also if a page has two tokens.
    let mut browser = Browser::new(&app);
    browser.token().await;
    assert!(browser.send(Request::get("/token"), "").await.cookies().is_empty());
    // A value that is not one of ours is replaced.
    for nonsense in ["", "x", &"A".repeat(23), &"A".repeat(1000)] {
        let request = Request::get("/token").header("cookie", format!("__Host-csrf={nonsense}"));
        assert_eq!(support::ask(&app, request).await.cookies().len(), 1, "{nonsense}");
    }
}

#[tokio::test]
async fn neither_the_log_nor_debug_shows_a_token() {
    let keys = KeyRing::random();
    let mut browser = Browser::new(&app(SessionIdentity::memory(), &keys));
    let (secrets, told) = Log::of(async {
        let mut secrets = vec![browser.token().await, browser.log_in("alice").await, browser.token().await];
        for token in secrets.clone() {
            browser.script("/delete", &token).await;
            browser.form("/transfer", &format!("amount=x&csrf_token={token}")).await;
            browser.form("/transfer", &format!("amount=1&csrf_token={token}x")).await;
        }
        secrets.extend(browser.cookies.iter().map(|pair| pair.split_once('=').unwrap().1.to_owned()));
        secrets
    })
    .await;
    let denied: Vec<_> = told.iter().filter(|event| event.message == "deny").collect();
    assert!(denied.iter().any(|event| event.field("reason") == "csrf_token"), "{denied:?}");
    let shown = format!("{told:?}");
    for secret in secrets {
        assert!(!shown.contains(&secret[secret.len() - 12..]), "{secret} is in {shown}");
    }
    assert!(format!("{:?}", CsrfTokens::new(keys)).starts_with("CsrfTokens { cookie:"));
}

#[tokio::test]
async fn a_page_says_that_the_form_is_too_old() {
    let mut browser = Browser::new(&app(SessionIdentity::memory(), &KeyRing::random()));
    browser.log_in("alice").await;
    let request = Request::post("/delete").header("accept", "text/html");
    let answer = browser.send(request, "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("Please load the page again"), "{}", answer.text());
    // htmx loads the page again, which then has a token of now.
    let request = Request::post("/delete").header("hx-request", "true");
    assert_eq!(browser.send(request, "").await.header("hx-refresh"), "true");
}

#[tokio::test]
async fn without_tokens_in_the_layer_their_extractors_fail() {
    let layer = AuthLayer::new(SessionIdentity::memory()).with_clock(FrozenClock::at(NOON));
    let mut browser = Browser::new(&routes().layer(layer));
    let (answer, told) = Log::of(browser.send(Request::get("/token"), "")).await;
    assert_eq!(answer.status, 500);
    assert!(
        told.iter().any(|event| event.field("error").contains("AuthLayer::with_csrf_tokens")),
        "{told:?}"
    );
    assert_eq!(browser.form("/login", "name=alice").await.0, 500);
    assert_eq!(support::get(&Router::new().route("/token", get(token)), "/token").await.status, 500);
}

/// A guard around a router reads the header only.
#[tokio::test]
async fn a_layer_reads_the_header_only() {
    let layer = AuthLayer::new(SessionIdentity::memory()).with_clock(FrozenClock::at(NOON));
    let guarded_routes = Router::new().route("/transfer", post(transfer)).route_layer(guard::auth!());
    let app = guarded_routes.route("/token", get(token)).route("/login", post(login));
    let mut browser = Browser::new(&app.layer(layer.with_csrf_tokens(CsrfTokens::new(KeyRing::random()))));
    browser.log_in("alice").await;
    let token = browser.token().await;
    let fields = format!("amount=1&csrf_token={token}");
    assert_eq!(browser.form("/transfer", &fields).await.0, 403);
    let request = Request::post("/transfer").header("content-type", TYPE).header("x-csrf-token", &token);
    assert_eq!(browser.send(request, &fields).await.text(), "alice sends 1");
}

#[tokio::test]
async fn the_cookie_of_development_over_http_is_for_this_host() {
    let cookie = CookieConfig::new().with_name("csrf").unwrap().with_insecure_http_on_loopback().unwrap();
    let tokens = CsrfTokens::with_cookie(KeyRing::random(), cookie);
    let layer = AuthLayer::new(SessionIdentity::memory()).with_clock(FrozenClock::at(NOON));
    let app = routes().layer(layer.with_csrf_tokens(tokens));
    let request = |path: &str| Request::post(path).header("content-type", TYPE);
    let mut elsewhere = Browser::new(&app);
    let token = elsewhere.token().await;
    let answer = elsewhere.send(request("/login"), &format!("name=alice&csrf_token={token}")).await;
    assert_eq!(answer.status, 403, "the request does not come from this host");
}

#[test]
fn the_access_table_shows_where_the_token_is() {
    let routes = guarded::Router::<()>::new().route("/transfer", guarded::post(transfer));
    let table = routes.access().to_string();
    assert!(table.contains("any user, CSRF token in the form"), "{table}");
    let json: serde_json::Value = serde_json::from_str(&routes.access().to_json()).unwrap();
    assert!(json.to_string().contains(r#""csrf_form":true"#), "{json}");
}

#[auth_required(csrf_form)]
async fn of_a_library(auth: Auth, CsrfBytes(form): CsrfBytes) -> String {
    format!("{} {}", auth.demands_csrf_tokens(), std::str::from_utf8(&form).unwrap())
}

/// A form of a library, which does not know whether the application's layer demands tokens.
#[tokio::test]
async fn a_form_of_a_library_needs_a_token_where_one_is_demanded_and_only_there() {
    let keys = KeyRing::random();
    let library = |layer: AuthLayer| {
        routes().route("/library", post(of_a_library)).layer(layer.with_clock(FrozenClock::at(NOON)))
    };
    let with = library(
        AuthLayer::new(TicketCookie::new(keys.clone())).with_csrf_tokens(CsrfTokens::new(keys.clone())),
    );
    let mut browser = Browser::new(&with);
    browser.send(Request::get("/callback"), "").await;
    let token = browser.token().await;
    let mut ask = async |body: &str| {
        let answer = browser.send(Request::post("/library").header(header::CONTENT_TYPE, TYPE), body).await;
        (answer.status.as_u16(), answer.text().to_owned())
    };
    assert_eq!(ask(&format!("a=1&csrf_token={token}&b=2")).await, (200, "true a=1&b=2".to_owned()));
    for body in ["a=1", "a=1&csrf_token=", "csrf_token=x", &format!("csrf_token={token}&csrf_token={token}")]
    {
        assert_eq!(ask(body).await.0, 403, "{body}");
    }

    let without = library(AuthLayer::new(TicketCookie::new(keys.clone())));
    let mut browser = Browser::new(&without);
    browser.send(Request::get("/callback"), "").await;
    for body in ["a=1", "a=1&csrf_token=x"] {
        let answer = browser.send(Request::post("/library").header(header::CONTENT_TYPE, TYPE), body).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "false a=1"), "{body}");
    }
    let anonymous = Browser::new(&without).send(Request::post("/library"), "a=1").await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
}
