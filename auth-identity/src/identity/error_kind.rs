//! Lists the kinds of errors that become a response, [`AuthErrorKind`], with the status, log text, message
//! and [`Challenge`] of each.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use http::StatusCode;

use super::{Scopes, StepUp};

/// Why a request fails or is rejected; it determines the response.
///
/// An [`IdentityError`](crate::identity::IdentityError), an `AuthError` and a
/// `Refusal` have one.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthError, AuthErrorKind, identity::IdentityError};
///
/// let error = IdentityError::refuse("there are two cookies that contradict each other");
/// assert_eq!(error.kind(), AuthErrorKind::InvalidCredential);
/// assert_eq!(AuthError::from(error).status(), AuthErrorKind::InvalidCredential.status());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthErrorKind {
    /// The request is malformed: 400
    BadRequest,
    /// Another request has ended the log-in, or all sessions of the user, meanwhile: 409
    Conflict,
    /// The request is unsafe or changes the identity, and is cross-site (CSRF): 403
    CrossOrigin,
    /// The request has no right CSRF token, where the application demands one: 403
    CsrfToken,
    /// The user is authenticated, and denied: 403
    Forbidden,
    /// The guard hides the route: 404, identical to that for a path that does not exist
    Hidden,
    /// The log-in is not of an accepted authentication context (step-up authentication): 401
    InsufficientAcr {
        /// The accepted authentication contexts
        accepted: &'static [&'static str],
    },
    /// The access token does not have the scopes: 403
    InsufficientScope,
    /// A credential is invalid, or two contradict each other: 401
    InvalidCredential,
    /// The proof of possession of the key that an access token is bound to is missing or not valid: 401
    InvalidProof {
        /// Whether the proof lacks a valid nonce of this server
        use_nonce: bool,
    },
    /// The text is not an identity: 400
    InvalidIdentity,
    /// The application's configuration does not support the call; the log says what to change: 500
    Misconfigured,
    /// The last log-in is too old (step-up authentication): 401
    Stale {
        /// The accepted age of the log-in
        max_age: Duration,
    },
    /// There were too many attempts, or too many requests: 429
    Throttled {
        /// How long the client has to wait
        retry_after: Duration,
    },
    /// The identity and its data do not fit into a cookie: 500
    TooLarge,
    /// The response had started when the identity was changed: 500
    ResponseAlreadyStarted,
    /// The request is anonymous: 401
    Unauthenticated,
    /// A store, a policy or a callback is unavailable: 503
    Unavailable,
}

/// The reason why a client needs a credential, or another one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Challenge<'a> {
    /// The authentication is too old, or not of an accepted context (step-up): 401 (RFC 9470, section 3)
    InsufficientAuthentication(
        /// What is required
        StepUp,
    ),
    /// The credential lacks scopes: 403 (RFC 6750, section 3.1)
    InsufficientScope {
        /// The required scopes, separated by spaces
        scopes: &'a str,
    },
    /// The credential is not valid: 401
    Invalid,
    /// The proof of possession is missing or not valid: 401 (RFC 9449, section 7.1)
    InvalidProof {
        /// Whether it lacks a valid nonce of this server (RFC 9449, section 9)
        use_nonce: bool,
    },
    /// There is no credential: 401
    Missing,
}

impl Challenge<'_> {
    /// Returns whether the response asks for a credential: it is 401, and not 403.
    pub(crate) const fn is_unauthorized(self) -> bool {
        !matches!(self, Self::InsufficientScope { .. })
    }

    /// Appends the error of a challenge for access tokens (RFC 6750, section 3.1; RFC 9449, section 7.1; RFC 9470, section
    /// 3). A request without a token gets no error code.
    pub(crate) fn write_error(self, scheme: &str, text: &mut String) -> fmt::Result {
        match self {
            Self::InsufficientAuthentication(step_up) => {
                write!(text, ", error=\"insufficient_user_authentication\", {step_up}")
            }
            Self::InsufficientScope { scopes } => {
                text.push_str(", error=\"insufficient_scope\"");
                // A value that cannot be quoted is not a scope.
                if scopes.parse::<Scopes>().is_ok() { write!(text, ", scope=\"{scopes}\"") } else { Ok(()) }
            }
            Self::Invalid => write!(text, ", error=\"invalid_token\""),
            // The proof is not a part of a bearer token: that scheme is challenged without an error.
            Self::InvalidProof { use_nonce } if scheme == "DPoP" => {
                let error = if use_nonce { "use_dpop_nonce" } else { "invalid_dpop_proof" };
                write!(text, ", error=\"{error}\"")
            }
            Self::InvalidProof { .. } | Self::Missing => Ok(()),
        }
    }
}

/// Declares for each kind: its status, as a constant, a number and text; the `reason` of log events; the message of
/// an error; and the sentence of the default page.
macro_rules! describe {
    ($($kind:ident: $constant:ident $status:literal $title:literal, $reason:literal, $message:literal, $page:literal;)*) => {
        impl AuthErrorKind {
            /// Returns the status of the response.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind { .. } => StatusCode::$constant,)* }
            }

            /// Returns the `reason` of log events.
            ///
            /// # Example
            ///
            /// ```
            /// use auth_runtime::AuthErrorKind;
            ///
            /// assert_eq!(AuthErrorKind::CrossOrigin.reason(), "cross_origin");
            /// assert_eq!(AuthErrorKind::Unavailable.reason(), "failure");
            /// ```
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$kind { .. } => $reason,)* }
            }

            /// Returns the message of an error of this kind.
            #[doc(hidden)]
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$kind { .. } => $message,)* }
            }

            /// Returns the problem details of the default response (RFC 9457).
            #[doc(hidden)]
            #[must_use]
            pub const fn problem(self) -> &'static str {
                match self {
                    $(Self::$kind { .. } => concat!(
                        r#"{"type":"about:blank","title":""#, $title, r#"","status":"#, $status, "}"
                    ),)*
                }
            }

            /// Returns the title of the default page, in English: that of the status.
            #[doc(hidden)]
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind { .. } => $title,)* }
            }

            /// Returns the sentence of the default page, in English.
            #[doc(hidden)]
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$kind { .. } => $page,)* }
            }
        }
    };
}

describe! {
    BadRequest: BAD_REQUEST 400 "Bad Request", "malformed",
        "the request is malformed", "What was sent cannot be used.";
    Conflict: CONFLICT 409 "Conflict", "conflict",
        "another request has ended the log-in meanwhile",
        "Your log-in was ended in the meantime. Please log in again.";
    CrossOrigin: FORBIDDEN 403 "Forbidden", "cross_origin",
        "the request comes from another origin",
        "This request came from another site, so it was not carried out.";
    CsrfToken: FORBIDDEN 403 "Forbidden", "csrf_token",
        "the request has no valid CSRF token",
        "This form is no longer valid. Please load the page again.";
    Forbidden: FORBIDDEN 403 "Forbidden", "blocked",
        "the user may not do this", "You may not do this.";
    Hidden: NOT_FOUND 404 "Not Found", "failure", "the path is hidden", "";
    InsufficientAcr: UNAUTHORIZED 401 "Unauthorized", "acr",
        "the user did not log in as strongly as this requires", "Please log in again, in a stronger way.";
    InsufficientScope: FORBIDDEN 403 "Forbidden", "insufficient_scope",
        "the access token was not issued for this", "You may not do this.";
    InvalidCredential: UNAUTHORIZED 401 "Unauthorized", "credentials",
        "the credential is not valid", "Please log in first.";
    InvalidProof: UNAUTHORIZED 401 "Unauthorized", "credentials",
        "the access token comes without a valid proof of possession", "Please log in first.";
    InvalidIdentity: BAD_REQUEST 400 "Bad Request", "failure",
        "this text cannot be an identity", "What was sent cannot be used.";
    Misconfigured: INTERNAL_SERVER_ERROR 500 "Internal Server Error", "failure",
        "the application is not set up for this", "This is a mistake of ours, and it has been noted.";
    Stale: UNAUTHORIZED 401 "Unauthorized", "stale",
        "the user logged in too long ago for this", "Please log in again.";
    Throttled: TOO_MANY_REQUESTS 429 "Too Many Requests", "throttled",
        "there were too many attempts", "There were too many attempts. Please try again later.";
    TooLarge: INTERNAL_SERVER_ERROR 500 "Internal Server Error", "failure",
        "the identity and its data are too large", "This is a mistake of ours, and it has been noted.";
    ResponseAlreadyStarted: INTERNAL_SERVER_ERROR 500 "Internal Server Error", "failure",
        "the response has begun already", "This is a mistake of ours, and it has been noted.";
    Unauthenticated: UNAUTHORIZED 401 "Unauthorized", "anonymous",
        "the request is anonymous", "Please log in first.";
    Unavailable: SERVICE_UNAVAILABLE 503 "Service Unavailable", "failure",
        "something that the answer depends on is down", "Please try again in a moment.";
}

// What only some kinds have.
impl AuthErrorKind {
    /// Returns the challenge of the response; `scopes` are those that the request lacks, separated by spaces, and
    /// `step_up` is what the guard requires of the authentication.
    #[doc(hidden)]
    #[must_use]
    pub const fn challenge(self, scopes: &str, step_up: StepUp) -> Option<Challenge<'_>> {
        match self {
            Self::InsufficientAcr { .. } | Self::Stale { .. } => {
                Some(Challenge::InsufficientAuthentication(self.step_up().or(step_up)))
            }
            Self::InsufficientScope => Some(Challenge::InsufficientScope { scopes }),
            Self::InvalidCredential => Some(Challenge::Invalid),
            Self::InvalidProof { use_nonce } => Some(Challenge::InvalidProof { use_nonce }),
            Self::Unauthenticated => Some(Challenge::Missing),
            _ => None,
        }
    }

    /// Returns what the authentication lacks, if that is the reason.
    #[doc(hidden)]
    pub const fn step_up(self) -> StepUp {
        match self {
            Self::InsufficientAcr { accepted } => StepUp::new().with_acr_values(accepted),
            Self::Stale { max_age } => StepUp::new().with_max_age(max_age),
            _ => StepUp::NONE,
        }
    }

    /// Returns the `Retry-After` of the response, in whole seconds.
    #[doc(hidden)]
    #[must_use]
    pub const fn retry_after(self) -> Option<u64> {
        match self {
            // A part of a second is rounded up: a client that comes back earlier would have to wait again.
            Self::Throttled { retry_after } => {
                let seconds = retry_after.as_secs();
                Some(if retry_after.subsec_nanos() > 0 { seconds.saturating_add(1) } else { seconds })
            }
            Self::Unavailable => Some(5),
            _ => None,
        }
    }

    /// Returns whether the request was judged, as opposed to an error that kept it from being judged.
    #[doc(hidden)]
    #[must_use]
    pub const fn is_decided(self) -> bool {
        matches!(
            self,
            Self::Forbidden | Self::InsufficientAcr { .. } | Self::Stale { .. } | Self::Unauthenticated
        )
    }

    /// Returns whether the page that sent the request is out of date: it has an old token, or its user has left.
    #[doc(hidden)]
    #[must_use]
    pub const fn outdates_the_page(self) -> bool {
        matches!(self, Self::Conflict | Self::CsrfToken | Self::InvalidCredential | Self::Unauthenticated)
    }

    /// Returns whether a log-in may help.
    #[doc(hidden)]
    #[must_use]
    pub const fn wants_a_user(self) -> bool {
        matches!(
            self,
            Self::InsufficientAcr { .. }
                | Self::InvalidCredential
                | Self::InvalidProof { .. }
                | Self::Stale { .. }
                | Self::Unauthenticated
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_and_the_title_of_a_status_are_those_of_its_constant() {
        for kind in [
            AuthErrorKind::BadRequest,
            AuthErrorKind::Conflict,
            AuthErrorKind::CrossOrigin,
            AuthErrorKind::CsrfToken,
            AuthErrorKind::Forbidden,
            AuthErrorKind::Hidden,
            AuthErrorKind::InsufficientAcr { accepted: &["phr"] },
            AuthErrorKind::InsufficientScope,
            AuthErrorKind::InvalidCredential,
            AuthErrorKind::InvalidIdentity,
            AuthErrorKind::InvalidProof { use_nonce: false },
            AuthErrorKind::Misconfigured,
            AuthErrorKind::Stale { max_age: Duration::from_secs(1) },
            AuthErrorKind::Throttled { retry_after: Duration::from_secs(1) },
            AuthErrorKind::TooLarge,
            AuthErrorKind::ResponseAlreadyStarted,
            AuthErrorKind::Unauthenticated,
            AuthErrorKind::Unavailable,
        ] {
            let (status, title) = (kind.status().as_u16(), kind.status().canonical_reason().unwrap());
            let problem = format!(r#"{{"type":"about:blank","title":"{title}","status":{status}}}"#);
            assert_eq!(kind.problem(), problem, "{kind:?}");
            assert_eq!(kind.title(), title, "{kind:?}");
        }
    }

    #[test]
    fn the_wait_is_rounded_up_to_whole_seconds() {
        let after =
            |millis| AuthErrorKind::Throttled { retry_after: Duration::from_millis(millis) }.retry_after();
        assert_eq!([1, 999, 1000, 1001, 2000].map(after), [1, 1, 1, 2, 2].map(Some));
    }
}
