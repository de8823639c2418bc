//! Gates pages: decides which page a visitor gets, in an application that serves pages beside an API, such as
//! a single-page application.
//!
//! A [`PageGate`] wraps the routes and handles *navigations*: GET and HEAD requests that prefer HTML, by
//! which a person moves to another page, as opposed to a script that fetches data. It shows the log-in page
//! to visitors who are not signed in, and the main page to signed-in users who request the log-in page or a
//! missing page.
//!
//! | | signed in | anonymous, or an invalid credential | blocked or disabled |
//! |---|---|---|---|
//! | the log-in page | the main page; with a return path, the log-in page | the log-in page | the log-in page |
//! | a [public path](PageGate::with_public) | the router's response | the same | the same |
//! | a [path of an API](PageGate::with_protected), navigation or not | the router's response, never as a page | 401 | 403 |
//! | any other path | the router's response | the log-in page | 403 |
//! | any other path without a route | the main page | the log-in page | 403 |
//! | any other request | the router's response | the same | the same |
//!
//! If the visitor cannot be resolved because a store is down, the response is 503 (fail closed): that is not
//! "anonymous". On public paths the visitor is not resolved.
//!
//! "Without a route" means that the router has no route: a 404 of a handler is kept. A nested service
//! receives all paths under its own, so its 404 to a navigation counts as a missing page, unless the path is
//! public or one of an API.
//!
//! # Security
//!
//! A gate protects only the paths of APIs, from visitors who are not signed in. It never lets a request pass
//! that a guard rejects, and it does not replace guards: on all other paths, a script gets any response that
//! the route's guard allows.
//!
//! A request is rejected with 400, before any pattern is evaluated, unless its path is in normal form:
//!
//! 1. it starts with `/`; scheme and host may precede it, as always in HTTP/2 and sometimes in HTTP/1
//!    (absolute-form, RFC 9112, section 3.2.2), and are ignored;
//! 2. no segment but the last one is empty, and none is `.` or `..`;
//! 3. all characters are visible ASCII, and none is `\`, `;` or `#`;
//! 4. an escape decodes to UTF-8 and to none of these: control characters, line separators, `/`, `\`, `%`,
//!    `;`, and characters that need no escape, that is letters, digits and `-._~`.
//!
//! So a path that matches a pattern has only one spelling, and a later decoder cannot see another path (path
//! confusion). Case and a trailing slash are significant. Patterns are routes and not regular expressions,
//! which match text instead of segments: one without an anchor, or with an unescaped dot, matches more than
//! it seems to.
//!
//! The response for a hidden route equals that for a path without a route, even if that is the main page:
//! otherwise the route would be revealed. The same holds for [`Missing`](crate::guard::Missing).
//!
//! The pages and patterns are paths of the router. If a proxy strips a prefix from the paths, redirects add
//! it again: [`AuthLayer::with_base_path`](crate::AuthLayer::with_base_path).
//!
//! Inside of a router, the gate uses the path that the client requested. A layer that rewrites paths belongs
//! outside of the outermost router: between two routers it would lead the inner one to a route that differs
//! from the path that the gate checked.

mod check_normal_path;
mod gate_decision;
mod page_gate;
mod page_responder;
mod page_service;
mod path_patterns;

pub use page_gate::PageGate;
pub use page_service::{PageFuture, PageService};
pub use path_patterns::{PathPatterns, PatternError, PatternErrorKind};
