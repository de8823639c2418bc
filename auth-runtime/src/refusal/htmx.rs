//! Recognizes requests of htmx, which swaps a response into the page: [`Htmx`].

use http::{HeaderMap, Uri};

use super::BasePath;
use crate::local_path::LocalPath;

/// A request that htmx sends, and the page that it sends it from.
#[derive(Clone, Debug)]
pub(super) struct Htmx {
    /// The address of the page; a client says so, and only its path is used
    page: Option<Uri>,
}

impl Htmx {
    /// Returns whether htmx sends the request (`HX-Request: true`).
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        if headers.get("hx-request")?.as_bytes() != b"true" {
            return None;
        }
        let page = headers.get("hx-current-url").and_then(|page| Uri::try_from(page.as_bytes()).ok());
        Some(Self { page })
    }

    /// Returns the path of the page, as the browser shows it.
    pub(super) fn return_path(&self) -> Option<LocalPath> {
        LocalPath::parse(self.page.as_ref()?.path_and_query()?.as_str()).ok()
    }

    /// Returns whether the page is that of this application at this path: to navigate there would load it again,
    /// for ever if it sends this request by itself.
    pub(super) fn is_on(&self, page: &LocalPath, base: &BasePath) -> bool {
        let address = base.address_of(page);
        let path = address.split('?').next().unwrap_or_default();
        self.page.as_ref().is_some_and(|page| page.path() == path)
    }
}
