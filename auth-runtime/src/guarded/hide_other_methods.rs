//! Answers 404 instead of 405 for the other methods of a path whose handlers are all hidden.
//!
//! A guard with `hide` responds with 404 to the methods of its handler. Axum responds to any other method
//! with 405 and an `Allow` header (RFC 9110, section 15.5.6), which would reveal that the path exists.

use axum::{
    extract::Request,
    response::Response,
    routing::{MethodRouter, any},
};

use crate::{
    access::{
        guard_metadata::GuardMetadata,
        route_metadata::{RouteKind, RouteMetadata},
    },
    auth::{AuthError, refuse},
    error_kind::AuthErrorKind,
};

/// Adds the 404 for other methods to the handlers of `records`, if every handler of their path is hidden and
/// none of them accepts all methods. `earlier` are the routes that the router had before.
pub(super) fn hide_other_methods<S: Clone + Send + Sync + 'static>(
    handlers: MethodRouter<S>,
    earlier: &[RouteMetadata],
    records: &mut [RouteMetadata],
) -> MethodRouter<S> {
    let Some(path) = records.first().map(|record| record.path().to_owned()) else { return handlers };
    let of_path = || earlier.iter().filter(|record| record.path() == path);
    let is_done = of_path().any(RouteMetadata::hides_other_methods);
    if is_done || !of_path().chain(&*records).all(is_hidden) {
        return handlers;
    }
    records.iter_mut().for_each(RouteMetadata::hide_other_methods);
    // Unlike a fallback alone, `any` keeps axum from adding `Allow`.
    handlers.merge(any(not_found))
}

fn is_hidden(record: &RouteMetadata) -> bool {
    !record.methods().is_any() && record.guards().iter().any(GuardMetadata::is_hidden)
}

/// Panics at the start of the application if two routes of one path both respond to all other methods, which
/// axum cannot merge.
#[track_caller]
pub(super) fn check_other_methods(earlier: &[RouteMetadata], added: &[RouteMetadata]) {
    let answers_others = |record: &RouteMetadata| {
        record.kind() == RouteKind::Single && (record.hides_other_methods() || record.methods().is_any())
    };
    for record in added.iter().filter(|record| answers_others(record)) {
        let path = record.path();
        let conflict = earlier.iter().any(|earlier| {
            earlier.path() == path
                && answers_others(earlier)
                && (earlier.hides_other_methods() || record.hides_other_methods())
        });
        assert!(
            !conflict,
            "the handlers of `{path}` are hidden, and the answer to its other methods with them; give the path all its \
             handlers in one call of `route`"
        );
    }
}

async fn not_found(request: Request) -> Response {
    let (parts, _body) = request.into_parts();
    refuse(&parts, AuthError::new(AuthErrorKind::Hidden))
}
