//! The seam for one's own way to know a request's identity.

use async_trait::async_trait;
use http::HeaderValue;

use super::{
    Challenge, Challenges, DataEdits, Effects, Identified, Identity, IdentityError, Incoming, Occasion,
    Remember, realm,
};
use crate::answer::Answer;

/// What [`IdentityPolicy::identify`] returns: the identity that was found, at once or later.
pub type Identification<'a> = Answer<'a, Result<Identified, IdentityError>>;

/// How a request's identity is found, remembered and forgotten.
///
/// [`TicketCookie`](super::TicketCookie) is one; an application may write its own.
///
/// # Example
///
/// ```
/// use auth_runtime::{Answer, async_trait, Identity};
/// use auth_runtime::identity::{
///     Effects, Identification, Identified, IdentityError, IdentityPolicy, Incoming, Occasion, Remember,
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
/// A policy that asks a store puts an `async` block into [`Answer::later`]; an error of the store is `unavailable`:
///
/// ```
/// # use auth_runtime::{Answer, async_trait, BoxError, Identity};
/// # use auth_runtime::identity::{
/// #     Effects, Identification, Identified, IdentityError, IdentityPolicy, Incoming, Occasion, Remember,
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
/// #     async fn remember(&self, _: &Occasion<'_>, _: &Identity, _: &Remember) -> Result<Effects, IdentityError> {
/// #         Err(IdentityError::misconfigured("devices are registered by the operator"))
/// #     }
/// #     async fn forget(&self, _: &Occasion<'_>) -> Result<Effects, IdentityError> {
/// #         Err(IdentityError::misconfigured("devices are removed by the operator"))
/// #     }
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
    /// A policy that waits for nothing answers with [`Answer::Now`], which costs no boxed future; one that has to ask a
    /// store answers with `Answer::later(async move { … })`. It is asked at most once per request, and only if a guard,
    /// an extractor or a handler needs the user.
    ///
    /// # Errors
    ///
    /// Fails when the question cannot be answered; the kind of the error decides the response.
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a>; // not `async`; see `Answer`

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
    /// A log-out calls it. The layer calls it, too, for an [ambient](Self::is_ambient) credential that is valid while its user
    /// does not exist (any more).
    ///
    /// # Errors
    ///
    /// Fails when that cannot be done. A policy without a log-out fails with [`IdentityError::misconfigured`]; then a log-out
    /// is answered with 500, and the credential of a user who does not exist is rejected in each request, without an error in
    /// the log.
    async fn forget(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError>;

    /// Extends the life of the credential that this request carried.
    ///
    /// It is called after a handler answered with 2xx, when the identity was asked for, is
    /// [due](Identified::with_renewal_due), and was neither remembered nor forgotten meanwhile. The default
    /// changes nothing.
    ///
    /// What it writes is not sent when another response has ended the log-in meanwhile. That is known by the
    /// [name](Identified::with_credential_id) of the credential, or by the [time](Identified::with_authenticated_at) of the
    /// log-in, so a policy without a store has to give one of them.
    ///
    /// # Errors
    ///
    /// A failure is logged; the response goes out unchanged.
    async fn renew(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError> {
        let _ = occasion;
        Ok(Effects::none())
    }

    /// Gives the client another credential for the same user, with the same data, and ends the one it had.
    ///
    /// It is called when a user's rights have changed, so that a credential which somebody planted or copied earlier
    /// does not gain them. The default changes nothing, which suits credentials that carry no rights.
    ///
    /// # Errors
    ///
    /// Fails when that cannot be done.
    async fn rotate(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError> {
        let _ = occasion;
        Ok(Effects::none())
    }

    /// Changes what is kept beside the [current](Occasion::current) identity, or for an anonymous client.
    ///
    /// The default fails: most credentials keep nothing.
    ///
    /// # Errors
    ///
    /// Fails when nothing can be kept; what was kept is then unchanged.
    async fn store(&self, occasion: &Occasion<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        let _ = (occasion, edits);
        Err(IdentityError::misconfigured(
            "this identity policy keeps no data; use sessions or encrypted cookies",
        ))
    }

    /// Returns whether a credential is of no use once it was [forgotten](Self::forget) or [rotated](Self::rotate), be it
    /// copied before.
    ///
    /// The default is `false`: a log-out then puts the credential on the layer's list of revocations, if it has one. A
    /// policy that keeps its sessions in a store says `true`.
    fn ends_credentials(&self) -> bool {
        false
    }

    /// Returns whether browsers send this credential by themselves, as they do with cookies.
    ///
    /// For such policies unsafe requests from other origins are refused. The default is `true`, the careful answer;
    /// a policy that reads a header which only a script can set says `false`. One that knows credentials of both kinds says
    /// `true`, and tells of each which it is, with [`Identified::with_ambient`].
    fn is_ambient(&self) -> bool {
        true
    }

    /// Returns the `WWW-Authenticate` value of a 401 (RFC 9110, section 11.6.1).
    ///
    /// The default is `Cookie realm="restricted"`.
    fn challenge(&self) -> HeaderValue {
        realm::of_cookies()
    }

    /// Returns the `WWW-Authenticate` values of a refusal, by what is asked of the client.
    ///
    /// The default is [`challenge`](Self::challenge) for every 401, and nothing for a 403.
    fn challenges(&self, why: Challenge<'_>) -> Challenges {
        match why {
            Challenge::InsufficientScope { .. } => Challenges::none(),
            Challenge::Invalid | Challenge::Missing | Challenge::Stale { .. } => self.challenge().into(),
        }
    }

    /// Returns the request header that the answer depends on, for `Vary` (RFC 9110, section 12.5.5); several are a list,
    /// with a comma between each two.
    ///
    /// The default is `cookie`.
    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("cookie")
    }
}
