//! Holds a set of HTTP methods: [`Methods`].

use std::fmt;

use axum::routing::MethodFilter;
use http::Method;

/// The methods that a handler accepts.
///
/// A handler of `GET` also accepts `HEAD`, unless another handler of the path does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Methods(Option<MethodFilter>);

const ALL: [(&str, MethodFilter); 9] = [
    ("GET", MethodFilter::GET),
    ("HEAD", MethodFilter::HEAD),
    ("POST", MethodFilter::POST),
    ("PUT", MethodFilter::PUT),
    ("PATCH", MethodFilter::PATCH),
    ("DELETE", MethodFilter::DELETE),
    ("OPTIONS", MethodFilter::OPTIONS),
    ("TRACE", MethodFilter::TRACE),
    ("CONNECT", MethodFilter::CONNECT),
];

impl Methods {
    pub(crate) const ANY: Self = Self(None);

    pub(crate) const fn only(filter: MethodFilter) -> Self {
        Self(Some(filter))
    }

    /// Returns whether it accepts every method that no other handler of the path accepts.
    #[must_use]
    pub const fn is_any(self) -> bool {
        self.0.is_none()
    }

    /// Returns whether it was declared for this method.
    #[must_use]
    pub fn contains(self, method: &Method) -> bool {
        let Some(filter) = self.0 else { return true };
        MethodFilter::try_from(method.clone()).is_ok_and(|method| filter.or(method) == filter)
    }

    /// Returns the names of the methods; none for [any](Self::is_any).
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let holds = move |method| self.0.is_some_and(|filter| filter.or(method) == filter);
        ALL.into_iter().filter(move |(_, method)| holds(*method)).map(|(name, _)| name)
    }
}

impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return f.write_str("any");
        }
        for (number, name) in self.names().enumerate() {
            if number > 0 {
                f.write_str(", ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}
