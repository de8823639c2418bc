//! Redirects to the log-in page, with the return path: [`LoginRedirect`].

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};

use super::ContentNegotiation;
use crate::{
    identity::StepUp,
    local_path::{LocalPath, query_value},
};

/// The log-in page.
#[derive(Clone, Debug)]
pub(crate) struct LoginRedirect {
    path: LocalPath,
    parameter: &'static str,
}

impl LoginRedirect {
    pub(crate) const fn new(path: LocalPath, parameter: &'static str) -> Self {
        Self { path, parameter }
    }

    /// Returns its path.
    pub(crate) const fn path(&self) -> &LocalPath {
        &self.path
    }

    /// Returns whether this is the path of the log-in page.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        self.path.path() == path
    }

    /// Returns whether a query contains the post-login redirect target.
    pub(crate) fn has_way_back(&self, query: Option<&str>) -> bool {
        let mut names = query.unwrap_or_default().split('&').filter_map(|pair| pair.split('=').next());
        names.any(|name| name == self.parameter)
    }

    /// Returns whether a redirect to the log-in page would loop back to this very request.
    ///
    /// That is the case at its own path, and also if a redirect comes back with its prefix stripped: a proxy
    /// does that if the application configured the public path of its log-in page.
    pub(super) fn would_loop(&self, facts: &ContentNegotiation) -> bool {
        let path = facts.path();
        let is_stripped = path.starts_with('/') && self.path.path().ends_with(path);
        self.is_at(path) || (is_stripped && self.has_way_back(facts.query()))
    }

    /// Redirects a navigation to the log-in page, and tells it what the log-in has to be (step-up); `None` if
    /// this is not one, or is at the log-in page already.
    pub(crate) fn redirect(&self, facts: &ContentNegotiation, step_up: StepUp) -> Option<Response> {
        if !facts.navigation || self.would_loop(facts) {
            return None;
        }
        see_other(self.address(facts, facts.return_path(), step_up))
    }

    /// Makes htmx leave its page for the log-in page, which a redirect would swap into the page. Adds nothing if the
    /// page is the log-in page already.
    pub(super) fn navigate_htmx(&self, facts: &ContentNegotiation, step_up: StepUp, response: &mut Response) {
        let Some(htmx) = facts.htmx.as_ref().filter(|htmx| !htmx.is_on(&self.path, facts.base())) else {
            return;
        };
        if let Ok(address) = HeaderValue::try_from(self.address(facts, htmx.return_path(), step_up)) {
            response.headers_mut().insert("hx-redirect", address);
        }
    }

    /// Returns the address with the post-login redirect target, and what the log-in has to be.
    fn address(&self, facts: &ContentNegotiation, target: Option<LocalPath>, step_up: StepUp) -> String {
        let mut address = facts.base().address_of(&self.path);
        let mut add = |name: &str, value: &str| {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.extend([name, "=", value]);
        };
        if let Some(path) = target {
            add(self.parameter, &path.to_query_value());
        }
        for (name, value) in step_up.parameters() {
            add(name, &query_value(&value));
        }
        address
    }
}

/// Redirects a navigation to another page.
pub(crate) fn see_other(location: String) -> Option<Response> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(location).ok()?);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Some(response)
}
