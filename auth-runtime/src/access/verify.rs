//! The table held against the router that serves.

use std::fmt;

use axum::body::Body;
use http::{Method, Request, Response, StatusCode, Uri};
use tower_service::Service;

use super::{Access, AccessRow, AccessTable, Caller, sample::Paths};
use crate::{
    guarded::App,
    identity::UserId,
    probe::{Probe, ProbeAnswer},
};

/// What [`AccessTable::verify`] found as the table says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Verified {
    /// How many answers of the table the router confirmed
    pub confirmed: usize,
    /// How many could not be asked for: they depend on a policy or a thing, nothing stands before the route, or no path is
    /// known that leads to it
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
    /// No guard of ours answered; something else did, with this status. 404 also stands for a path that the router does not
    /// have, whatever it has for such paths.
    NoGuard(StatusCode),
    /// More could only be found out by calling what is there: it has no guard, or one that loads a thing and asks that.
    NotAsked,
    /// The guards let the request pass.
    Passed,
    /// A guard refused the request with this status.
    Refused(StatusCode),
}

impl Mismatch {
    /// Returns the route, such as `GET /articles/{id}`; where it has several methods and only some of them are wrong, with the
    /// first of these.
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
            Found::NotAsked => f.write_str(", but no guard answers for what is there"),
            Found::Passed => f.write_str(", but the request got through"),
            Found::Refused(status) => write!(f, ", but a guard answered {}", status.as_u16()),
        }
    }
}

impl AccessTable {
    /// Sends a request of each kind to each route of `app`, by each of its methods, and compares what its guards answer with the table.
    ///
    /// No handler runs: where a handler's turn would come, its guard answers, and before a service or a router of axum's own
    /// the guarded router answers. That holds for every [`App`], whether it is the table's or not. `app` is what is served, with
    /// its layer and all layers that the application puts around it. What a router around an `App` serves is not asked, since it
    /// is not part of it.
    ///
    /// Users and groups are those that the table names; what `app` grants to others is not found. A refusal is one whatever its
    /// status, which applications choose. Layers run as they do for any request, and what they answer in place of a guard is
    /// found.
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
            for (caller, cell) in self.callers().iter().zip(row.cells()) {
                let Some(uri) = uri.as_ref().filter(|_| has_an_answer(row, cell.access())) else {
                    verified.left_out = verified.left_out.saturating_add(1);
                    continue;
                };
                let mut mismatch = None;
                for (number, method) in methods.iter().enumerate() {
                    let found = found(&send(&mut app, probe(*caller, method, uri)).await);
                    let is_right = match cell.access() {
                        Access::Allowed => {
                            found == Found::Passed || found == Found::NotAsked && is_unguarded(row)
                        }
                        _ => matches!(found, Found::Refused(_)),
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

/// Whether a guard can answer without a policy or a thing.
fn has_an_answer(row: &AccessRow, expected: Access) -> bool {
    matches!(expected, Access::Allowed | Access::Refused(_)) && !row.route().guards().is_empty()
}

/// Whether it is a service that came in with a reason in place of a guard; the guards around it let the request pass.
fn is_unguarded(row: &AccessRow) -> bool {
    row.route().handler().is_none() && row.route().reason().is_some()
}

fn probe(caller: Caller, method: &Method, uri: &Uri) -> Request<Body> {
    let user = caller.user().map(|user| UserId::new(user).unwrap_or_else(|_| somebody()));
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri.clone();
    request.extensions_mut().insert(Probe::new(user, caller.groups()));
    request
}

#[expect(clippy::expect_used, reason = "a constant text that is a user id")]
fn somebody() -> UserId {
    UserId::new("somebody whom no rule names").expect("this is a user id")
}

async fn send(app: &mut App, request: Request<Body>) -> Response<Body> {
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
        Some(ProbeAnswer::NotAsked) => Found::NotAsked,
        Some(ProbeAnswer::Passed) => Found::Passed,
        Some(ProbeAnswer::Refused) => Found::Refused(response.status()),
        None => Found::NoGuard(response.status()),
    }
}
