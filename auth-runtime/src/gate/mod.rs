//! Which page a visitor gets, in an application that serves pages beside an API: a single-page application, say.
//!
//! A [`PageGate`] stands around the routes and looks at *navigations*: GET and HEAD requests by which a person is on the
//! way to another page, as opposed to a script that fetches something. It shows the log-in page to whoever is not
//! signed in, and the main page to whoever is, where they ask for the log-in page or for a page that is not there.
//!
//! | | signed in | nobody, or a bad credential | barred or disabled |
//! |---|---|---|---|
//! | the log-in page | the main page; with a way back, the log-in page | the log-in page | the log-in page |
//! | a [public path](PageGate::with_public) | what the router answers | the same | the same |
//! | a [path of an API](PageGate::with_protected), whatever asks for it | what the router answers, never as a page | 401 | 403 |
//! | any other path | what the router answers | the log-in page | 403 |
//! | any other path without a route | the main page | the log-in page | 403 |
//! | anything that is no navigation | what the router answers | the same | the same |
//!
//! Where the question who asks cannot be answered, because a store is down, the answer is 503: that is not "nobody". On public
//! paths the question is not asked.
//!
//! # Security
//!
//! What is protected: nothing but the paths of an API, and these only from those who are not signed in. A gate never lets pass what a
//! guard refuses, and it does not take the place of guards: a script gets from a route what the route's guard gives it.
//!
//! A request is refused with 400, before any pattern is looked at, unless its path is in normal form:
//!
//! 1. it starts with `/`, and comes without scheme and host (HTTP/2 always sends these, and may);
//! 2. there is no empty segment but the last one, and none that is `.` or `..`;
//! 3. there are visible ASCII characters only, and none of `\`, `;` and `#`;
//! 4. what is escaped is valid UTF-8, and holds no control character, no line separator, none of `/`, `\`, `%` and `;`, and no letter,
//!    digit or `-._~`, which have no need to be escaped.
//!
//! So there is only one spelling of what a pattern names, whoever decodes it later. Patterns are routes and not regular
//! expressions, because those match text and not segments: one that is not anchored, or has a `.` that is not escaped, is
//! wider than it looks.
//!
//! What a guard hides (404) is answered like a path without a route, be it with the main page: otherwise the two could be told apart.

mod decide;
mod layer;
mod page;
mod path;
mod patterns;
mod service;

pub use layer::PageGate;
pub use patterns::{PathPatterns, PatternError, PatternErrorKind};
pub use service::{PageFuture, PageService};
