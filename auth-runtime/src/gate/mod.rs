//! Which page a visitor gets, in an application that serves pages beside an API: a single-page application, say.
//!
//! A [`PageGate`] stands around the routes and looks at *navigations*: GET and HEAD requests that prefer HTML, by which a
//! person is on the way to another page, as opposed to a script that fetches something. It shows the log-in page to whoever
//! is not signed in, and the main page to whoever is, where they ask for the log-in page or for one that is not there.
//!
//! | | signed in | nobody, or a bad credential | blocked or disabled |
//! |---|---|---|---|
//! | the log-in page | the main page; with a way back, the log-in page | the log-in page | the log-in page |
//! | a [public path](PageGate::with_public) | what the router answers | the same | the same |
//! | a [path of an API](PageGate::with_protected), whatever asks for it | what the router answers, never as a page | 401 | 403 |
//! | any other path | what the router answers | the log-in page | 403 |
//! | any other path without a route | the main page | the log-in page | 403 |
//! | anything that is no navigation | what the router answers | the same | the same |
//!
//! Where it cannot be said who asks, because a store is down, the answer is 503: that is not "nobody". On public paths the
//! question does not come up.
//!
//! "Without a route" means that the router has none: what a handler says is not there stays 404. A service that is nested
//! is asked for all paths under its own; where it says 404 to a navigation, that counts as a page that is not there, unless
//! the paths are public or those of an API.
//!
//! # Security
//!
//! What is protected are the paths of APIs, from those who are not signed in, and nothing else. A gate never lets pass what
//! a guard refuses, and it does not take the place of guards: a script gets from a route what the route's guard gives it.
//!
//! A request is refused with 400, before any pattern is looked at, unless its path is in normal form:
//!
//! 1. it starts with `/`; scheme and host may stand before it, as HTTP/2 always sends them and HTTP/1 may (absolute-form,
//!    RFC 9112, section 3.2.2), and are not looked at;
//! 2. no segment but the last one is empty, and none is `.` or `..`;
//! 3. all characters are visible ASCII, and none is `\`, `;` or `#`;
//! 4. what is escaped is UTF-8 and none of these: control characters, line separators, `/`, `\`, `%`, `;`, and what needs no
//!    escape, that is letters, digits and `-._~`.
//!
//! So what a pattern names has one spelling only, whoever decodes it later. Case counts, and so does a slash at the end.
//! Patterns are routes and not regular expressions: these match text and not segments, and one that is not anchored, or has
//! a dot that is not escaped, is wider than it looks.
//!
//! What a guard hides is answered like a path without a route, be it with the main page: otherwise one could tell the two
//! apart. [`Missing`](crate::guard::Missing) is answered like what is hidden.
//!
//! The pages and patterns are paths of the router. Where a proxy strips the front of the paths, redirects put it back:
//! [`AuthLayer::with_base_path`](crate::AuthLayer::with_base_path).
//!
//! Inside of a router, what counts is the path that the client asked for. A layer that rewrites paths belongs outside of the
//! outermost router: one between two routers leads the inner one to a route of which the gate saw another path.

mod decide;
mod layer;
mod page;
mod path;
mod patterns;
mod service;

pub use layer::PageGate;
pub use patterns::{PathPatterns, PatternError, PatternErrorKind};
pub use service::{PageFuture, PageService};
