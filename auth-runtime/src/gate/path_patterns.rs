//! Matches paths by patterns in the syntax of axum's routes: [`PathPatterns`].

use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;

use super::check_normal_path::is_plain;

/// Patterns of paths that can be changed at run time. Clones share the patterns.
///
/// A pattern has the syntax of axum's routes, and matches the same paths: the whole path, byte by byte.
/// `/assets/{*path}` matches neither `/assets` nor `/assets/`, and `/about` matches neither `/About` nor
/// `/about/`. Inside a nested router it is still matched with the whole path.
///
/// Outside of braces only letters, digits and `-._~` are allowed, since a path in normal form has no other
/// spelling of them. For a segment with other characters use a parameter.
///
/// # Example
///
/// ```
/// use auth_runtime::{LocalPath, gate::{PageGate, PatternErrorKind}};
///
/// let gate = PageGate::new(LocalPath::from_static("/login"), LocalPath::root()).with_public(["/about"]);
/// let public = gate.public();
///
/// public.add("/campaign/{name}")?; // from here on
/// assert!(public.matches("/campaign/autumn"));
/// public.remove("/campaign/{name}")?;
/// assert!(!public.matches("/campaign/autumn"));
///
/// assert_eq!(public.remove("/campaign/{name}").unwrap_err().kind(), PatternErrorKind::Missing);
/// # Ok::<(), auth_runtime::gate::PatternError>(())
/// ```
#[derive(Clone)]
pub struct PathPatterns {
    current: Arc<ArcSwap<Patterns>>,
    writer: Arc<Mutex<()>>,
    /// Paths that no pattern may match
    exceptions: Arc<[String]>,
}

#[derive(Clone, Default)]
struct Patterns {
    texts: Vec<String>,
    router: matchit::Router<()>,
}

impl PathPatterns {
    /// Without patterns; later ones must not match these paths.
    pub(super) fn except<const N: usize>(paths: [&str; N]) -> Self {
        Self {
            current: Arc::new(ArcSwap::from_pointee(Patterns::default())),
            writer: Arc::default(),
            exceptions: paths.map(str::to_owned).into(),
        }
    }

    /// Adds a pattern, for the requests that arrive from now on.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if it is not a pattern, conflicts with another one as routes do, or would
    /// match the log-in page or the main page, which would then be unreachable.
    pub fn add(&self, pattern: &str) -> Result<(), PatternError> {
        self.add_all([pattern])
    }

    /// Adds all of them, or none if one cannot be added.
    pub(super) fn add_all<T: AsRef<str>>(
        &self,
        texts: impl IntoIterator<Item = T>,
    ) -> Result<(), PatternError> {
        // The iterator may read or change these patterns.
        let texts: Vec<T> = texts.into_iter().collect();
        self.change(|patterns| {
            for text in texts {
                let pattern = text.as_ref();
                check(pattern)?;
                patterns.router.insert(pattern, ()).map_err(|error| PatternError::of(pattern, &error))?;
                patterns.texts.push(pattern.to_owned());
                if let Some(page) = self.exceptions.iter().find(|page| patterns.router.at(page).is_ok()) {
                    let reason = format!(
                        "it matches `{page}`, the log-in page or the main page, and a protected path never gets a page"
                    );
                    return Err(PatternError::new(pattern, PatternErrorKind::Page, reason));
                }
            }
            Ok(())
        })
    }

    /// Removes a pattern that was added with exactly this text, for the requests that arrive from now on.
    ///
    /// # Errors
    ///
    /// Fails if it does not exist.
    pub fn remove(&self, pattern: &str) -> Result<(), PatternError> {
        self.change(|patterns| {
            let mut texts = std::mem::take(&mut patterns.texts);
            let before = texts.len();
            texts.retain(|text| text != pattern);
            if texts.len() == before {
                return Err(PatternError::new(pattern, PatternErrorKind::Missing, "it is not there"));
            }
            *patterns = Patterns::default();
            for text in texts {
                patterns.router.insert(&*text, ()).map_err(|error| PatternError::of(&text, &error))?;
                patterns.texts.push(text);
            }
            Ok(())
        })
    }

    /// Returns whether a path, such as `/assets/site.css`, is matched by one of them.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.current.load().router.at(path).is_ok()
    }

    /// Returns the patterns in the order in which they were added.
    #[must_use]
    pub fn to_vec(&self) -> Vec<String> {
        self.current.load().texts.clone()
    }

    /// Changes a copy, which replaces the patterns on success.
    fn change(
        &self,
        change: impl FnOnce(&mut Patterns) -> Result<(), PatternError>,
    ) -> Result<(), PatternError> {
        let _turn = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut patterns = Patterns::clone(&self.current.load());
        change(&mut patterns)?;
        self.current.store(Arc::new(patterns));
        Ok(())
    }
}

impl fmt::Debug for PathPatterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.current.load().texts).finish()
    }
}

/// Rejects patterns that a router would accept, but that no path in normal form could match.
fn check(pattern: &str) -> Result<(), PatternError> {
    let invalid = |reason| Err(PatternError::new(pattern, PatternErrorKind::Invalid, reason));
    let Some(path) = pattern.strip_prefix('/') else { return invalid("it must start with `/`") };
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        if segment.is_empty() && segments.peek().is_some() {
            return invalid("no path with `//` gets so far as to be matched");
        }
        if matches!(segment, "." | "..") {
            return invalid("no path with the segments `.` and `..` gets so far as to be matched");
        }
        let (words, parameter) = segment.split_at(segment.find('{').unwrap_or(segment.len()));
        if !words.bytes().all(is_plain) || parameter.starts_with("{{") {
            return invalid(
                "it may hold letters, digits and `-._~`, which have one spelling only; write a parameter, such as \
                 `{name}` or `{*path}`, in place of a segment with anything else",
            );
        }
    }
    Ok(())
}

/// A pattern that cannot be added or removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PatternError {
    pattern: String,
    kind: PatternErrorKind,
    reason: String,
}

/// Why a pattern is rejected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PatternErrorKind {
    /// It conflicts with another pattern, or equals it.
    Conflict,
    /// It is not a pattern, or nothing could match it.
    Invalid,
    /// It cannot be removed because it does not exist.
    Missing,
    /// It would protect the log-in page or the main page.
    Page,
}

impl PatternError {
    fn new(pattern: &str, kind: PatternErrorKind, reason: impl Into<String>) -> Self {
        Self { pattern: pattern.to_owned(), kind, reason: reason.into() }
    }

    fn of(pattern: &str, error: &matchit::InsertError) -> Self {
        match error {
            matchit::InsertError::Conflict { with } => {
                Self::new(pattern, PatternErrorKind::Conflict, format!("`{with}` is there already"))
            }
            matchit::InsertError::InvalidCatchAll => {
                Self::new(pattern, PatternErrorKind::Invalid, "`{*name}` must be its last segment")
            }
            _ => Self::new(
                pattern,
                PatternErrorKind::Invalid,
                "a parameter must end its segment, and must have a name in braces, such as `{name}`",
            ),
        }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> PatternErrorKind {
        self.kind
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PatternErrorKind::Missing => {
                write!(f, "cannot remove the pattern `{}`; {}", self.pattern, self.reason)
            }
            _ => write!(f, "cannot add the pattern `{}`; {}", self.pattern, self.reason),
        }
    }
}

impl Error for PatternError {}
