//! Fakes an identity policy, and records its calls: [`FakeIdentity`].

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use http::HeaderValue;

use crate::{
    answer_future::Answer,
    clock::UnixTime,
    identity::{
        Acr, Authentication, ChangeContext, Effects, Identification, Identified, Identity, IdentityError,
        IdentityPolicy, Incoming, LoginOptions, Scopes,
    },
};

/// The header that [`FakeIdentity::by_header`] reads the user from.
pub const USER_HEADER: &str = "x-test-user";

/// One call of a [`FakeIdentity`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Call {
    /// The identity is forgotten.
    Forget,
    /// The identity is resolved.
    Identify,
    /// This identity is remembered.
    Remember(String),
    /// The credential is renewed.
    Renew,
}

/// An identity policy with a fixed result, which records its calls. Clones share the record.
///
/// # Example
///
/// ```
/// use auth_runtime::{Auth, AuthError, AuthLayer, testing::{Call, FakeIdentity}};
/// use axum::{Router, body::Body, http::Request, routing::post};
/// use tower::ServiceExt;
///
/// async fn login(auth: Auth) -> Result<(), AuthError> {
///     auth.remember("alice").await
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let policy = FakeIdentity::anonymous();
/// let app: Router = Router::new().route("/login", post(login)).layer(AuthLayer::new(policy.clone()));
/// app.oneshot(Request::post("/login").body(Body::empty()).unwrap()).await.unwrap();
/// assert_eq!(policy.calls(), [Call::Identify, Call::Remember("alice".to_owned())]);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FakeIdentity {
    finds: Finds,
    ambient: bool,
    waits: bool,
    logged_in_ago: Option<Duration>,
    authentication: Authentication,
    scopes: Option<Scopes>,
    calls: Arc<Mutex<Vec<Call>>>,
}

#[derive(Clone, Debug)]
enum Finds {
    Anonymous,
    User(Identity),
    InHeader,
    Bad,
    Due(Identity),
    Fails,
}

impl FakeIdentity {
    fn finding(finds: Finds) -> Self {
        Self {
            finds,
            ambient: true,
            waits: false,
            logged_in_ago: None,
            authentication: Authentication::new(),
            scopes: None,
            calls: Arc::default(),
        }
    }

    /// Finds no credential: every request is anonymous.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::finding(Finds::Anonymous)
    }

    /// Finds this user.
    ///
    /// # Panics
    ///
    /// Panics if the name is not an identity.
    #[must_use]
    pub fn user(name: &str) -> Self {
        Self::finding(Finds::User(identity(name)))
    }

    /// Finds this user, whose credential is due for renewal.
    ///
    /// # Panics
    ///
    /// Panics if the name is not an identity.
    #[must_use]
    pub fn user_due_for_renewal(name: &str) -> Self {
        Self::finding(Finds::Due(identity(name)))
    }

    /// Finds the user in the header [`USER_HEADER`], so that one router serves many users.
    #[must_use]
    pub fn by_header() -> Self {
        Self::finding(Finds::InHeader)
    }

    /// Finds an invalid credential.
    #[must_use]
    pub fn bad_credential() -> Self {
        Self::finding(Finds::Bad)
    }

    /// Fails at every call, like a policy whose store is down.
    #[must_use]
    pub fn failing() -> Self {
        Self::finding(Finds::Fails)
    }

    /// Declares that browsers do not attach its credential by themselves.
    #[must_use]
    pub fn not_ambient(mut self) -> Self {
        self.ambient = false;
        self
    }

    /// Returns its results after one `Poll::Pending`.
    #[must_use]
    pub fn waiting(mut self) -> Self {
        self.waits = true;
        self
    }

    /// Sets how long before the request the user logged in, in whole seconds. By default the time of the
    /// log-in is unknown, so no guard with `fresh` lets the request pass.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, testing::FakeIdentity};
    /// use std::time::Duration;
    ///
    /// let layer = AuthLayer::new(FakeIdentity::user("alice").logged_in_ago(Duration::from_secs(60)));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub const fn logged_in_ago(mut self, age: Duration) -> Self {
        self.logged_in_ago = Some(age);
        self
    }

    /// Sets the authentication context (`acr`) of the log-in. By default it has none, so no guard with `acr` lets
    /// the request pass.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, testing::FakeIdentity};
    ///
    /// let layer = AuthLayer::new(FakeIdentity::user("alice").with_acr("phr"));
    /// # let _ = layer;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the text is not an authentication context.
    #[must_use]
    #[expect(clippy::panic, reason = "a test with a wrong context must stop, and documents it")]
    pub fn with_acr(mut self, acr: &str) -> Self {
        let acr = Acr::new(acr).unwrap_or_else(|error| panic!("{error}"));
        self.authentication = self.authentication.with_acr(acr);
        self
    }

    /// Declares that the credential is an access token with these scopes.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, testing::FakeIdentity};
    ///
    /// let layer = AuthLayer::new(FakeIdentity::user("alice").with_scopes(["articles:read"]));
    /// # let _ = layer;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if one of them is not a scope token.
    #[must_use]
    #[expect(clippy::panic, reason = "a test with a wrong scope must stop, and documents it")]
    pub fn with_scopes<T: AsRef<str>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = Some(Scopes::new(scopes).unwrap_or_else(|error| panic!("{error}")));
        self
    }

    /// Returns its calls so far, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, call: Call) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }

    fn answer(&self, request: &Incoming<'_>) -> Result<Identified, IdentityError> {
        self.note(Call::Identify);
        let mut found = self.find(request)?;
        if found.identity().is_none() {
            return Ok(found);
        }
        if let Some(age) = self.logged_in_ago {
            let at = request.now().as_secs().saturating_sub(age.as_secs());
            found = found.with_authenticated_at(UnixTime::from_secs(at));
        }
        found = found.with_authentication(self.authentication.clone());
        Ok(match &self.scopes {
            Some(scopes) => found.with_scopes(scopes.clone()),
            None => found,
        })
    }

    fn find(&self, request: &Incoming<'_>) -> Result<Identified, IdentityError> {
        match &self.finds {
            Finds::Anonymous => Ok(Identified::anonymous()),
            Finds::User(identity) => Ok(Identified::known(identity.clone())),
            Finds::Due(identity) => Ok(Identified::known(identity.clone()).with_renewal_due(true)),
            Finds::Bad => Ok(Identified::bad_credential()),
            Finds::Fails => Err(IdentityError::unavailable("the store is down")),
            Finds::InHeader => Ok(match request.headers().get(USER_HEADER).map(HeaderValue::to_str) {
                None => Identified::anonymous(),
                Some(name) => name
                    .ok()
                    .and_then(|name| Identity::from_stored(name).ok())
                    .map_or_else(Identified::bad_credential, Identified::known),
            }),
        }
    }

    fn effects(&self, cookie: &'static str) -> Result<Effects, IdentityError> {
        if matches!(self.finds, Finds::Fails) {
            return Err(IdentityError::unavailable("the store is down"));
        }
        Ok(Effects::set_cookie("fake", HeaderValue::from_static(cookie)))
    }
}

#[expect(clippy::panic, reason = "a test with a wrong name must stop, and documents it")]
fn identity(name: &str) -> Identity {
    Identity::from_stored(name).unwrap_or_else(|error| panic!("{error}"))
}

#[async_trait]
impl IdentityPolicy for FakeIdentity {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        if !self.waits {
            return Answer::Now(self.answer(request));
        }
        Answer::later(async move {
            yield_once().await;
            self.answer(request)
        })
    }

    async fn remember(
        &self,
        _occasion: &ChangeContext<'_>,
        identity: &Identity,
        _options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        self.note(Call::Remember(identity.as_str().to_owned()));
        self.effects("fake=remembered; Path=/")
    }

    async fn forget(&self, _occasion: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.note(Call::Forget);
        self.effects("fake=; Max-Age=0; Path=/")
    }

    async fn renew(&self, _occasion: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.note(Call::Renew);
        self.effects("fake=renewed; Path=/")
    }

    fn is_ambient(&self) -> bool {
        self.ambient
    }
}

/// Returns `Poll::Pending` once, like a look-up.
async fn yield_once() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if waited {
            return std::task::Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
