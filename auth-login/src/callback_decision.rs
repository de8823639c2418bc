//! Decides whether a callback continues its log-in attempt, from its parameters and what is known of the
//! provider: [`decide`].

use std::collections::HashMap;

use auth_runtime::clock::UnixTime;
use secrecy::SecretString;

use crate::{descriptor::ErrorForm, failure_code::FailureCode, transaction::Transaction};

/// Parameters that may bring a token to the address of a page: of the implicit and hybrid flows, which are
/// not offered.
const TOKENS: [&str; 3] = ["access_token", "id_token", "token"];

/// The parameters of a callback, from the query or from a form.
pub(crate) struct Parameters {
    values: HashMap<String, String>,
    is_repeated: bool,
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text: a query and a form are spelled alike. Parameters
    /// without a value count as absent (RFC 6749 section 3.1).
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut values = HashMap::new();
        let mut is_repeated = false;
        for (name, value) in url::form_urlencoded::parse(text) {
            is_repeated |= values.insert(name.into_owned(), value.into_owned()).is_some();
        }
        values.retain(|_, value| !value.is_empty());
        Self { values, is_repeated }
    }

    /// Returns the parameters in the spelling of a query. Their order does not matter.
    #[cfg(feature = "oauth1")]
    pub(crate) fn to_query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.values).finish()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Returns the code of an error: `error` (RFC 6749 section 4.1.2.1), or what the provider has in its place.
    pub(crate) fn error(&self, forms: &[ErrorForm]) -> Option<&str> {
        let own = forms.contains(&ErrorForm::ErrorCode).then(|| self.get("error_code"));
        self.get("error").or(own.flatten())
    }
}

impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parameters").finish_non_exhaustive()
    }
}

/// What is known of the provider that a callback must come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    /// The id in the path of the callback
    pub(crate) provider: &'a str,
    /// The issuer, where one exact text names it
    pub(crate) issuer: Option<&'a str>,
    /// The provider says that its responses have `iss`
    pub(crate) announces_issuer: bool,
    /// The provider's own forms of errors
    pub(crate) error_forms: &'a [ErrorForm],
}

/// What a callback means.
#[derive(Debug)]
pub(crate) enum Decision<'a> {
    /// The attempt is over without a code.
    Denied(FailureCode),
    /// The code can be redeemed.
    Redeem { code: SecretString, attempt: &'a Transaction },
}

/// Decides about a callback whose `state` belongs to `attempt`, if there is one.
///
/// The order is fixed: attempt, then `iss`, and only then `error` or `code`, so that a forged callback can
/// neither use the attempt nor choose the page.
///
/// # Errors
///
/// The callback does not belong to the attempt, which stays as it is.
pub(crate) fn decide<'a>(
    parameters: &Parameters,
    attempt: Option<&'a Transaction>,
    expected: Expected<'_>,
    now: UnixTime,
) -> Result<Decision<'a>, FailureCode> {
    let attempt = belonging(parameters, attempt, expected.provider, now)?;
    match (parameters.get("iss"), expected.issuer) {
        (None, _) if expected.announces_issuer => return Err(FailureCode::IssuerMismatch),
        (Some(found), Some(issuer)) if found != issuer => return Err(FailureCode::IssuerMismatch),
        _ => {}
    }
    match (parameters.get("code"), parameters.error(expected.error_forms)) {
        (Some(code), None) => Ok(Decision::Redeem { code: code.into(), attempt }),
        (None, Some(error)) => Ok(Decision::Denied(meaning(error))),
        _ => Err(FailureCode::CallbackInvalid),
    }
}

/// Returns the attempt that a callback belongs to: by state and provider, and in time.
pub(crate) fn belonging<'a>(
    parameters: &Parameters,
    attempt: Option<&'a Transaction>,
    provider: &str,
    now: UnixTime,
) -> Result<&'a Transaction, FailureCode> {
    use subtle::ConstantTimeEq as _;

    if parameters.is_repeated || TOKENS.iter().any(|name| parameters.get(name).is_some()) {
        return Err(FailureCode::CallbackInvalid);
    }
    let state = parameters.get("state").ok_or(FailureCode::AttemptMissing)?;
    let attempt = attempt
        .filter(|attempt| bool::from(attempt.state.to_text().as_bytes().ct_eq(state.as_bytes())))
        .filter(|attempt| attempt.provider == provider)
        .ok_or(FailureCode::AttemptMissing)?;
    if attempt.is_expired(now) { Err(FailureCode::AttemptExpired) } else { Ok(attempt) }
}

/// Sorts the errors of RFC 6749 section 4.1.2.1 and `OpenID` Connect Core section 3.1.2.6 by what the user
/// can do.
fn meaning(error: &str) -> FailureCode {
    match error {
        "access_denied" | "user_cancelled_login" | "user_cancelled_authorize" => FailureCode::AccessDenied,
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            FailureCode::InteractionRequired
        }
        "temporarily_unavailable" | "server_error" => FailureCode::ProviderUnavailable,
        _ => FailureCode::ProviderError,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::transaction::tests::{NOON, attempt};

    const EXPECTED: Expected<'static> = Expected {
        provider: "fake",
        issuer: Some("https://op.example"),
        announces_issuer: false,
        error_forms: &[],
    };

    /// The code, or the failure; `~` before a failure that uses the attempt up.
    fn judge(query: &str, attempt: Option<&Transaction>, expected: Expected<'_>) -> String {
        judge_at(query, attempt, expected, NOON)
    }

    fn judge_at(query: &str, attempt: Option<&Transaction>, expected: Expected<'_>, now: UnixTime) -> String {
        let state = attempt.map(|attempt| attempt.state.to_text()).unwrap_or_default();
        let query = query.replace("STATE", &state);
        match decide(&Parameters::parse(query.as_bytes()), attempt, expected, now) {
            Ok(Decision::Redeem { code, .. }) => code.expose_secret().to_owned(),
            Ok(Decision::Denied(code)) => format!("~{code}"),
            Err(code) => code.to_string(),
        }
    }

    #[test]
    fn repeated_parameters_are_rejected() {
        let attempt = attempt("fake", "/");
        for query in [
            "code=a&code=a&state=STATE",
            "code=a&code=b&state=STATE",
            "code=a&state=STATE&state=STATE",
            "code=a&state=x&state=STATE",
            "code=a&state=STATE&iss=https://op.example&iss=https://op.example",
            "error=a&error=b&state=STATE",
            "code=a&state=STATE&x=1&x=2",
            "code=a&code=&state=STATE",
        ] {
            assert_eq!(judge(query, Some(&attempt), EXPECTED), "callback_invalid", "{query}");
        }
    }

    #[test]
    fn a_callback_without_its_attempt_is_rejected() {
        let fake = attempt("fake", "/");
        assert_eq!(judge("code=a&state=x", None, EXPECTED), "attempt_missing");
        for query in
            ["code=a", "code=a&state=", "code=a&state=x", "code=a&state=STATEx", "error=access_denied"]
        {
            assert_eq!(judge(query, Some(&fake), EXPECTED), "attempt_missing", "{query}");
        }
        let other = attempt("other", "/");
        assert_eq!(judge("code=a&state=STATE", Some(&other), EXPECTED), "attempt_missing");
        assert_eq!(judge("code=a&state=STATE", Some(&fake), EXPECTED), "a");
    }

    #[test]
    fn an_attempt_is_good_for_ten_minutes() {
        let attempt = attempt("fake", "/");
        for (seconds, expected) in [(599, "a"), (600, "attempt_expired"), (601, "attempt_expired")] {
            let now = NOON.plus(Duration::from_secs(seconds));
            assert_eq!(judge_at("code=a&state=STATE", Some(&attempt), EXPECTED, now), expected);
        }
    }

    #[test]
    fn a_callback_of_another_issuer_is_rejected_also_with_an_error() {
        let attempt = attempt("fake", "/");
        let announced = Expected { announces_issuer: true, ..EXPECTED };
        let unnamed = Expected { issuer: None, ..EXPECTED };
        for (expected, iss, answer) in [
            (EXPECTED, "", "a"),
            (EXPECTED, "&iss=https://op.example", "a"),
            (EXPECTED, "&iss=https%3A%2F%2Fop.example", "a"),
            (EXPECTED, "&iss=https://op.example/", "issuer_mismatch"),
            (EXPECTED, "&iss=https://OP.example", "issuer_mismatch"),
            (EXPECTED, "&iss=https://evil.example", "issuer_mismatch"),
            (announced, "", "issuer_mismatch"),
            (announced, "&iss=", "issuer_mismatch"),
            (announced, "&iss=https://op.example", "a"),
            (unnamed, "&iss=https://op.example", "a"),
        ] {
            assert_eq!(judge(&format!("code=a&state=STATE{iss}"), Some(&attempt), expected), answer, "{iss}");
            let denied = if answer == "a" { "~access_denied" } else { answer };
            let query = format!("error=access_denied&state=STATE{iss}");
            assert_eq!(judge(&query, Some(&attempt), expected), denied, "{iss}");
        }
    }

    #[test]
    fn a_code_and_an_error_exclude_each_other() {
        let attempt = attempt("fake", "/");
        for query in
            ["state=STATE", "code=a&error=b&state=STATE", "code=&state=STATE", "code=&error=&state=STATE"]
        {
            assert_eq!(judge(query, Some(&attempt), EXPECTED), "callback_invalid", "{query}");
        }
    }

    #[test]
    fn tokens_in_the_callback_are_rejected() {
        let attempt = attempt("fake", "/");
        for token in TOKENS {
            let query = format!("code=a&state=STATE&{token}=x");
            assert_eq!(judge(&query, Some(&attempt), EXPECTED), "callback_invalid", "{token}");
        }
    }

    #[test]
    fn errors_are_sorted_by_what_the_user_can_do() {
        let attempt = attempt("fake", "/");
        for (error, expected) in [
            ("access_denied", "~access_denied"),
            ("user_cancelled_login", "~access_denied"),
            ("login_required", "~interaction_required"),
            ("temporarily_unavailable", "~provider_unavailable"),
            ("server_error", "~provider_unavailable"),
            ("invalid_scope", "~provider_error"),
            ("<script>alert(1)</script>", "~provider_error"),
        ] {
            let query = format!("error={error}&error_description=<b>&state=STATE");
            assert_eq!(judge(&query, Some(&attempt), EXPECTED), expected);
        }
    }

    // Facebook's form; it must not be read as a callback without an answer, which leaves the attempt open.
    #[test]
    fn an_error_code_without_error_is_an_error_where_the_descriptor_says_so() {
        let attempt = attempt("fake", "/");
        let own = Expected { error_forms: &[ErrorForm::ErrorCode], ..EXPECTED };
        let query = "error_code=1349126&error_message=App%20not%20active&state=STATE";
        assert_eq!(judge(query, Some(&attempt), own), "~provider_error");
        assert_eq!(judge(query, Some(&attempt), EXPECTED), "callback_invalid");
        let denied = "error=access_denied&error_code=200&state=STATE";
        assert_eq!(judge(denied, Some(&attempt), own), "~access_denied");
        assert_eq!(judge("code=a&error_code=1&state=STATE", Some(&attempt), own), "callback_invalid");
        assert_eq!(judge("code=a&error_code=1&state=STATE", Some(&attempt), EXPECTED), "a");
    }

    #[test]
    fn a_code_is_decoded_exactly_once() {
        let attempt = attempt("fake", "/");
        let query = "code=4%2F0A%252Fb%2Bc+d&state=STATE";
        assert_eq!(judge(query, Some(&attempt), EXPECTED), "4/0A%2Fb+c d");
    }
}
