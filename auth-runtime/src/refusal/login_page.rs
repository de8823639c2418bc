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

    /// Sends a navigation to the log-in page; `None` when this is none, or is at the log-in page already.
    pub(super) fn redirect(&self, facts: &Facts) -> Option<Response> {
        let own_path = self.path.as_str().split('?').next().unwrap_or_default();
        if !facts.navigation || facts.path() == own_path {
            return None;
        }
        let location = match facts.return_path() {
            Some(path) => {
                let mark = if self.path.as_str().contains('?') { '&' } else { '?' };
                format!("{}{mark}{}={}", self.path, self.parameter, path.to_query_value())
            }
            None => self.path.to_string(),
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SEE_OTHER;
        response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(location).ok()?);
        response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        Some(response)
    }
}
