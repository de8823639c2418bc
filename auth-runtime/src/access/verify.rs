//! The table held against the router that serves.

use std::fmt;

use axum::{Router, body::Body};
use http::{Request, Response, StatusCode, Uri};
use tower_service::Service;

use super::{Access, AccessRow, AccessTable, Caller};
use crate::{
    auth::{Probe, ProbeAnswer},
    guarded::{GuardRecord, RouteKind},
    identity::UserId,
};

/// What [`AccessTable::verify`] found as the table says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Verified {
    /// How many answers of the table the router confirmed
    pub confirmed: usize,
    /// How many could not be asked for: they depend on a policy or a thing, or nothing stands before the route
    pub left_out: usize,
}

/// A route that does not do what the table says.
#[derive(Clone, Debug)]
pub struct Mismatch {
    route: String,
    caller: Caller,
    expected: Access,
    found: Found,
}

/// How the router answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Found {
    /// No guard of ours answered; something else did, with this status.
    NoGuard(StatusCode),
    /// The guards let the request pass.
    Passed,
    /// A guard refused the request with this status.
    Refused(StatusCode),
}

impl Mismatch {
    /// Returns the route, such as `GET /articles/{id}`.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// Returns the kind of request.
    #[must_use]
    pub const fn caller(&self) -> Caller {
        self.caller
    }

    /// Returns what the table says.
    #[must_use]
    pub const fn expected(&self) -> Access {
        self.expected
    }

    /// Returns what the router did.
    #[must_use]
    pub const fn found(&self) -> Found {
        self.found
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}: the table says ", self.route, self.caller)?;
        match self.expected {
            Access::Refused(status) => write!(f, "{}", status.as_u16())?,
            _ => f.write_str("yes")?,
        }
        match self.found {
            Found::NoGuard(status) => {
                write!(f, ", but no guard answered; something else did, with {}", status.as_u16())
            }
            Found::Passed => f.write_str(", but the request got through"),
            Found::Refused(status) => write!(f, ", but a guard answered {}", status.as_u16()),
        }
    }
}

impl AccessTable {
    /// Sends a request of each kind to each route of `app`, and compares what its guards answer with the table.
    ///
    /// No handler runs: where a handler's turn would come, its guard answers. `app` is the router that is served, with its
    /// layer and all that the application puts around it.
    ///
    /// # Errors
    ///
    /// Fails with every answer that is not the table's.
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
    /// let access = routes.access();
    /// let app = routes.with_auth(AuthLayer::new(TicketCookie::new(KeyRing::random())));
    /// assert_eq!(access.verify(app).await.unwrap().confirmed, 2); // nobody, and somebody
    /// # }
    /// ```
    pub async fn verify(&self, mut app: Router) -> Result<Verified, Vec<Mismatch>> {
        let (mut verified, mut wrong) = (Verified::default(), Vec::new());
        for row in self.rows() {
            for (caller, cell) in self.callers().iter().zip(row.cells()) {
                let Some(request) = Self::probe(row, *caller, cell.access()) else {
                    verified.left_out = verified.left_out.saturating_add(1);
                    continue;
                };
                let found = found(&send(&mut app, request).await);
                let is_right = match cell.access() {
                    Access::Allowed => found == Found::Passed,
                    _ => matches!(found, Found::Refused(_)),
                };
                if is_right {
                    verified.confirmed = verified.confirmed.saturating_add(1);
                } else {
                    let (route, expected) = (row.name(), cell.access());
                    wrong.push(Mismatch { route, caller: *caller, expected, found });
                }
            }
        }
        if wrong.is_empty() { Ok(verified) } else { Err(wrong) }
    }

    /// A request of this kind for the route; none where no guard could answer it.
    fn probe(row: &AccessRow, caller: Caller, expected: Access) -> Option<Request<Body>> {
        let route = row.route();
        let depends = !matches!(expected, Access::Allowed | Access::Refused(_));
        if depends || route.guards().is_empty() || route.kind() == RouteKind::MethodNotAllowed {
            return None;
        }
        let only_layers = route.guards().iter().all(GuardRecord::is_layer);
        let layers = if only_layers { route.guards().len() } else { 0 };
        let user = caller.user().map(|user| UserId::new(user).unwrap_or_else(|_| somebody()));
        let probe = Probe::new(user, caller.groups(), layers);
        let mut request = Request::new(Body::empty());
        if let Some(method) = route.methods().names().next().and_then(|name| name.parse().ok()) {
            *request.method_mut() = method;
        }
        *request.uri_mut() = sample(route.path(), route.kind())?;
        request.extensions_mut().insert(probe);
        Some(request)
    }
}

#[expect(clippy::expect_used, reason = "a constant text that is a user id")]
fn somebody() -> UserId {
    UserId::new("somebody whom no rule names").expect("this is a user id")
}

/// A path that the route answers: each parameter is filled in.
fn sample(path: &str, kind: RouteKind) -> Option<Uri> {
    let filled: Vec<&str> = path
        .split('/')
        .map(|part| if part.contains('{') && !part.contains("{{") { "0" } else { part })
        .collect();
    let mut path = filled.join("/");
    if matches!(kind, RouteKind::Tree | RouteKind::Fallback) {
        path = format!("{}/no-such-path", path.trim_end_matches('/'));
    }
    path.parse().ok()
}

async fn send(app: &mut Router, request: Request<Body>) -> Response<Body> {
    let app: &mut Router = app;
    let ready = std::future::poll_fn(|context| Service::<Request<Body>>::poll_ready(app, context)).await;
    match ready {
        Ok(()) => match app.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        Err(never) => match never {},
    }
}

fn found(response: &Response<Body>) -> Found {
    match response.extensions().get() {
        Some(ProbeAnswer::Passed) => Found::Passed,
        Some(ProbeAnswer::Refused) => Found::Refused(response.status()),
        None => Found::NoGuard(response.status()),
    }
}
