//! Defines [`Error`] and [`ErrorKind`], the errors of this crate by who can solve the problem.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use http::StatusCode;

/// An error of an outgoing authorization.
///
/// Its message names the service, the problem and, if there is one, the remedy. It never contains a secret:
/// no token, password, code or response body.
///
/// Cloning is cheap, so all tasks that wait for one refresh get the same error.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    service: Option<Arc<str>>,
    message: Cow<'static, str>,
    status: Option<StatusCode>,
    denial: Option<Denial>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The kind of an error: who can solve it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The program is misconfigured: an invalid address, a value that no header can hold, a missing endpoint.
    Configuration,
    /// The authorization server, or the user there, denied the request. [`Error::denial`] has the details.
    Denied,
    /// A user must log in, and this authorizer must not prompt.
    LoginRequired,
    /// The response violates the protocol.
    Protocol,
    /// A token could not be read from its store, or the store is not safe.
    Storage,
    /// The user did not act in time.
    TimedOut,
    /// The server cannot be reached or is out of order. A later retry may succeed.
    Transport,
}

/// An error response of an authorization server (RFC 6749 sections 4.1.2.1 and 5.2).
///
/// Texts are cut to 200 characters, without control characters, because they come from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    code: String,
    description: Option<String>,
    uri: Option<String>,
}

impl Denial {
    /// Creates a denial; empty texts count as absent.
    pub(crate) fn new(code: &str, description: Option<&str>, uri: Option<&str>) -> Self {
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(harmless);
        Self { code: harmless(code), description: text(description), uri: text(uri) }
    }

    /// Returns the error code, such as `access_denied` or `invalid_grant`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the server's description.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Returns the address of a page about the error. It is not validated.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }
}

/// Makes text from outside safe for a log line (log injection).
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|letter| if letter.is_control() || is_format(letter) { '\u{fffd}' } else { letter })
        .collect()
}

/// Returns whether a character is invisible or changes the text direction.
fn is_format(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl Error {
    fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Inner {
            kind,
            service: None,
            message: message.into(),
            status: None,
            denial: None,
            retry_after: None,
            source: None,
        }))
    }

    /// Creates an error of [`ErrorKind::Configuration`].
    pub fn configuration(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// Creates an error of [`ErrorKind::Protocol`].
    pub fn protocol(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Protocol, message)
    }

    /// Creates an error of [`ErrorKind::Storage`].
    pub fn storage(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Storage, message)
    }

    /// Creates an error of [`ErrorKind::Transport`].
    pub fn transport(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Transport, message)
    }

    pub(crate) fn login_required() -> Self {
        Self::new(ErrorKind::LoginRequired, "a user must log in, and this authorizer must not prompt")
    }

    pub(crate) fn logged_out() -> Self {
        Self::new(
            ErrorKind::LoginRequired,
            "the authorizer was logged out while it got a token; log in again",
        )
    }

    pub(crate) fn timed_out(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::TimedOut, message)
    }

    pub(crate) fn denied(denial: Denial) -> Self {
        // These two codes mean that the server is out of order (RFC 6749 section 4.1.2.1).
        let kind = match denial.code() {
            "server_error" | "temporarily_unavailable" => ErrorKind::Transport,
            _ => ErrorKind::Denied,
        };
        Self::new(kind, "").change(|inner| inner.denial = Some(denial))
    }

    /// Sets the source of this error. It must not contain a secret.
    #[must_use]
    pub fn with_source(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.change(|inner| inner.source = Some(Arc::new(source)))
    }

    /// Sets the error that led to this one, unless there is a source already.
    pub(crate) fn with_cause(self, cause: Self) -> Self {
        if self.0.source.is_some() { self } else { self.with_source(cause) }
    }

    /// Keeps the error details of the response next to the status.
    pub(crate) fn with_words(self, words: Option<Denial>) -> Self {
        self.change(|inner| inner.denial = words)
    }

    pub(crate) fn with_retry_after(self, wait: Option<Duration>) -> Self {
        self.change(|inner| inner.retry_after = wait)
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        self.change(|inner| inner.status = Some(status))
    }

    /// Sets the service name, unless it is set already.
    #[must_use]
    pub fn of(self, service: &str) -> Self {
        if self.0.service.is_some() {
            return self;
        }
        self.change(|inner| inner.service = Some(service.into()))
    }

    fn change(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::try_unwrap(self.0).unwrap_or_else(|shared| Inner {
            kind: shared.kind,
            service: shared.service.clone(),
            message: shared.message.clone(),
            status: shared.status,
            denial: shared.denial.clone(),
            retry_after: shared.retry_after,
            source: shared.source.clone(),
        });
        change(&mut inner);
        Self(Arc::new(inner))
    }

    /// Returns the kind: who can solve the problem.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the error details of the response, if there were any: of a denial or of a server that is out
    /// of order. Only [`ErrorKind::Denied`] is a denial.
    #[must_use]
    pub fn denial(&self) -> Option<&Denial> {
        self.0.denial.as_ref()
    }

    /// Returns the service name of the authorizer.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.0.service.as_deref()
    }

    /// Returns the status of the response, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Returns how long the server wants no further requests (`Retry-After`, RFC 9110 section 10.2.3).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns whether this error of a refresh means that the refresh token is no longer valid: an error code
    /// of RFC 6749, or any 4xx except 408, 425 and 429, which are temporary.
    pub(crate) fn ends_refresh_token(&self) -> bool {
        let is_refusal =
            |status: StatusCode| status.is_client_error() && !matches!(status.as_u16(), 408 | 425 | 429);
        match self.kind() {
            ErrorKind::Denied => true,
            ErrorKind::Protocol => self.status().is_some_and(is_refusal),
            _ => false,
        }
    }

    /// Returns whether the server denied with this code.
    pub(crate) fn is_denial(&self, code: &str) -> bool {
        self.kind() == ErrorKind::Denied && self.has_code(code)
    }

    /// Returns whether the response had this code, regardless of its status.
    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.denial().is_some_and(|denial| denial.code() == code)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(service) = &inner.service {
            write!(f, "{service}: ")?;
        }
        let Some(Denial { code, description, .. }) = &inner.denial else {
            return f.write_str(&inner.message);
        };
        if inner.message.is_empty() {
            write!(f, "refused with {code}")?;
        } else {
            write!(f, "{}: {code}", inner.message)?;
        }
        match description {
            Some(description) => write!(f, ": {description}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("message", &format_args!("{self}"));
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_named_once() {
        let error = Error::protocol("the answer is not JSON").of("library").of("other");
        assert_eq!(error.to_string(), "library: the answer is not JSON");
        assert_eq!(error.service(), Some("library"));
        assert_eq!(error.kind(), ErrorKind::Protocol);
    }

    // Log injection: one event is one line, regardless of what the server sends.
    #[test]
    fn words_from_outside_are_made_harmless() {
        let long = "x".repeat(500);
        let denial = Denial::new("bad\r\nSet-Cookie: a=b", Some("\u{1b}[31m\u{202e}moc"), Some(&long));
        assert_eq!(denial.code(), "bad\u{fffd}\u{fffd}Set-Cookie: a=b");
        assert_eq!(denial.description(), Some("\u{fffd}[31m\u{fffd}moc"));
        assert_eq!(denial.uri().unwrap().len(), 200);
        assert!(!Error::denied(denial).to_string().contains(['\r', '\n', '\u{1b}', '\u{202e}']));
    }

    #[test]
    fn a_denial_says_its_code() {
        let error = Error::denied(Denial::new("access_denied", None, None)).of("photos");
        assert_eq!(error.to_string(), "photos: refused with access_denied");
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(error.is_denial("access_denied") && !error.is_denial("invalid_grant"));
    }
}
