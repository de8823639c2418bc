//! Computes the fewest scopes that a client needs for some routes: [`AccessTable::least_scopes`].

use std::{collections::BTreeSet, error::Error, fmt};

use http::Method;

use super::{AccessTable, guard_metadata::GuardMetadata};

/// How many sets of scopes are compared; beyond it, the smallest ones are kept.
const MOST: usize = 4096;

/// A table has no route with this method and path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownRoute {
    method: Method,
    path: String,
}

impl fmt::Display for UnknownRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path } = self;
        write!(f, "the table has no route {method} {path}; write the path as it was given to the router")
    }
}

impl Error for UnknownRoute {}

impl AccessTable {
    /// Returns the fewest scopes with which an access token satisfies the scope guards of all these routes: what a
    /// client of them requests (least privilege).
    ///
    /// [Conditions](crate::conditions) of rules about scopes count as well: with the scopes, a list allows every kind of
    /// user of the table that any other scopes would open it to. Where a rule denies because of a scope, those scopes are
    /// found that allow the most kinds of users; the scopes of another route may still be denied by it.
    ///
    /// Of several sets with equally many scopes, the alphabetically first is returned. The choice is exact unless
    /// there are more than 4,096 sets to compare; then the result suffices, and may have a scope too many. Other
    /// guards of the routes may require more than scopes.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{guarded::{get, Router}, scope_required};
    /// use axum::http::Method;
    ///
    /// #[scope_required(any("articles:read", "articles:write"))]
    /// async fn view() {}
    ///
    /// #[scope_required("articles:write")]
    /// async fn edit() {}
    ///
    /// let routes: Router = Router::new().route("/articles/{id}", get(view).put(edit));
    /// let access = routes.access();
    /// let (get, put) = ((&Method::GET, "/articles/{id}"), (&Method::PUT, "/articles/{id}"));
    /// assert!(access.least_scopes([get])?.into_iter().eq(["articles:read"]));
    /// assert!(access.least_scopes([get, put])?.into_iter().eq(["articles:write"]));
    /// # Ok::<(), auth_runtime::access::UnknownRoute>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if a route is not in the table.
    pub fn least_scopes<'r>(
        &self,
        routes: impl IntoIterator<Item = (&'r Method, &'r str)>,
    ) -> Result<BTreeSet<String>, UnknownRoute> {
        let mut sufficient: Vec<BTreeSet<String>> = vec![BTreeSet::new()];
        for (method, path) in routes {
            let row = self.row(method, path);
            let row = row.ok_or_else(|| UnknownRoute { method: method.clone(), path: path.to_owned() })?;
            let guards = row.route().guards().iter();
            let ways = |guard: &GuardMetadata| {
                guard.sufficient_scopes().or_else(|| guard.scopes_for_rules(self.callers()))
            };
            for ways in guards.filter_map(ways) {
                let unions = sufficient.iter().flat_map(|held| ways.iter().map(move |way| held | way));
                sufficient = smallest(unions.collect());
            }
        }
        Ok(sufficient.into_iter().next().unwrap_or_default())
    }
}

/// Sorts sets by size, and drops those that hold a smaller one.
fn smallest(mut sets: Vec<BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut kept: Vec<BTreeSet<String>> = Vec::new();
    for set in sets {
        if kept.len() < MOST && !kept.iter().any(|smaller| smaller.is_subset(&set)) {
            kept.push(set);
        }
    }
    kept
}
