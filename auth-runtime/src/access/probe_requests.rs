//! Builds probe requests that reach one route of a table and no other: [`Paths`].

use http::{Method, Uri};

use super::AccessRow;
use crate::access::route_metadata::RouteKind;

/// Values of path parameters. The first usually works; the others are for tables in which it is a literal
/// segment.
const FILLERS: [&str; 3] = ["0", "no-such-name", "no-such-name-either"];
/// The maximum number of segments of a path that matches no route.
const DEPTH: usize = 16;
/// Methods for a route without its own. `OPTIONS` comes late, because layers respond to it themselves.
const COMMON: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
const RARE: [Method; 4] = [Method::HEAD, Method::OPTIONS, Method::TRACE, Method::CONNECT];

/// The paths of a table, as the router looks them up.
pub(crate) struct Paths<'a> {
    rows: &'a [AccessRow],
    routes: matchit::Router<&'a str>,
    /// A path without a route
    fallbacks: matchit::Router<&'a str>,
}

impl<'a> Paths<'a> {
    pub(crate) fn of(rows: &'a [AccessRow]) -> Self {
        let (mut routes, mut fallbacks) = (matchit::Router::new(), matchit::Router::new());
        // Several routes may share a path; one is enough. Insert routes before trees, which need not serve
        // all paths under their prefix.
        for row in rows_of(rows, RouteKind::Single) {
            let _ = routes.insert(row.route().path(), row.route().path());
        }
        for row in rows_of(rows, RouteKind::Tree).filter(|row| !base(row).is_empty()) {
            let _ = routes.insert(format!("{}/{{*rest}}", base(row)), row.route().path());
        }
        for row in rows_of(rows, RouteKind::Fallback) {
            let _ = fallbacks.insert(format!("{}/{{*rest}}", base(row)), row.route().path());
        }
        Self { rows, routes, fallbacks }
    }

    /// Returns a path that this route serves, or `None` if other routes serve all its paths or its paths are
    /// unknown.
    pub(crate) fn to(&self, row: &AccessRow) -> Option<Uri> {
        let path = row.route().path();
        let is_its = |candidate: &String| {
            let routed = self.routes.at(candidate).ok().map(|found| *found.value);
            match row.route().kind() {
                RouteKind::Single => routed == Some(path),
                RouteKind::Tree => routed.is_none_or(|routed| routed == path),
                RouteKind::Fallback => {
                    let answers = self.fallbacks.at(candidate).is_ok_and(|found| *found.value == path);
                    routed.is_none() && answers
                }
                RouteKind::MethodNotAllowed => false,
            }
        };
        candidates(row).into_iter().find(is_its)?.parse().ok()
    }

    /// Returns the methods of this route, the most significant one first.
    pub(crate) fn methods_of(&self, row: &AccessRow) -> Vec<Method> {
        let others = self.rows.iter().filter(|other| {
            other.route().kind() == RouteKind::Single && other.route().path() == row.route().path()
        });
        let taken: Vec<&str> = others.flat_map(|other| other.route().methods().names()).collect();
        let is_taken = |method: &Method| {
            let method = method.as_str();
            taken.contains(&method) || (method == "HEAD" && taken.contains(&"GET"))
        };
        let methods = row.route().methods();
        let own: Vec<Method> = methods.names().filter_map(|name| name.parse().ok()).collect();
        if own.contains(&Method::GET) && !taken.contains(&"HEAD") {
            return own.into_iter().chain([Method::HEAD]).collect();
        }
        if !own.is_empty() {
            return own;
        }
        if row.route().kind() != RouteKind::Single {
            return COMMON.to_vec();
        }
        let free: Vec<Method> = COMMON.into_iter().filter(|method| !is_taken(method)).collect();
        if !free.is_empty() {
            return free;
        }
        let rare = RARE.into_iter().find(|method| !is_taken(method));
        rare.or_else(|| "NO-SUCH-METHOD".parse().ok()).into_iter().collect()
    }
}

fn rows_of(rows: &[AccessRow], kind: RouteKind) -> impl Iterator<Item = &AccessRow> {
    rows.iter().filter(move |row| row.route().kind() == kind)
}

/// Returns the prefix of all paths of a tree.
fn base(row: &AccessRow) -> &str {
    row.route().path().trim_end_matches('/')
}

/// Returns paths that the route may serve.
fn candidates(row: &AccessRow) -> Vec<String> {
    match row.route().kind() {
        RouteKind::Single => FILLERS.iter().map(|filler| filled(row.route().path(), filler)).collect(),
        // A merged service may serve any path.
        RouteKind::Tree if base(row).is_empty() => Vec::new(),
        RouteKind::Tree | RouteKind::Fallback => {
            let of_depth = |depth| {
                FILLERS.map(|filler| {
                    let middle = format!("/{filler}").repeat(depth);
                    format!("{}{middle}/no-such-path", filled(base(row), filler))
                })
            };
            (0..DEPTH).flat_map(of_depth).collect()
        }
        RouteKind::MethodNotAllowed => Vec::new(),
    }
}

/// Replaces parameters with a value and double braces with single ones.
fn filled(path: &str, filler: &str) -> String {
    let (mut text, mut rest) = (String::new(), path);
    while let Some((before, after)) = rest.split_once(['{', '}']) {
        text.push_str(before);
        let brace = rest.as_bytes().get(before.len()).copied();
        if let Some(after) = after.strip_prefix(['{', '}']) {
            text.push(if brace == Some(b'{') { '{' } else { '}' });
            rest = after;
        } else {
            text.push_str(filler);
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_filled_in_and_the_rest_stays() {
        for (path, expected) in [
            ("/", "/"),
            ("", ""),
            ("/a/b.c", "/a/b.c"),
            ("/a/{id}", "/a/0"),
            ("/{a}/b/{*rest}", "/0/b/0"),
            ("/v{n}/x", "/v0/x"),
            ("/{{a}}", "/{a}"),
            ("/{{a}}/{b}", "/{a}/0"),
        ] {
            assert_eq!(filled(path, "0"), expected, "{path}");
        }
    }
}
