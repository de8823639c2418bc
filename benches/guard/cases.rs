//! The measured routes, each with a request. Shared by the benchmark and by the test that counts allocations.

use std::{
    error::Error,
    time::{Duration, SystemTime},
};

use auth_runtime::{
    Acl, Answer, AuthLayer, BoxError, Groups, Identity, IdentityPolicy, Key, KeyRing, LoginOptions,
    TicketCookie, UserId, acl, acl_required, allow_anonymous, async_trait, auth_required,
    authorization::now,
    clock::UnixTime,
    guarded::{self, GuardedHandler},
    identity::{ChangeContext, Effects, Identification, Identified, IdentityError, Incoming},
    ticket::{Ticket, TicketScope, TicketSealer},
};
use axum::{
    Router,
    handler::Handler,
    http::{HeaderName, HeaderValue, StatusCode, header::COOKIE},
    routing::get,
};

use crate::{
    by_hand::{self, Editor},
    case::{self, Served},
    noop::{Nothing, Through},
};

pub(crate) type Case = case::Case<&'static str>;
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["view", "comment"]),
    (Allow, Group("editors"), ["view", "comment", "edit"]),
    (Allow, Group("admins"), ["delete"]),
];

async fn unguarded() -> &'static str {
    "ok"
}

async fn nothing(_: Nothing) -> &'static str {
    "ok"
}

async fn by_hand(_: Editor) -> &'static str {
    "ok"
}

#[allow_anonymous]
async fn anonymous() -> &'static str {
    "ok"
}

#[auth_required]
async fn signed_in() -> &'static str {
    "ok"
}

#[acl_required("edit", ARTICLES)]
async fn edit() -> &'static str {
    "ok"
}

#[acl_required("edit", ARTICLES)]
async fn edit_as(_user: UserId) -> &'static str {
    "ok"
}

#[acl_required("delete", ARTICLES)]
async fn delete() -> &'static str {
    "ok"
}

/// A policy that may have to wait, but never does here.
struct Gateway;

const GATEWAY_USER: HeaderName = HeaderName::from_static("x-gateway-user");

#[async_trait]
impl IdentityPolicy for Gateway {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        Answer::later(async move {
            let name = request.headers().get(GATEWAY_USER).and_then(|name| name.to_str().ok());
            Ok(match name.and_then(|name| Identity::new(name).ok()) {
                Some(identity) => Identified::known(identity),
                None => Identified::anonymous(),
            })
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }
}

async fn groups(user: Option<UserId>) -> Result<Option<Groups>, BoxError> {
    Ok(Some(if user.is_some() { Groups::from(["editors"]) } else { Groups::none() }))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a group source")]
fn groups_now(user: Option<&UserId>) -> Result<Option<Groups>, BoxError> {
    Ok(Some(if user.is_some() { Groups::from(["editors"]) } else { Groups::none() }))
}

/// The headers of a request.
#[derive(Clone, Copy)]
enum Headers {
    /// None
    Bare,
    /// A cookie of the extractor written by hand, of an editor
    ByHand,
    /// The same with a wrong signature
    ByHandForged,
    /// The same for a user who is not an editor
    ByHandReader,
    /// A header that names the user
    Gateway,
    /// A ticket
    Ticket,
    /// A ticket with a wrong signature
    TicketForged,
}

impl Headers {
    const fn name(self) -> &'static str {
        match self {
            Self::Bare => "none",
            Self::ByHand => "by hand",
            Self::ByHandForged => "by hand, forged",
            Self::ByHandReader => "by hand, reader",
            Self::Gateway => "gateway",
            Self::Ticket => "ticket",
            Self::TicketForged => "ticket, forged",
        }
    }
}

/// The guard that is the unit of all ratios.
pub(crate) const UNIT: &str = "written by hand (case b)";

/// The complete guard: ticket, groups from a synchronous callback, rules.
pub(crate) const READY: &str = "acl_required: ticket, ready groups";

/// The same guard on a guarded router.
pub(crate) const STRICT_READY: &str = "ticket, ready groups on guarded::Router";

/// The complete guard with groups from an async callback.
pub(crate) const WHOLE: &str = "acl_required: ticket, async groups";

/// The same guard on a guarded router.
pub(crate) const STRICT: &str = "ticket, async groups on guarded::Router";

/// Returns all cases: first the unguarded route with each set of headers, then the rest.
pub(crate) fn all() -> Result<Vec<Case>> {
    let bench = Bench::new()?;
    let ok = StatusCode::OK;
    let (anonymous_, forbidden) = (StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN);
    let floors = [
        ("unguarded", Headers::Bare),
        ("unguarded, case b's cookie", Headers::ByHand),
        ("unguarded, case b's cookie, forged", Headers::ByHandForged),
        ("unguarded, case b's cookie, reader", Headers::ByHandReader),
        ("unguarded, a custom header", Headers::Gateway),
        ("unguarded, ticket", Headers::Ticket),
        ("unguarded, forged ticket", Headers::TicketForged),
    ];
    let mut cases = Vec::new();
    for (name, headers) in floors {
        cases.push(bench.case(name, headers, ok, route(unguarded))?);
    }
    let rows = [
        ("extractor that does nothing", Headers::Bare, ok, route(nothing).into()),
        ("layer that does nothing", Headers::Bare, ok, route(unguarded).layer(Through).into()),
        (UNIT, Headers::ByHand, ok, route(by_hand).into()),
        ("case b, anonymous: 401", Headers::Bare, anonymous_, route(by_hand).into()),
        ("case b, forged: 401", Headers::ByHandForged, anonymous_, route(by_hand).into()),
        ("case b, reader: 403", Headers::ByHandReader, forbidden, route(by_hand).into()),
        ("AuthLayer, nothing asked", Headers::Ticket, ok, bench.layered(unguarded)),
        ("allow_anonymous", Headers::Ticket, ok, bench.layered(anonymous)),
        ("auth_required: ticket", Headers::Ticket, ok, route(signed_in).layer(bench.ticket_layer()).into()),
        (WHOLE, Headers::Ticket, ok, bench.layered(edit)),
        (STRICT, Headers::Ticket, ok, bench.strict(edit)),
        (STRICT_READY, Headers::Ticket, ok, bench.strict_now(edit)),
        (READY, Headers::Ticket, ok, bench.layered_now(edit)),
        ("the same, handler takes UserId", Headers::Ticket, ok, bench.layered_now(edit_as)),
        ("async groups, handler takes UserId", Headers::Ticket, ok, bench.layered(edit_as)),
        ("acl_required, anonymous: 401", Headers::Bare, anonymous_, bench.layered(edit)),
        ("acl_required, forged: 401", Headers::TicketForged, anonymous_, bench.layered(edit)),
        ("acl_required, no rule: 403", Headers::Ticket, forbidden, bench.layered(delete)),
        ("auth_required: async policy", Headers::Gateway, ok, gateway(signed_in)),
        ("acl_required: async policy, async groups", Headers::Gateway, ok, gateway(edit)),
    ];
    for (name, headers, status, app) in rows {
        cases.push(bench.case(name, headers, status, app)?);
    }
    Ok(cases)
}

fn route<H: Handler<T, ()>, T: 'static>(handler: H) -> Router {
    Router::new().route("/", get(handler))
}

fn gateway<H: Handler<T, ()>, T: 'static>(handler: H) -> Served {
    route(handler).layer(AuthLayer::new(Gateway).with_groups(groups)).into()
}

/// The shared set-up of the cases.
struct Bench {
    ring: KeyRing,
    ticket: String,
}

impl Bench {
    fn new() -> Result<Self> {
        let ring = KeyRing::new(Key::random()?);
        let scope = TicketScope { purpose: "identity", application: "", name: "__Host-auth" };
        let now = UnixTime::from(SystemTime::now());
        let ticket = Ticket::new(Identity::new("alice@example.org")?, now, now.plus(Duration::from_hours(8)));
        let ticket = TicketSealer::new(ring.clone(), &scope).seal(&ticket, None)?;
        Ok(Self { ring, ticket })
    }

    fn ticket_layer(&self) -> AuthLayer {
        AuthLayer::new(TicketCookie::new(self.ring.clone()))
    }

    fn layered<H: Handler<T, ()>, T: 'static>(&self, handler: H) -> Served {
        route(handler).layer(self.ticket_layer().with_groups(groups)).into()
    }

    fn strict<H: Handler<T, ()> + GuardedHandler<T, ()>, T: 'static>(&self, handler: H) -> Served {
        let routes = guarded::Router::new().route("/", guarded::get(handler));
        routes.with_auth(self.ticket_layer().with_groups(groups)).into()
    }

    fn strict_now<H: Handler<T, ()> + GuardedHandler<T, ()>, T: 'static>(&self, handler: H) -> Served {
        let routes = guarded::Router::new().route("/", guarded::get(handler));
        routes.with_auth(self.ticket_layer().with_groups(now(groups_now))).into()
    }

    fn layered_now<H: Handler<T, ()>, T: 'static>(&self, handler: H) -> Served {
        route(handler).layer(self.ticket_layer().with_groups(now(groups_now))).into()
    }

    fn case(
        &self,
        name: &'static str,
        headers: Headers,
        status: StatusCode,
        app: impl Into<Served>,
    ) -> Result<Case> {
        Ok(Case::new(name, headers.name(), self.header(headers)?, status, app))
    }

    fn header(&self, headers: Headers) -> Result<Option<(HeaderName, HeaderValue)>> {
        let ticket = HeaderValue::try_from(format!("theme=dark; __Host-auth={}", self.ticket))?;
        Ok(match headers {
            Headers::Bare => None,
            Headers::ByHand => Some((COOKIE, by_hand::cookie("editor")?)),
            Headers::ByHandForged => Some((COOKIE, forged(&by_hand::cookie("editor")?)?)),
            Headers::ByHandReader => Some((COOKIE, by_hand::cookie("reader")?)),
            Headers::Gateway => Some((GATEWAY_USER, HeaderValue::from_static("alice@example.org"))),
            Headers::Ticket => Some((COOKIE, ticket)),
            Headers::TicketForged => Some((COOKIE, forged(&ticket)?)),
        })
    }
}

/// Changes one character near the end, where a ticket has its payload and the hand-written cookie its tag.
fn forged(cookie: &HeaderValue) -> Result<HeaderValue> {
    let mut bytes = cookie.as_bytes().to_vec();
    if let Some(byte) = bytes.iter_mut().rev().nth(8) {
        *byte = if *byte == b'A' { b'B' } else { b'A' };
    }
    Ok(HeaderValue::from_bytes(&bytes)?)
}
