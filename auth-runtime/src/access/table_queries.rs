//! Queries the access table by route, caller and user.

use http::Method;

use super::{AccessRow, AccessTable, CallerKind, Cell, access_table::judge};
use crate::{
    acl::Principals,
    auth::{Auth, AuthError},
};

impl AccessTable {
    /// Returns the row of a route. `path` is the path that was given to the router.
    #[must_use]
    pub fn row(&self, method: &Method, path: &str) -> Option<&AccessRow> {
        let of_path = || self.rows().iter().filter(|row| row.route().path() == path);
        let named = || {
            of_path().find(|row| !row.route().methods().is_any() && row.route().methods().contains(method))
        };
        let get =
            || of_path().find(|row| *method == Method::HEAD && row.route().methods().contains(&Method::GET));
        named().or_else(get).or_else(|| of_path().find(|row| row.route().methods().is_any()))
    }

    /// Returns the kinds of requests that can reach a route, including those for which a policy or a resource
    /// decides.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{access::CallerKind, acl, acl_required, guarded::{put, Router}, Acl, Name};
    ///
    /// const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];
    ///
    /// #[acl_required("edit", ARTICLES)]
    /// async fn edit() {}
    ///
    /// let routes: Router = Router::new().route("/articles/{id}", put(edit));
    /// let access = routes.access();
    /// let who: Vec<CallerKind> = access.who_can_reach(&axum::http::Method::PUT, "/articles/{id}").collect();
    /// assert_eq!(who, [CallerKind::Member(Name::Text("editors"))]);
    /// ```
    pub fn who_can_reach(&self, method: &Method, path: &str) -> impl Iterator<Item = CallerKind> {
        let cells = self.row(method, path).map(AccessRow::cells).unwrap_or_default();
        let callers = self.callers().iter().zip(cells);
        callers.filter(|(_, cell)| cell.access().is_possible()).map(|(caller, _)| *caller)
    }

    /// Returns the routes that a kind of request can reach, including those for which a policy or a resource
    /// decides.
    pub fn reachable_by(&self, caller: CallerKind) -> impl Iterator<Item = &AccessRow> {
        let at = self.callers().iter().position(|own| *own == caller);
        self.rows().iter().filter(move |row| {
            at.and_then(|at| row.cells().get(at)).is_some_and(|cell| cell.access().is_possible())
        })
    }

    /// Returns the decision of each route for any user and groups, in the order of the [rows](Self::rows).
    #[must_use]
    pub fn judge(&self, principals: &Principals<'_>) -> Vec<Cell> {
        self.rows().iter().map(|row| judge(row.route(), principals, None)).collect()
    }

    /// Returns the decision of each route for the user of a request, with the overlay of its layer.
    ///
    /// # Errors
    ///
    /// Fails as [`Auth`] does if the user or the groups cannot be determined.
    pub async fn of_request(&self, auth: &Auth) -> Result<Vec<(&AccessRow, Cell)>, AuthError> {
        let user = auth.user_id().await?;
        let groups = auth.groups().await?;
        let principals = match &groups {
            Some(groups) => Principals::new(user.as_deref(), Some(groups)),
            None => Principals::blocked(),
        };
        let overlay = auth.overlay_rules();
        let judged = |row| (row, judge(AccessRow::route(row), &principals, overlay.as_deref()));
        Ok(self.rows().iter().map(judged).collect())
    }
}
