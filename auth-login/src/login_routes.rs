//! Holds the routes of the configured log-ins, for the application's router: [`LoginRoutes`].

use std::{fmt, sync::Arc};

use auth_runtime::guarded;

use crate::{
    Logins,
    routes::{self, App},
};

/// The configured ways to log in, ready to be served.
#[derive(Clone)]
#[must_use]
pub struct LoginRoutes(Arc<App>);

impl LoginRoutes {
    pub(crate) fn new(app: App) -> Self {
        Self(Arc::new(app))
    }

    /// Returns the routes, to be merged into the application's router:
    ///
    /// | route | does |
    /// |---|---|
    /// | `GET /login` | shows the providers; `?next=` is the redirect target |
    /// | `GET /login/{provider}` | asks whether to log in with this one |
    /// | `POST /login/{provider}` | starts a log-in |
    /// | `GET` and `POST /login/{provider}/callback` | the provider's response |
    /// | `GET /login/{provider}/link`, `/unlink` | asks whether to link or unlink an identity, if configured |
    /// | `POST /login/{provider}/link`, `/unlink` | links or unlinks an identity of the signed-in user |
    /// | `GET /logout` | asks whether to log out |
    /// | `POST /logout` | logs out |
    /// | `GET /logout/done` | leads home after a log-out at the provider |
    /// | `POST /login/{provider}/backchannel-logout` | ends sessions of the provider, if configured |
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> guarded::Router<S> {
        routes::router(&self.0)
    }

    /// Returns the address that the provider sends the browser to after a log-out there, as it has to be
    /// registered.
    #[must_use]
    pub fn post_logout_redirect_uri(&self) -> String {
        self.0.post_logout_redirect_uri()
    }

    /// Returns the redirect addresses, as they have to be registered at the providers.
    #[must_use]
    pub fn redirect_uris(&self) -> Vec<String> {
        self.0.connectors.iter().map(|connector| self.0.redirect_uri(connector)).collect()
    }
}

/// Nothing implements this: [`Logins`] become routes by `on_login`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "these log-ins are not decided; write `.on_login(…)` before `.routes()`",
    label = "`on_login` is missing"
)]
pub trait OnLogin<S> {
    type Routes;

    fn make(&self) -> Self::Routes;
}

// The return type needs the bound, so that the compiler misses it while it looks for the method.
impl Logins {
    #[doc(hidden)]
    #[must_use]
    pub fn routes<S>(&self) -> <Self as OnLogin<S>>::Routes
    where
        Self: OnLogin<S>,
    {
        self.make()
    }
}

impl fmt::Debug for LoginRoutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRoutes").field("connectors", &self.0.connectors).finish_non_exhaustive()
    }
}
