//! Probes the served router with a request per route and kind of caller, and compares its decisions with the
//! access table: `AccessTable::verify`.

use axum::body::Body;
use http::{Method, Request, Response, Uri};
use tower_service::Service;

use crate::{
    access::{
        Access, AccessRow, AccessTable, CallerKind, Mismatch, Observed, Verified, probe_requests::Paths,
    },
    guard_probe::{Probe, ProbeAnswer},
    guarded::App,
    identity::UserId,
};

impl AccessTable {
    /// Sends one request of each kind to each route and method of `app`, and compares the decisions of its
    /// guards with the table.
    ///
    /// Conditions of rules are not asked: there are two requests, one with the answers that allow the most, and one with
    /// those that allow the least.
    ///
    /// No handler runs: its guard responds instead, and the guarded router responds for services and nested
    /// axum routers. That holds for every [`App`]. Pass the `app` that is served, with its layer and all
    /// outer layers. Routes of a router around an `App` are not part of it and are not verified.
    ///
    /// The users and groups are those of the table; what `app` grants to others is not found. A denial counts
    /// with any status, because applications choose it. Layers run as for any request, and a response of
    /// theirs is reported.
    ///
    /// A route is also wrong whose guard has a resource that is loaded by a path parameter which the path lacks
    /// (`Resource::PATH_PARAMETERS`).
    ///
    /// # Errors
    ///
    /// Returns every decision that differs from the table.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{auth_required, guarded::{get, Router}, AuthLayer, KeyRing, TicketCookie};
    ///
    /// #[auth_required]
    /// async fn profile() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let routes = Router::new().route("/profile", get(profile));
    /// let app = routes.with_auth(AuthLayer::new(TicketCookie::new(KeyRing::random())));
    /// let verified = app.access().verify(app).await.unwrap();
    /// assert_eq!(verified.confirmed, 2); // an anonymous request, and one of a user
    /// # }
    /// ```
    pub async fn verify(&self, mut app: App) -> Result<Verified, Vec<Mismatch>> {
        let paths = Paths::of(self.rows());
        let (mut verified, mut wrong) = (Verified::default(), Vec::new());
        for row in self.rows() {
            let uri = paths.to(row);
            let methods = paths.methods_of(row);
            if let Some(mismatch) = without_path_parameter(row) {
                wrong.push(mismatch);
                continue;
            }
            for (caller, cell) in self.callers().iter().zip(row.cells()) {
                let Some(uri) = uri.as_ref().filter(|_| has_an_answer(row, cell.access())) else {
                    verified.left_out = verified.left_out.saturating_add(1);
                    continue;
                };
                let mut mismatch = None;
                let probes = methods.iter().enumerate().flat_map(|(number, method)| {
                    expectations(cell.access()).into_iter().map(move |expected| (number, method, expected))
                });
                for (number, method, (is_at_best, passes)) in probes {
                    let found = found(&send(&mut app, probe(*caller, method, uri, is_at_best)).await);
                    let is_right = if passes {
                        found == Observed::Passed || found == Observed::NotAsked && is_unguarded(row)
                    } else {
                        matches!(found, Observed::Refused(_))
                    };
                    if !is_right {
                        let route = match number {
                            0 => row.name(),
                            _ => format!("{method} {}", row.route().path()),
                        };
                        mismatch = Some(Mismatch { route, caller: *caller, expected: cell.access(), found });
                        break;
                    }
                }
                if mismatch.is_none() {
                    verified.confirmed = verified.confirmed.saturating_add(1);
                }
                wrong.extend(mismatch);
            }
        }
        if wrong.is_empty() { Ok(verified) } else { Err(wrong) }
    }
}

/// Returns the guard of a route whose resource cannot be loaded.
fn without_path_parameter(row: &AccessRow) -> Option<Mismatch> {
    let (guard, missing) = row.route().guard_without_path_parameter()?;
    Some(Mismatch {
        route: row.name(),
        caller: CallerKind::SignedIn,
        expected: Access::DependsOnResource(guard.context().unwrap_or("the resource")),
        found: Observed::MissingPathParameter(missing),
    })
}

/// Returns whether a guard can decide without a policy or a resource.
fn has_an_answer(row: &AccessRow, expected: Access) -> bool {
    let has_an_answer =
        matches!(expected, Access::Allowed | Access::DependsOnConditions(_) | Access::Refused(_));
    has_an_answer && !row.route().guards().is_empty()
}

/// Returns whether requests pass, if conditions are answered so that the most is allowed, and if so that the least is.
const fn expectations(access: Access) -> [(bool, bool); 2] {
    let (best, worst) = match access {
        Access::Allowed => (true, true),
        Access::DependsOnConditions(_) => (true, false),
        _ => (false, false),
    };
    [(true, best), (false, worst)]
}

/// Returns whether it is a service with a reason instead of a guard; the guards around it allow the request.
fn is_unguarded(row: &AccessRow) -> bool {
    row.route().handler().is_none() && row.route().reason().is_some()
}

fn probe(caller: CallerKind, method: &Method, uri: &Uri, is_at_best: bool) -> Request<Body> {
    let user = caller.user().map(|user| UserId::from_stored(user).unwrap_or_else(|_| unnamed_user()));
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri.clone();
    request.extensions_mut().insert(Probe::new(user, caller.groups(), is_at_best));
    request
}

#[expect(clippy::expect_used, reason = "a constant text that is a user id")]
fn unnamed_user() -> UserId {
    UserId::new("a user that no rule names").expect("this is a user id")
}

async fn send(app: &mut App, request: Request<Body>) -> Response<Body> {
    let Ok(()) = std::future::poll_fn(|context| Service::<Request<Body>>::poll_ready(app, context)).await;
    let Ok(response) = app.call(request).await;
    response
}

fn found(response: &Response<Body>) -> Observed {
    match response.extensions().get() {
        Some(ProbeAnswer::NotAsked) => Observed::NotAsked,
        Some(ProbeAnswer::Passed) => Observed::Passed,
        Some(ProbeAnswer::Refused) => Observed::Refused(response.status()),
        None => Observed::NoGuard(response.status()),
    }
}
