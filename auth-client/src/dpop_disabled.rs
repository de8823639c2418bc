//! Replaces the keys for proofs by an empty type, without the feature `dpop`.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use crate::Error;

/// The header of a proof.
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A key that nothing makes.
#[derive(Clone, Debug)]
pub(crate) enum DpopKey {}

impl DpopKey {
    pub(crate) fn thumbprint(&self) -> String {
        match *self {}
    }

    pub(crate) fn proof(&self, _: &Method, _: &Url, _: Option<&str>) -> Result<HeaderValue, Error> {
        match *self {}
    }

    pub(crate) fn note_nonce(&self, _: &Url, _: &HeaderMap) -> bool {
        match *self {}
    }
}
