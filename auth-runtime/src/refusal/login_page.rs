//! The way to the log-in page and back.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};

use super::Facts;
use crate::local_path::LocalPath;

/// Where people are sent to log in.
#[derive(Clone, Debug)]
pub(crate) struct LoginPage {
    path: LocalPath,
    parameter: &'static str,
}

impl LoginPage {
    pub(crate) const fn new(path: LocalPath, parameter: &'static str) -> Self {
        Self { path, parameter }
    }

    /// Returns where it is.
    pub(crate) const fn path(&self) -> &LocalPath {
        &self.path
    }

    /// Returns whether this is the path of the log-in page.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        self.path.path() == path
    }

    /// Returns whether a query says where to go after the log-in.
    pub(crate) fn has_way_back(&self, query: Option<&str>) -> bool {
        let mut names = query.unwrap_or_default().split('&').filter_map(|pair| pair.split('=').next());
        names.any(|name| name == self.parameter)
    }

    /// Sends a navigation to the log-in page; `None` when this is none, or is at the log-in page already.
    pub(crate) fn redirect(&self, facts: &Facts) -> Option<Response> {
        if !facts.navigation || self.is_at(facts.path()) {
            return None;
        }
        let location = match facts.return_path() {
            Some(path) => {
                let mark = if self.path.as_str().contains('?') { '&' } else { '?' };
                format!("{}{mark}{}={}", self.path, self.parameter, path.to_query_value())
            }
            None => self.path.to_string(),
        };
        see_other(location)
    }
}

/// Sends a navigation to another page.
pub(crate) fn see_other(location: String) -> Option<Response> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(location).ok()?);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Some(response)
}
