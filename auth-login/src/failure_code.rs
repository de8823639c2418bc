//! Lists the reasons why a log-in attempt fails, as pages and logs name them: [`FailureCode`].

use http::StatusCode;

/// Why a log-in attempt did not succeed. [`as_str`](Self::as_str) is stable: it is on the page, in the log,
/// and fit for the handbook of a support desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureCode {
    /// The user, or the provider's policy, denied the log-in (`error=access_denied`, RFC 6749 section
    /// 4.1.2.1).
    AccessDenied,
    /// The application does not accept this account.
    AccountRejected,
    /// The attempt took longer than ten minutes.
    AttemptExpired,
    /// This browser has no such attempt: it was begun in another one, its cookie was lost, or the callback is
    /// forged.
    AttemptMissing,
    /// The attempt was used before: the callback was reloaded, or sent twice.
    AttemptUsed,
    /// The provider did not confirm a log-in that is as recent, or as strong, as the page asks for (step-up).
    AuthenticationInsufficient,
    /// The callback's parameters contradict the protocol: one is there twice, or both or neither of `code`
    /// and `error` are.
    CallbackInvalid,
    /// Another site made the browser send the request.
    CrossSite,
    /// The provider's tokens or claims failed a check.
    IdentityInvalid,
    /// The identity belongs to another user, and is not moved.
    IdentityInUse,
    /// The user is impersonated: otherwise the impersonator could keep a way into the account.
    Impersonated,
    /// The provider asks for an interaction that the request excluded (`login_required` and the like,
    /// `OpenID` Connect Core section 3.1.2.6).
    InteractionRequired,
    /// The callback is from another provider than the attempt (RFC 9207).
    IssuerMismatch,
    /// The identity is the user's only way in.
    LastIdentity,
    /// The identity is not one of the user's.
    NotLinked,
    /// Another user is signed in than the one that this was begun for, or none is.
    OtherUser,
    /// The provider responded with another error, or against the protocol.
    ProviderError,
    /// The provider cannot be reached or is out of order.
    ProviderUnavailable,
    /// The application or this server cannot finish the log-in now.
    ServerError,
    /// The provider cannot confirm how recently or how strongly a user logged in there, and the page asks for that.
    StepUpUnsupported,
    /// The user has so many log-ins that there is no room for another one: in the
    /// [`LoginIndex`](crate::LoginIndex), or by `SessionIdentity::with_max_sessions` with `Excess::Refuse`.
    TooManyLogins,
    /// There is no provider of this name.
    UnknownProvider,
}

impl FailureCode {
    /// Every code.
    pub const ALL: [Self; 22] = [
        Self::AccessDenied,
        Self::AccountRejected,
        Self::AttemptExpired,
        Self::AttemptMissing,
        Self::AttemptUsed,
        Self::AuthenticationInsufficient,
        Self::CallbackInvalid,
        Self::CrossSite,
        Self::IdentityInUse,
        Self::IdentityInvalid,
        Self::Impersonated,
        Self::InteractionRequired,
        Self::IssuerMismatch,
        Self::LastIdentity,
        Self::NotLinked,
        Self::OtherUser,
        Self::ProviderError,
        Self::ProviderUnavailable,
        Self::ServerError,
        Self::StepUpUnsupported,
        Self::TooManyLogins,
        Self::UnknownProvider,
    ];

    /// Returns the stable name, such as `access_denied`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::AccountRejected => "account_rejected",
            Self::AttemptExpired => "attempt_expired",
            Self::AttemptMissing => "attempt_missing",
            Self::AttemptUsed => "attempt_used",
            Self::AuthenticationInsufficient => "authentication_insufficient",
            Self::CallbackInvalid => "callback_invalid",
            Self::CrossSite => "cross_site",
            Self::IdentityInUse => "identity_in_use",
            Self::IdentityInvalid => "identity_invalid",
            Self::Impersonated => "impersonated",
            Self::InteractionRequired => "interaction_required",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::LastIdentity => "last_identity",
            Self::NotLinked => "not_linked",
            Self::OtherUser => "other_user",
            Self::ProviderError => "provider_error",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::ServerError => "server_error",
            Self::StepUpUnsupported => "step_up_unsupported",
            Self::TooManyLogins => "too_many_logins",
            Self::UnknownProvider => "unknown_provider",
        }
    }

    /// Returns the status of the response.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::AttemptExpired
            | Self::AttemptMissing
            | Self::AttemptUsed
            | Self::CallbackInvalid
            | Self::InteractionRequired
            | Self::IssuerMismatch => StatusCode::BAD_REQUEST,
            Self::AccessDenied
            | Self::AccountRejected
            | Self::AuthenticationInsufficient
            | Self::CrossSite
            | Self::Impersonated
            | Self::OtherUser
            | Self::StepUpUnsupported => StatusCode::FORBIDDEN,
            Self::IdentityInUse | Self::LastIdentity | Self::NotLinked => StatusCode::CONFLICT,
            Self::IdentityInvalid | Self::ProviderError => StatusCode::BAD_GATEWAY,
            Self::ProviderUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooManyLogins => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownProvider => StatusCode::NOT_FOUND,
        }
    }

    /// Returns one calm sentence for the user.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::AccessDenied => "The log-in was cancelled.",
            Self::AccountRejected => "This account cannot be used here.",
            Self::AttemptExpired => "The log-in took longer than ten minutes.",
            Self::AttemptMissing => {
                "This log-in was not started in this browser, or the browser did not keep its cookie."
            }
            Self::AttemptUsed => "This log-in is already finished.",
            Self::AuthenticationInsufficient => {
                "The provider did not confirm the recent or strong log-in that this page asks for."
            }
            Self::CallbackInvalid | Self::IssuerMismatch => {
                "The response of the provider does not fit this log-in."
            }
            Self::CrossSite => "Please confirm that you want to log in.",
            Self::IdentityInUse => "This account is linked to another user here. Nothing was changed.",
            Self::IdentityInvalid => "The provider's statement about your account could not be verified.",
            Self::Impersonated => "Accounts cannot be linked or unlinked for another user.",
            Self::InteractionRequired => "The provider needs you to log in there first.",
            Self::LastIdentity => "This is your only way to log in, so it stays linked.",
            Self::NotLinked => "This account is not linked to you.",
            Self::OtherUser => {
                "This is for another user than the one who is signed in here. Nothing was changed."
            }
            Self::ProviderError => "The provider could not finish the log-in.",
            Self::ProviderUnavailable => "The provider cannot be reached at the moment.",
            Self::ServerError => "The log-in cannot be finished at the moment.",
            Self::StepUpUnsupported => {
                "This provider cannot confirm how you logged in there, and this page asks for that."
            }
            Self::TooManyLogins => "You are logged in too many times. Please log out somewhere else first.",
            Self::UnknownProvider => "There is no such way to log in.",
        }
    }
}

impl std::fmt::Display for FailureCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_stable_and_differ() {
        let names: BTreeSet<&str> = FailureCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), FailureCode::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
        assert!(FailureCode::ALL.iter().all(|code| !code.status().is_success()));
    }
}
