//! What can go wrong, sorted by who can help.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use http::StatusCode;

/// Why a request could not be authorized.
///
/// Its text names the service, says what went wrong and, where there is one, what to do. It never holds a secret: no token, no
/// password, no code, no body of an answer.
///
/// Cloning is cheap: tasks that wait for one and the same refresh get one and the same error.
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

/// Who can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The program is set up wrongly: a bad address, a value that fits into no header, a missing endpoint.
    Configuration,
    /// The provider, or the user at the provider, said no. [`Error::denial`] has its words.
    Denied,
    /// Somebody must log in, and this authorizer may not ask anybody.
    LoginRequired,
    /// The other side answered against the protocol.
    Protocol,
    /// A token could not be read from its store, or the store is not safe.
    Storage,
    /// Nobody did what was waited for in time.
    TimedOut,
    /// The other side could not be reached, or is out of order. Trying again later may help.
    Transport,
}

/// The words of a provider that refuses (RFC 6749 section 4.1.2.1 and 5.2).
///
/// Texts are cut to 200 characters, without control characters: they come from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    code: String,
    description: Option<String>,
    uri: Option<String>,
}

impl Denial {
    /// Empty texts count as absent.
    pub(crate) fn new(code: &str, description: Option<&str>, uri: Option<&str>) -> Self {
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(harmless);
        Self { code: harmless(code), description: text(description), uri: text(uri) }
    }

    /// Returns the error's code, such as `access_denied` or `invalid_grant`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the provider's explanation.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Returns the address of a page about the error. It is the provider's text: nothing has checked it.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }
}

/// What strangers wrote, fit for a log line.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|letter| if letter.is_control() || is_format(letter) { '\u{fffd}' } else { letter })
        .collect()
}

/// Characters that are not seen, or turn the direction of those that are.
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

    /// Returns an error of the program's own making.
    pub fn configuration(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// Returns an error about an answer that breaks the protocol.
    pub fn protocol(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Protocol, message)
    }

    /// Returns an error about a store of tokens.
    pub fn storage(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Storage, message)
    }

    /// Returns an error about a service that cannot be reached.
    pub fn transport(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Transport, message)
    }

    pub(crate) fn login_required() -> Self {
        Self::new(ErrorKind::LoginRequired, "somebody must log in, and this authorizer may not ask anybody")
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
        // These two say that the provider is out of order (RFC 6749 section 4.1.2.1).
        let kind = match denial.code() {
            "server_error" | "temporarily_unavailable" => ErrorKind::Transport,
            _ => ErrorKind::Denied,
        };
        Self::new(kind, "").change(|inner| inner.denial = Some(denial))
    }

    /// Adds the error below this one. It must hold no secret.
    #[must_use]
    pub fn with_source(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.change(|inner| inner.source = Some(Arc::new(source)))
    }

    /// Adds the error that led to this one, unless this one has a source already.
    pub(crate) fn with_cause(self, cause: Self) -> Self {
        if self.0.source.is_some() { self } else { self.with_source(cause) }
    }

    /// Keeps what the provider said beside the status.
    pub(crate) fn with_words(self, words: Option<Denial>) -> Self {
        self.change(|inner| inner.denial = words)
    }

    pub(crate) fn with_retry_after(self, wait: Option<Duration>) -> Self {
        self.change(|inner| inner.retry_after = wait)
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        self.change(|inner| inner.status = Some(status))
    }

    /// Names the service, unless it is named already.
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

    /// Returns who can help.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the provider's words, if its answer had any: those of a refusal, and those of a provider that is out of order.
    /// Only with [`ErrorKind::Denied`] did it refuse.
    #[must_use]
    pub fn denial(&self) -> Option<&Denial> {
        self.0.denial.as_ref()
    }

    /// Returns the service's name, as its authorizer was given it.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.0.service.as_deref()
    }

    /// Returns the status of the answer, if one came.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Returns how long the provider asked not to be sent further requests (`Retry-After`, RFC 9110 section 10.2.3).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// True if an answer to a refresh with this error means that the refresh token is dead: the provider's no in the words
    /// of RFC 6749, or any other 4xx. The statuses 408, 425 and 429 are about the request's time, and nothing else.
    pub(crate) fn ends_refresh_token(&self) -> bool {
        let is_refusal =
            |status: StatusCode| status.is_client_error() && !matches!(status.as_u16(), 408 | 425 | 429);
        match self.kind() {
            ErrorKind::Denied => true,
            ErrorKind::Protocol => self.status().is_some_and(is_refusal),
            _ => false,
        }
    }

    /// True if the provider refused with this code.
    pub(crate) fn is_denial(&self, code: &str) -> bool {
        self.kind() == ErrorKind::Denied && self.has_code(code)
    }

    /// True if the provider's answer had this code, whatever its status.
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
        let error = Error::protocol("the answer is no JSON").of("library").of("other");
        assert_eq!(error.to_string(), "library: the answer is no JSON");
        assert_eq!(error.service(), Some("library"));
        assert_eq!(error.kind(), ErrorKind::Protocol);
    }

    // LG4: one event is one line, whatever a provider writes.
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
