//! Sets what the browser deletes at a log-out besides the credential, by `Clear-Site-Data` (W3C Clear Site
//! Data).

use http::{HeaderName, HeaderValue};

/// The name of the header field.
pub(crate) const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// A kind of data that browsers delete at a log-out; see
/// [`AuthLayer::with_clear_site_data`](crate::AuthLayer::with_clear_site_data).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SiteData {
    /// Responses in the browser's cache, among them pages behind the back button. If the log-out's response is
    /// a redirect, this does not cover the page that the log-out was sent from.
    Cache,
    /// All cookies of the registrable domain, including those of its other hosts.
    Cookies,
    /// Local and session storage, databases and service workers of the origin.
    Storage,
}

impl SiteData {
    const fn directive(self) -> &'static str {
        match self {
            Self::Cache => "\"cache\"",
            Self::Cookies => "\"cookies\"",
            Self::Storage => "\"storage\"",
        }
    }
}

/// Returns the value of the header field; `None` if nothing is to be deleted.
pub(crate) fn value(kinds: impl IntoIterator<Item = SiteData>) -> Option<HeaderValue> {
    let mut directives: Vec<&str> = kinds.into_iter().map(SiteData::directive).collect();
    directives.sort_unstable();
    directives.dedup();
    HeaderValue::try_from(directives.join(", ")).ok().filter(|value| !value.is_empty())
}
