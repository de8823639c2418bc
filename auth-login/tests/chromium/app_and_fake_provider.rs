//! The application under test, its provider, and the record of what the browser asks for.

use std::sync::{Arc, Mutex};

use auth_login::{
    Login, Logins, MemoryLoginIndex, Tokens,
    descriptor::{Descriptor, ResponseMode},
    profile::Profile,
    providers,
    testing::{FakeProvider, FakeUser},
};
use auth_runtime::{
    Auth, AuthError, AuthLayer, EncryptedCookie, KeyRing, LocalPath, UserId, allow_anonymous, auth_required,
    guarded::{self, get, post},
    identity::cookie::SameSite,
    revocation::MemoryRevocation,
};
use axum::{
    extract::{RawQuery, Request},
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Redirect},
};
use maud::{DOCTYPE, Markup, html};

use super::{chromium_driver::Chromium, tls_server::serve};

/// The host of the application. Other hosts of `example.com` are of the same site, `127.0.0.1` is not.
pub const HOST: &str = "app.example.com";
pub const APP: &str = "https://app.example.com";

/// A provider that responds by a form, which the browser sends across sites.
pub const FORM_POST: Descriptor = providers::OPENID.with_response_mode(ResponseMode::FormPost);

fn frame(content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" { head { title { "Application" } } body { main { (content) } } }
    };
    Html(page.into_string())
}

#[allow_anonymous(reason = "it is the home page")]
async fn home() -> Html<String> {
    frame(&html! { h1 { "Home" } })
}

/// A page that browsers may keep. Its scripts show whether they run.
#[allow_anonymous(reason = "it is the same for everyone")]
async fn public() -> Html<String> {
    frame(&html! {
        h1 { "Public" }
        a href="/" { "Go home" }
        p id="scripts" { "Scripts are off" }
        script { "document.getElementById('scripts').textContent = 'Scripts are on'" }
    })
}

#[auth_required]
async fn me(user: UserId, RawQuery(query): RawQuery) -> Html<String> {
    frame(&html! {
        h1 { "Page of " (user) }
        p { "Query: " (query.unwrap_or_default()) }
        form method="post" action="/logout" { button { "Log out" } }
        form method="post" action="/logout-everywhere" { button { "Log out everywhere" } }
    })
}

#[auth_required]
async fn log_out_everywhere(auth: Auth) -> Result<impl IntoResponse, AuthError> {
    auth.log_out_everywhere().await?;
    Ok(Redirect::to("/"))
}

pub struct Setup {
    pub provider: FakeProvider,
    pub app: guarded::App,
    pub port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Setup {
    pub async fn new() -> Self {
        Self::with(&providers::OPENID, SameSite::Lax).await
    }

    /// Starts a provider that works like this, and an application with such a session cookie.
    pub async fn with(descriptor: &Descriptor, same_site: SameSite) -> Self {
        let users = [FakeUser::new("alice").with_name("Alice Example"), FakeUser::new("bob")];
        let provider = FakeProvider::start(users).await.unwrap();
        let (id, secret) = provider.client();
        let resolved = descriptor.resolve(&[("issuer", provider.issuer())]).unwrap();
        let login = Login::resolved(resolved, id, secret).unwrap().with_id("fake").unwrap();
        let requests = Arc::default();
        let app = application([login.with_label("Example")], same_site, &requests);
        let port = serve(app.clone()).await;
        Self { provider, app, port, requests }
    }

    pub async fn browser(&self) -> Option<Chromium> {
        Chromium::start(&[(HOST, self.port)]).await
    }

    /// How many requests of the browser had this method and path, such as `GET /me`.
    pub fn requests(&self, what: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|request| *request == what).count()
    }

    /// Logs alice in, as a user who opens this guarded page.
    pub async fn log_in(&self, browser: &Chromium, page: &str) {
        browser.open(&format!("{APP}{page}")).await;
        browser.press("Continue with Example").await;
        browser.press("alice").await;
        browser.sees("Page of alice").await;
    }
}

pub fn application(
    ways: impl IntoIterator<Item = Login>,
    same_site: SameSite,
    requests: &Arc<Mutex<Vec<String>>>,
) -> guarded::App {
    let revocation = MemoryRevocation::new();
    let mut logins =
        Logins::new(APP).unwrap().with_back_channel_logout(MemoryLoginIndex::new(), revocation.clone());
    for login in ways {
        logins = logins.provider(login).unwrap();
    }
    let login = logins
        .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
    let policy = EncryptedCookie::new(KeyRing::random()).with_same_site(same_site).unwrap();
    let auth =
        AuthLayer::new(policy).with_revocation(revocation).with_login_page(LocalPath::from_static("/login"));
    let requests = Arc::clone(requests);
    let record = move |request: Request, next: Next| {
        requests.lock().unwrap().push(format!("{} {}", request.method(), request.uri().path()));
        next.run(request)
    };
    guarded::Router::new()
        .route("/", get(home))
        .route("/public", get(public))
        .route("/me", get(me))
        .route("/logout-everywhere", post(log_out_everywhere))
        .merge(login.routes())
        .with_auth(auth)
        .layer(from_fn(record))
}
