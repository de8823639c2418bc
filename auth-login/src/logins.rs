//! Configures the ways to log in: [`Logins`].

use std::{fmt, sync::Arc};

use auth_client::Origin;
use auth_runtime::{
    KeyRing, LocalPath, Sessions,
    clock::{Clock, SystemClock},
    jwt::{MemoryReplayCache, ReplayCache},
    revocation::Revocation,
};
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::{
    Login, LoginError, Page, Tokens,
    accounts::Accounts,
    connection::Connector,
    descriptor::{ClientMethod, ResponseMode},
    login_decision::LoginAnswer,
    login_index::LoginIndex,
    login_routes::LoginRoutes,
    pages::{Render, default_render},
    profile::Profile,
    routes::{App, LoginRegistry, Means, OnLogin},
    transaction::TransactionCookies,
};

/// Collects the ways to log in. [`on_login`](Self::on_login) makes [`LoginRoutes`] of it.
///
/// | option | default |
/// |---|---|
/// | paths of the log-in pages | `/login`, `/login/{provider}`, `/login/{provider}/callback` |
/// | path of the log-out page | `/logout` |
/// | target after a log-in without one, and after a log-out | `/` |
/// | keys of the transaction cookies | random ones, good for one process |
/// | memory of used attempts | one for this process |
/// | pages | HTML in English, without scripts |
///
/// # Example
///
/// ```
/// use auth_login::{Login, Logins, Tokens, profile::Profile, providers};
/// use auth_runtime::{AuthLayer, EncryptedCookie, KeyRing, UserId, guarded};
///
/// # fn f(id: &str, secret: &str) -> Result<guarded::App, auth_login::LoginError> {
/// let login = Logins::new("https://app.example.com")? // the public base address, never taken from `Host`
///     .provider(Login::provider(providers::GITHUB, id, secret)?)?
///     .provider(Login::openid("company", "https://login.example.com", id, secret)?)?
///     .on_login(|profile: Profile, _tokens: Tokens| async move {
///         // The application finds its account by issuer and subject, never by e-mail address.
///         let account = profile.account();
///         UserId::new(format!("{} {}", account.issuer(), account.subject()))
///     });
/// let app = guarded::Router::new()
///     .merge(login.routes())
///     .with_auth(AuthLayer::new(EncryptedCookie::new(KeyRing::random())));
/// # Ok(app) }
/// ```
///
/// # Several instances
///
/// Give all instances the same [keys](Self::with_keys), so that each finishes what another one began, and a
/// shared [memory of used attempts](Self::with_replay_cache), so that each attempt is used once among all of
/// them. If providers can end log-ins, they share the [index of log-ins](LoginIndex), too.
#[must_use]
pub struct Logins {
    base: Url,
    path: LocalPath,
    logout_path: LocalPath,
    home: LocalPath,
    targets: Vec<LocalPath>,
    connectors: Vec<Connector>,
    keys: Option<KeyRing>,
    used: Arc<dyn ReplayCache>,
    clock: Arc<dyn Clock>,
    render: Arc<Render>,
    recorded: Option<LoginRegistry>,
    accounts: Option<Arc<dyn Accounts>>,
}

impl Logins {
    /// Begins with the public base address of the application, such as `https://app.example.com`: the
    /// redirect addresses are made of it, and never of `Host` or of headers that a proxy or a client writes.
    ///
    /// # Errors
    ///
    /// Fails unless the address is `https`, or `http` on a loopback address, without path, query, fragment
    /// and user name.
    pub fn new(base: &str) -> Result<Self, LoginError> {
        let unusable = || {
            LoginError::new(format!(
                "`{}` is not the base address of an application; write `https://` and the host, without \
                 a path, or for development `http://127.0.0.1` and the port",
                base.escape_default()
            ))
        };
        Origin::parse(base).map_err(|error| LoginError::because(unusable().to_string(), error))?;
        let url = Url::parse(base).map_err(|_| unusable())?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(unusable());
        }
        Ok(Self {
            base: url,
            path: LocalPath::from_static("/login"),
            logout_path: LocalPath::from_static("/logout"),
            home: LocalPath::root(),
            targets: Vec::new(),
            connectors: Vec::new(),
            keys: None,
            used: Arc::new(MemoryReplayCache::new()),
            clock: Arc::new(SystemClock),
            render: Arc::new(default_render),
            recorded: None,
            accounts: None,
        })
    }

    /// Adds a way to log in. Buttons are in the order in which the ways are added.
    ///
    /// # Errors
    ///
    /// Fails if there is one with this id already, if the provider wants a key and there is none, if TLS
    /// cannot be set up, and if the provider responds by a cross-site POST and the application is not served
    /// over `https`: browsers would not send the transaction cookie.
    pub fn provider(mut self, login: Login) -> Result<Self, LoginError> {
        let id = &login.id;
        if self.connectors.iter().any(|other| other.login().id == *id) {
            return Err(LoginError::new(format!(
                "two ways to log in have the id `{id}`; give one another by `Login::with_id`"
            )));
        }
        let is_form_post = login.provider.descriptor().response_mode == ResponseMode::FormPost;
        if is_form_post && self.base.scheme() != "https" {
            return Err(LoginError::new(format!(
                "provider `{id}` responds by a cross-site POST, which needs https; serve the application \
                 over https"
            )));
        }
        let needs_key = matches!(
            login.provider.descriptor().client_method,
            ClientMethod::PrivateKeyJwt | ClientMethod::JwtSecret(_)
        );
        if needs_key && login.key.is_none() {
            return Err(LoginError::new(format!(
                "provider `{id}` authenticates clients by a key; call `Login::with_client_key` or \
                 `Login::with_signed_secret`"
            )));
        }
        self.connectors.push(Connector::new(login, Arc::clone(&self.clock))?);
        Ok(self)
    }

    /// Sets the path of the log-in pages. The default is `/login`.
    ///
    /// # Errors
    ///
    /// Fails if the path is the root, has a query, or ends with a slash.
    pub fn with_path(mut self, path: LocalPath) -> Result<Self, LoginError> {
        self.path = route(path)?;
        Ok(self)
    }

    /// Sets the path of the log-out page. The default is `/logout`.
    ///
    /// # Errors
    ///
    /// As [`with_path`](Self::with_path).
    pub fn with_logout_path(mut self, path: LocalPath) -> Result<Self, LoginError> {
        self.logout_path = route(path)?;
        Ok(self)
    }

    /// Sets where users go after a log-in without a redirect target, and after a log-out. The default is `/`.
    pub fn with_home(mut self, path: LocalPath) -> Self {
        self.home = path;
        self
    }

    /// Allows redirect targets at and below these paths only; others lead home. The default is every path of the
    /// application.
    ///
    /// # Security
    ///
    /// A link can choose the target. Where a page changes something on a GET, list the paths that do not.
    pub fn with_targets(mut self, paths: impl IntoIterator<Item = LocalPath>) -> Self {
        self.targets = paths.into_iter().collect();
        self
    }

    /// Encrypts the transaction cookies with these keys, which all instances share. The default is a random
    /// key: log-ins that are under way end with the process.
    pub fn with_keys(mut self, keys: KeyRing) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Remembers used attempts and used `logout_token`s here, such as in a `SqliteReplayCache`, a
    /// `PostgresReplayCache` or a `RedisReplayCache` for several instances. The default is the memory of this
    /// process.
    pub fn with_replay_cache(mut self, used: impl ReplayCache) -> Self {
        self.used = Arc::new(used);
        self
    }

    /// Lets providers end log-ins (`OpenID` Connect Back-Channel Logout 1.0): each log-in is recorded in the
    /// index before its session begins, and a valid `logout_token` at `/login/{provider}/backchannel-logout`
    /// revokes the log-ins of the session, or of the subject, that it names, and those that have begun and
    /// are not recorded yet. Give the [`AuthLayer`](auth_runtime::AuthLayer) the same list of revocations.
    ///
    /// It is for encrypted cookies. Sessions in a store need no list: see
    /// [`with_back_channel_logout_of_sessions`](Self::with_back_channel_logout_of_sessions). With other
    /// identity policies, such as tickets, log-ins fail, since their credentials do not have the [id of the
    /// log-in](auth_runtime::LoginOptions::with_login_id).
    ///
    /// With several instances, index, list and [memory of used tokens](Self::with_replay_cache) are shared.
    ///
    /// # Security
    ///
    /// The log-in ends also if its credential was renewed or rotated, or impersonates another user. If the
    /// application replaces it by a log-in of another kind (`Auth::remember`), the provider cannot end that.
    pub fn with_back_channel_logout(self, index: impl LoginIndex, revocation: impl Revocation) -> Self {
        self.with_logout_by(index, Means::Revocation(Arc::new(revocation)))
    }

    /// Lets providers end sessions that are in a store, as
    /// [`with_back_channel_logout`](Self::with_back_channel_logout) does for encrypted cookies. It needs no
    /// list of revocations: the session is deleted from the store, for every instance.
    ///
    /// ```
    /// use auth_login::{Logins, MemoryLoginIndex};
    /// use auth_runtime::SessionIdentity;
    ///
    /// let policy = SessionIdentity::memory(); // or `postgres(pool)`, with a `PostgresLoginIndex`
    /// let login = Logins::new("https://app.example.com")?
    ///     .with_back_channel_logout_of_sessions(MemoryLoginIndex::new(), policy.sessions());
    /// // `policy` goes to the `AuthLayer`.
    /// # let _ = login;
    /// # Ok::<(), auth_login::LoginError>(())
    /// ```
    pub fn with_back_channel_logout_of_sessions(self, index: impl LoginIndex, sessions: Sessions) -> Self {
        self.with_logout_by(index, Means::Sessions(sessions))
    }

    fn with_logout_by(mut self, index: impl LoginIndex, means: Means) -> Self {
        self.recorded = Some(LoginRegistry { index: Arc::new(index), means });
        self
    }

    /// Lets signed-in users link further identities, and unlink them: adds the routes `/login/{provider}/link` and
    /// `/login/{provider}/unlink`. The ids of users are those of these accounts.
    ///
    /// A user whose log-in is older than ten minutes, or of an unknown time, is sent through a step-up first. An
    /// identity that belongs to another user is never moved, and the last one stays.
    ///
    /// ```
    /// use auth_login::{Logins, Tokens, accounts::{Accounts as _, MemoryAccounts}, profile::Profile};
    ///
    /// let accounts = MemoryAccounts::new();
    /// let login = Logins::new("https://app.example.com")?.with_linking(accounts.clone()).on_login(
    ///     move |profile: Profile, _: Tokens| {
    ///         let accounts = accounts.clone();
    ///         async move { accounts.find_or_create(profile.account()).await }
    ///     },
    /// );
    /// # let _ = login;
    /// # Ok::<(), auth_login::LoginError>(())
    /// ```
    ///
    /// A page of the application links by a form: `<form method="post" action="/login/github/link">`, with `next` as
    /// the redirect target. The one that unlinks may have `issuer` and `subject`, for a user with several identities
    /// at one provider.
    ///
    /// # Security
    ///
    /// An attempt to link carries the id of the user who began it. It links nothing in another browser, or after
    /// another user has signed in (linking CSRF).
    ///
    /// Unlinking ends the sessions that began with the identity, on every instance, and this one if it is
    /// among them: the account at the provider may have been stolen. They are in the index of
    /// [`with_back_channel_logout_of_sessions`](Self::with_back_channel_logout_of_sessions) or
    /// [`with_back_channel_logout`](Self::with_back_channel_logout). Without an index, they go on.
    pub fn with_linking(mut self, accounts: impl Accounts) -> Self {
        self.accounts = Some(Arc::new(accounts));
        self
    }

    /// Tells the time by another clock, for tests.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        for connector in &mut self.connectors {
            connector.set_clock(Arc::clone(&self.clock));
        }
        self
    }

    /// Renders the pages in the application's own way. Status, caching and referrer policy are set
    /// afterwards, and a `Content-Security-Policy` unless the response has one.
    ///
    /// ```
    /// use auth_login::{Logins, Page};
    /// use axum::response::{Html, IntoResponse, Response};
    ///
    /// fn page(page: &Page) -> Response {
    ///     match page {
    /// Page::LogIn { buttons, .. } => Html(format!("{} ways to log in", buttons.len())).into_response(),
    /// other => Html(other.to_html()).into_response(), } } let logins =
    /// Logins::new("https://app.example.com")?.with_pages(page);
    /// # Ok::<(), auth_login::LoginError>(())
    /// ```
    ///
    /// # Security
    ///
    /// Texts of a page come from the configuration and from the redirect target, which a link can choose:
    /// escape them. Where the layer demands CSRF tokens, each form needs the `csrf_token` of its page; the form of
    /// [`Page::LogOutAtProvider`](crate::Page::LogOutAtProvider), which leaves the application, has none.
    pub fn with_pages<R: IntoResponse>(
        mut self,
        render: impl Fn(&Page) -> R + Send + Sync + 'static,
    ) -> Self {
        self.render = Arc::new(move |page| -> Response { render(page).into_response() });
        self
    }

    /// Sets what happens when a user has authenticated at a provider: the application finds or makes its
    /// account, and returns a [`LoginDecision`](crate::LoginDecision), or what becomes one. The session then begins with a new id
    /// (session fixation protection).
    ///
    /// An error is logged, and the user sees a page with the code `server_error`.
    ///
    /// The routes are those of the result:
    ///
    /// ```compile_fail,E0599
    /// use auth_login::Logins;
    /// use auth_runtime::guarded;
    ///
    /// let logins = Logins::new("https://app.example.com")?;
    /// let app: guarded::Router = guarded::Router::new().merge(logins.routes()); // `on_login` is missing
    /// # Ok::<(), auth_login::LoginError>(())
    /// ```
    ///
    /// The closure returns a `Result`:
    ///
    /// ```compile_fail,E0277
    /// use auth_login::{Logins, Profile, Tokens};
    ///
    /// let logins = Logins::new("https://app.example.com")?;
    /// let login = logins.on_login(|profile: Profile, _: Tokens| async move { profile.account().subject().to_owned() });
    /// # Ok::<(), auth_login::LoginError>(())
    /// ```
    pub fn on_login<F, A>(mut self, decide: F) -> LoginRoutes
    where
        F: Fn(Profile, Tokens) -> A + Send + Sync + 'static,
        A: Future<Output: LoginAnswer> + Send + 'static,
    {
        let on_login: Box<OnLogin> = Box::new(move |profile, tokens| {
            let decision = decide(profile, tokens);
            Box::pin(async move { decision.await.into_decision() })
        });
        if self.connectors.iter().filter(|connector| connector.login().is_openid()).count() > 1 {
            self.connectors.iter_mut().for_each(Connector::trust_named_acr_only);
        }
        let origin = self.base.origin().ascii_serialization();
        let is_secure = self.base.scheme() == "https";
        let keys = self.keys.unwrap_or_else(KeyRing::random);
        let cookies = TransactionCookies::new(keys, &origin, self.path.as_str(), is_secure);
        LoginRoutes::new(App {
            connectors: self.connectors,
            origin,
            path: self.path,
            logout_path: self.logout_path,
            home: self.home,
            targets: self.targets,
            cookies,
            used: self.used,
            clock: self.clock,
            render: self.render,
            on_login,
            recorded_logins: self.recorded,
            accounts: self.accounts,
        })
    }
}

/// Checks a path of a route.
fn route(path: LocalPath) -> Result<LocalPath, LoginError> {
    let text = path.as_str();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    if text.len() < 2 || text.ends_with('/') || !text.bytes().all(is_plain) {
        return Err(LoginError::new(format!(
            "`{text}` is not a path for log-in pages; write one such as `/login`, of letters, digits, `-`, \
             `_` and `.`"
        )));
    }
    Ok(path)
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logins")
            .field("base", &self.base.as_str())
            .field("connectors", &self.connectors)
            .finish_non_exhaustive()
    }
}
