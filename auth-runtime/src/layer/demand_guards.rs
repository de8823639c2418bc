//! Withholds responses that no guard has decided about, on axum's own router: [`Demand`].

use std::sync::Arc;

use axum::{
    body::HttpBody as _,
    extract::{MatchedPath, OriginalUri},
    response::Response,
};
use http::{Method, Request, StatusCode};

use crate::{auth::RequestState, config::Unjudged, error_kind::AuthErrorKind, events, refusal};

/// What is checked when the response is there. Few requests have it.
pub(super) struct Demand {
    /// The state of another such layer around this one: a decision inside this one counts for both.
    outer: Option<Arc<RequestState>>,
    /// The method and the path, for the log, of a request whose response has to be checked
    judged: Option<(Method, String)>,
}

impl Demand {
    /// Returns what has to be checked in the response, if anything.
    pub(super) fn of<B>(
        request: &Request<B>,
        state: &RequestState,
        outer: Option<Arc<RequestState>>,
    ) -> Option<Box<Self>> {
        let unjudged = state.config().unjudged;
        if unjudged == Unjudged::Impossible || outer.as_ref().is_some_and(|outer| outer.is_judged()) {
            state.note_judged();
        }
        let judged = (unjudged == Unjudged::Withheld).then(|| (request.method().clone(), path_of(request)));
        (outer.is_some() || judged.is_some()).then(|| Box::new(Self { outer, judged }))
    }

    /// Returns the response that replaces one that no guard has decided about.
    ///
    /// Changes of the handler are not written then; they are rolled back when the state is dropped.
    pub(super) fn replacement(self, state: &RequestState, response: &Response) -> Option<Response> {
        if state.is_judged() {
            if let Some(outer) = self.outer {
                outer.note_judged();
            }
            return None;
        }
        let (method, path) = self.judged?;
        if is_empty_answer(&method, response) && !state.has_effects() {
            return None;
        }
        events::unjudged(&method, &path);
        let response = refusal::unnegotiated(AuthErrorKind::Misconfigured);
        Some(state.config().renegotiate(None, response))
    }
}

/// Returns the route's declared path, or else the path of the request.
fn path_of<B>(request: &Request<B>) -> String {
    let extensions = request.extensions();
    let path = match (extensions.get::<MatchedPath>(), extensions.get::<OriginalUri>()) {
        (Some(matched), _) => matched.as_str(),
        (None, Some(OriginalUri(uri))) => uri.path(),
        (None, None) => request.uri().path(),
    };
    path.to_owned()
}

/// Returns whether a router or a CORS layer may have responded by itself: without a body, 404 to an unknown
/// path, 405 to an unknown method, a success to a preflight request.
fn is_empty_answer(method: &Method, response: &Response) -> bool {
    let is_known = match response.status() {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => true,
        status => *method == Method::OPTIONS && status.is_success(),
    };
    is_known && response.body().is_end_stream()
}
