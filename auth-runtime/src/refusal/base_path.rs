//! Adds to redirects the prefix that a reverse proxy strips from the paths of requests: [`BasePath`].

use std::sync::Arc;

use crate::local_path::{InvalidLocalPath, LocalPath};

/// The path under which the proxy exposes the application; by default nothing is stripped.
#[derive(Clone, Debug, Default)]
pub(crate) struct BasePath(Option<Arc<str>>);

impl BasePath {
    /// Validates a text: a local path without a query and without a trailing slash.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidLocalPath> {
        let path = LocalPath::parse(text)?;
        match path.as_str() {
            "/" => Ok(Self(None)),
            path if path.contains('?') || path.ends_with('/') => Err(InvalidLocalPath::of_base_path()),
            path => Ok(Self(Some(path.into()))),
        }
    }

    /// Returns the URL of a page for browsers.
    pub(crate) fn address_of(&self, page: &LocalPath) -> String {
        format!("{}{page}", self.as_str())
    }

    /// Returns a path of this application as the browser requested it; `None` if that is too long.
    pub(super) fn public(&self, path: LocalPath) -> Option<LocalPath> {
        match &self.0 {
            None => Some(path),
            Some(_) => LocalPath::try_from(self.address_of(&path)).ok(),
        }
    }

    fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}
