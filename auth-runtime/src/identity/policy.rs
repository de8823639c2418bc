//! The seam for one's own way to know a request's identity.

use std::{any::Any, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use http::HeaderValue;

use super::{Effects, Identity, IdentityError, Incoming};
use crate::clock::UnixTime;

/// How a request's identity is found, remembered and forgotten.
///
/// [`TicketCookie`](super::TicketCookie) is one; an application may write its own.
///
/// # Example
///
/// ```
/// use auth_runtime::{async_trait, Identity};
/// use auth_runtime::identity::{Effects, Identified, IdentityError, IdentityPolicy, Incoming, Occasion, Remember};
///
/// /// A trusted gateway in front of the application names the user.
/// #[derive(Debug)]
/// struct Gateway;
///
/// #[async_trait]
/// impl IdentityPolicy for Gateway {
///     async fn identify(&self, request: &Incoming<'_>) -> Result<Identified, IdentityError> {
///         let Some(name) = request.headers().get("x-gateway-user") else { return Ok(Identified::anonymous()) };
///         Ok(match name.to_str().ok().and_then(|name| Identity::new(name).ok()) {
///             Some(identity) => Identified::known(identity),
///             None => Identified::bad_credential(),
///         })
///     }
///
///     async fn remember(&self, _: &Occasion<'_>, _: &Identity, _: &Remember) -> Result<Effects, IdentityError> {
///         Err(IdentityError::misconfigured("the gateway logs users in; this application cannot"))
///     }
///
///     async fn forget(&self, _: &Occasion<'_>) -> Result<Effects, IdentityError> {
///         Err(IdentityError::misconfigured("the gateway logs users out; this application cannot"))
///     }
/// }
/// ```
///
/// # Security
///
/// A credential that is malformed, forged or expired is not an error: answer [`Identified::bad_credential`], and
/// the request is anonymous. An error means that the question could not be answered at all; it is never taken
/// for "anonymous" and never for "allowed".
#[async_trait]
pub trait IdentityPolicy: Send + Sync + 'static {
    /// Returns the identity that the request's credential stands for.
    ///
    /// It is asked at most once per request, and not at all for a request of which nobody wants to know.
    ///
    /// # Errors
    ///
    /// Fails when the question cannot be answered; the kind of the error decides what the client is told.
    async fn identify(&self, request: &Incoming<'_>) -> Result<Identified, IdentityError>;

    /// Answers like [`identify`](Self::identify) but at once, for policies that wait for nothing.
    ///
    /// `None` (the default) means that `identify` has to be asked. A policy that always answers here spares each
    /// request an allocation; its `identify` should then give the same answer.
    fn identify_now(&self, request: &Incoming<'_>) -> Option<Result<Identified, IdentityError>> {
        let _ = request;
        None
    }

    /// Makes the client's following requests carry `identity`.
    ///
    /// # Errors
    ///
    /// Fails when that cannot be done; the client is then told so, and stays who it was.
    async fn remember(
        &self,
        occasion: &Occasion<'_>,
        identity: &Identity,
        options: &Remember,
    ) -> Result<Effects, IdentityError>;

    /// Makes the client's following requests carry no identity.
    ///
    /// # Errors
    ///
    /// Fails when that cannot be done.
    async fn forget(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError>;

    /// Extends the life of the credential that this request carried.
    ///
    /// It is called after a handler answered with 2xx, when the identity was asked for, is
    /// [due](Identified::with_renewal_due), and was neither remembered nor forgotten meanwhile. The default
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// A failure is logged; the response goes out unchanged.
    async fn renew(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError> {
        let _ = occasion;
        Ok(Effects::none())
    }

    /// Returns whether browsers send this credential by themselves, as they do with cookies.
    ///
    /// For such policies unsafe requests from other origins are refused. The default is `true`, the careful answer;
    /// a policy that reads a header which only a script can set says `false`.
    fn is_ambient(&self) -> bool {
        true
    }

    /// Returns the `WWW-Authenticate` value of a 401 (RFC 9110, section 11.6.1).
    ///
    /// The default is `Cookie realm="restricted"`.
    fn challenge(&self) -> HeaderValue {
        HeaderValue::from_static("Cookie realm=\"restricted\"")
    }

    /// Returns the request header that the answer depends on, for `Vary` (RFC 9110, section 12.5.5).
    ///
    /// The default is `cookie`.
    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("cookie")
    }
}

/// What [`IdentityPolicy::identify`] found.
#[derive(Clone, Default)]
pub struct Identified {
    identity: Option<Identity>,
    bad_credential: bool,
    contradictory: bool,
    renewal_due: bool,
    authenticated_at: Option<UnixTime>,
    memo: Option<Arc<dyn Any + Send + Sync>>,
}

impl Identified {
    /// No credential was presented.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// A credential was presented and is not valid; the request is anonymous.
    #[must_use]
    pub fn bad_credential() -> Self {
        Self { bad_credential: true, ..Self::default() }
    }

    /// Valid credentials of different users were presented, and nobody can tell whose request it is.
    ///
    /// Whoever asks for the user is refused with 401; a log-in or log-out puts an end to it.
    #[must_use]
    pub fn contradictory() -> Self {
        Self { contradictory: true, ..Self::default() }
    }

    /// A valid credential for `identity` was presented.
    #[must_use]
    pub fn known(identity: Identity) -> Self {
        Self { identity: Some(identity), ..Self::default() }
    }

    /// Says that the credential should be renewed with this response.
    #[must_use]
    pub fn with_renewal_due(mut self, due: bool) -> Self {
        self.renewal_due = due;
        self
    }

    /// Says when the user last proved who they are.
    #[must_use]
    pub fn with_authenticated_at(mut self, time: UnixTime) -> Self {
        self.authenticated_at = Some(time);
        self
    }

    /// Keeps something for this request's calls of `remember`, `forget` and `renew`, and for
    /// `Auth::credential_data`.
    #[must_use]
    pub fn with_memo<T: Any + Send + Sync>(mut self, memo: Arc<T>) -> Self {
        self.memo = Some(memo);
        self
    }

    /// Returns the identity.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Returns whether a credential was presented that is not valid.
    #[must_use]
    pub const fn is_bad_credential(&self) -> bool {
        self.bad_credential
    }

    /// Returns whether credentials of different users were presented.
    #[must_use]
    pub const fn is_contradictory(&self) -> bool {
        self.contradictory
    }

    /// Returns whether the credential should be renewed.
    #[must_use]
    pub const fn is_renewal_due(&self) -> bool {
        self.renewal_due
    }

    /// Returns when the user last proved who they are, where the credential tells.
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<UnixTime> {
        self.authenticated_at
    }

    /// Returns what the policy kept.
    #[must_use]
    pub fn memo<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.memo.clone()?.downcast().ok()
    }
}

impl fmt::Debug for Identified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identified")
            .field("identity", &self.identity)
            .field("bad_credential", &self.bad_credential)
            .field("contradictory", &self.contradictory)
            .field("renewal_due", &self.renewal_due)
            .field("authenticated_at", &self.authenticated_at)
            .finish_non_exhaustive()
    }
}

/// The moment at which a policy is asked to change something.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    now: UnixTime,
    identified: &'a Identified,
}

impl<'a> Occasion<'a> {
    /// Puts one together; applications need this for tests of their own policies only.
    #[must_use]
    pub const fn new(now: UnixTime, identified: &'a Identified) -> Self {
        Self { now, identified }
    }

    /// Returns the present time.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns what the policy found in this request.
    #[must_use]
    pub const fn identified(&self) -> &'a Identified {
        self.identified
    }
}

/// How long the client keeps what it is given.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Lifetime {
    /// As the policy is configured
    #[default]
    Configured,
    /// For this long, in whole seconds, and no longer than the policy's absolute limit
    For(Duration),
    /// Until the browser is closed, and no longer than the policy's lifetime
    BrowserSession,
}

/// Options of one log-in.
///
/// # Example
///
/// ```
/// use auth_runtime::Remember;
/// use std::time::Duration;
///
/// let for_a_month = Remember::new().with_lifetime(Duration::from_secs(30 * 24 * 3600));
/// let until_the_browser_closes = Remember::new().until_browser_closes();
/// let with_data = Remember::new().with_tokens(["mfa"]).with_public_data("theme=dark");
/// # let _ = (for_a_month, until_the_browser_closes, with_data);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Remember {
    lifetime: Lifetime,
    tokens: Vec<String>,
    public_data: String,
}

impl Remember {
    /// Everything as the policy is configured.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for this lifetime instead of the configured one.
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Lifetime::For(lifetime);
        self
    }

    /// Asks the browser to forget the credential when it is closed.
    pub fn until_browser_closes(mut self) -> Self {
        self.lifetime = Lifetime::BrowserSession;
        self
    }

    /// Keeps short words beside the identity, such as how the user logged in.
    pub fn with_tokens(mut self, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tokens = tokens.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps text beside the identity.
    ///
    /// # Security
    ///
    /// A ticket is signed, not encrypted: whoever has the cookie can read this text.
    pub fn with_public_data(mut self, data: impl Into<String>) -> Self {
        self.public_data = data.into();
        self
    }

    /// Returns the lifetime asked for.
    #[must_use]
    pub const fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// Returns the tokens.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Returns the text.
    #[must_use]
    pub fn public_data(&self) -> &str {
        &self.public_data
    }
}
