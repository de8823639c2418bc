//! Defines the extension point for authentication: the trait [`IdentityPolicy`].

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};

use super::{
    Challenge, Challenges, ChangeContext, ConcealedCredentials, DataEdits, Effects, Identified, Identity,
    IdentityError, Incoming, LoginOptions, realm,
};
use crate::answer_future::Answer;

/// The result of [`IdentityPolicy::identify`], at once or later.
pub type Identification<'a> = Answer<'a, Result<Identified, IdentityError>>;

/// Determines, remembers and forgets the identity of a request.
///
/// [`TicketCookie`](super::TicketCookie) implements it; applications may implement their own.
///
/// # Example
///
/// ```
/// use auth_runtime::{Answer, async_trait, Identity};
/// use auth_runtime::identity::{
///     Effects, Identification, Identified, IdentityError, IdentityPolicy, Incoming, ChangeContext, LoginOptions,
/// };
///
/// /// A trusted gateway in front of the application names the user.
/// #[derive(Debug)]
/// struct Gateway;
///
/// #[async_trait]
/// impl IdentityPolicy for Gateway {
///     fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
///         let Some(name) = request.headers().get("x-gateway-user") else {
///             return Answer::Now(Ok(Identified::anonymous()));
///         };
///         Answer::Now(Ok(match name.to_str().ok().and_then(|name| Identity::new(name).ok()) {
///             Some(identity) => Identified::known(identity),
///             None => Identified::bad_credential(),
///         }))
///     }
///
///     async fn remember(&self, _: &ChangeContext<'_>, _: &Identity, _: &LoginOptions) -> Result<Effects, IdentityError> {
///         Err(IdentityError::misconfigured("the gateway logs users in; this application cannot"))
///     }
///
///     async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
///         Err(IdentityError::misconfigured("the gateway logs users out; this application cannot"))
///     }
/// }
/// ```
///
/// A policy that queries a store returns [`Answer::later`] with an `async` block; an error of the store is
/// `unavailable`:
///
/// ```
/// # use auth_runtime::{Answer, async_trait, BoxError, Identity};
/// # use auth_runtime::identity::{
/// #     Effects, Identification, Identified, IdentityError, IdentityPolicy, Incoming, ChangeContext, LoginOptions,
/// # };
/// # struct Store;
/// # impl Store {
/// #     async fn user_of(&self, _: &[u8]) -> Result<Option<String>, BoxError> { Ok(None) }
/// # }
/// struct DeviceToken(Store);
///
/// #[async_trait]
/// impl IdentityPolicy for DeviceToken {
///     fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
///         Answer::later(async move {
///             let Some(token) = request.headers().get("x-device-token") else {
///                 return Ok(Identified::anonymous());
///             };
///             let user = self.0.user_of(token.as_bytes()).await.map_err(IdentityError::unavailable)?;
///             Ok(match user.and_then(|user| Identity::new(&user).ok()) {
///                 Some(identity) => Identified::known(identity),
///                 None => Identified::bad_credential(),
///             })
///         })
///     }
///     // `remember` and `forget` as above
/// #     async fn remember(&self, _: &ChangeContext<'_>, _: &Identity, _: &LoginOptions) -> Result<Effects, IdentityError> {
/// #         Err(IdentityError::misconfigured("devices are registered by the operator"))
/// #     }
/// #     async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
/// #         Err(IdentityError::misconfigured("devices are removed by the operator"))
/// #     }
/// }
/// ```
///
/// # Security
///
/// A malformed, forged or expired credential is not an error: return [`Identified::bad_credential`], and the
/// request is anonymous. An error means that the authentication failed; it never counts as "anonymous" or
/// "allowed" (fail closed).
#[diagnostic::on_unimplemented(
    message = "this is not an identity policy; write one such as `TicketCookie::new(KeyRing::random())`",
    label = "expected a type with `#[async_trait] impl IdentityPolicy`"
)]
#[async_trait]
pub trait IdentityPolicy: Send + Sync + 'static {
    /// Returns the identity of the request's credential.
    ///
    /// A policy that does not wait returns [`Answer::Now`], without a boxed future; one that queries a store
    /// returns `Answer::later(async move { … })`. It runs at most once per request, and only if a guard, an
    /// extractor or a handler needs the user.
    ///
    /// # Errors
    ///
    /// Fails if the identity cannot be determined; the kind of the error determines the response.
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a>; // not `async`; see `Answer`

    /// Logs in: makes the client's next requests carry `identity`.
    ///
    /// # Errors
    ///
    /// Fails if that is not possible; the client stays who it was.
    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError>;

    /// Logs out: makes the client's next requests carry no identity.
    ///
    /// It runs at a log-out. The layer also calls it for an [ambient](Self::is_ambient) credential that is
    /// valid but whose user does not exist (any more).
    ///
    /// # Errors
    ///
    /// Fails if that is not possible. A policy without a log-out fails with [`IdentityError::misconfigured`]:
    /// a log-out then gets 500 (403 in a [`FirstOf`](crate::FirstOf) whose log-ins use another policy), and
    /// the credential of a user that does not exist is rejected in each request without an error in the log.
    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError>; // #[async_trait]

    /// Renews the credential of this request.
    ///
    /// It runs after a handler responded with 2xx, if the identity was needed, is
    /// [due](Identified::with_renewal_due), and was neither remembered nor forgotten. By default it changes
    /// nothing.
    ///
    /// Its effects are dropped if another response has ended the log-in meanwhile. The log-in is identified
    /// by the credential's [id](Identified::with_credential_id) or its [authentication
    /// time](Identified::with_authenticated_at), so a stateless policy has to set one of them.
    ///
    /// # Errors
    ///
    /// A failure is logged, and the response is unchanged.
    async fn renew(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let _ = context;
        Ok(Effects::none())
    }

    /// Replaces the client's credential for the same user with the same data, and ends the old one.
    ///
    /// It runs when a user's permissions have changed, so that a credential that an attacker planted or
    /// copied earlier does not gain them (session fixation). By default it changes nothing, which suits
    /// credentials without permissions.
    ///
    /// # Errors
    ///
    /// Fails if that is not possible.
    async fn rotate(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let _ = context;
        Ok(Effects::none())
    }

    /// Changes the data of the [current](ChangeContext::current) identity, or of an anonymous client.
    ///
    /// By default it fails, because most credentials store no data.
    ///
    /// # Errors
    ///
    /// Fails if no data can be stored; the old data is kept.
    async fn store(&self, context: &ChangeContext<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        let _ = (context, edits);
        Err(IdentityError::misconfigured(
            "this identity policy keeps no data; use sessions or encrypted cookies",
        ))
    }

    /// Returns whether a credential, including copies, is no longer valid after it was
    /// [forgotten](Self::forget) or [rotated](Self::rotate).
    ///
    /// The default is `false`: a log-out then adds the credential to the layer's denylist, if there is one. A
    /// policy with sessions in a store returns `true`.
    fn ends_credentials(&self) -> bool {
        false
    }

    /// Returns whether browsers send this credential by themselves, as they do with cookies.
    ///
    /// If so, unsafe cross-site requests are rejected (CSRF). The default is `true`, which is safe. A policy
    /// that reads a header that only a script can set returns `false`. One with both kinds of credentials
    /// returns `true` and marks each with [`Identified::with_ambient`].
    fn is_ambient(&self) -> bool {
        true
    }

    /// Takes a credential out of a header that a handler or a response may repeat, such as
    /// `Sec-WebSocket-Protocol`.
    ///
    /// It runs for every request, before anything inside the layer sees it. The layer keeps `concealed` in the request's
    /// [extensions](super::Incoming::extensions), where [`identify`](Self::identify) finds it. It has what an earlier
    /// policy, or a layer around this one, has taken out: a policy that reads the same place leaves the headers as they
    /// are. By default nothing is taken out.
    fn conceal(&self, headers: &mut HeaderMap, concealed: &mut ConcealedCredentials) {
        let _ = (headers, concealed);
    }

    /// Returns the `WWW-Authenticate` value of a 401 (RFC 9110, section 11.6.1).
    ///
    /// The default is `Cookie realm="restricted"`.
    fn challenge(&self) -> HeaderValue {
        realm::of_cookies()
    }

    /// Returns the `WWW-Authenticate` values of a response by its reason.
    ///
    /// The default is [`challenge`](Self::challenge) for every 401, and none for a 403.
    fn challenges(&self, why: Challenge<'_>) -> Challenges {
        if why.is_unauthorized() { self.challenge().into() } else { Challenges::none() }
    }

    /// Returns the request header that the result depends on, for `Vary` (RFC 9110, section 12.5.5); several
    /// are separated by commas.
    ///
    /// The default is `cookie`.
    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("cookie")
    }
}
