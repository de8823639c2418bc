//! Filters a list down to what the user may have: [`Auth::filter`] and [`Auth::row_filter`].

use super::{Answers, Auth, AuthError, resource_decisions::permission_of};
use crate::acl::{
    Condition, Decision, Name, OverlayRules, Permission, Principals, Resource, ResourceFacts, RowFilter,
    RowRule, decide_for_if, row_filter_if,
};

impl Auth {
    /// Returns those of the resources for which their rules grant `permission` to the user, in the same order.
    ///
    /// The user and the groups are looked up once. Filter what is in memory anyway: a page of ten that is filtered
    /// afterwards has fewer than ten. For rows of a database, see [`row_filter`](Self::row_filter).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError, Permission, Resource, Rule, User};
    ///
    /// #[derive(Clone, Copy, Permission)]
    /// enum Can {
    ///     View,
    /// }
    ///
    /// struct Article {
    ///     owner: String,
    /// }
    ///
    /// impl Resource for Article {
    ///     type Permission = Can;
    ///
    ///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
    ///         [Rule::allow(User(&self.owner), &[Can::View])]
    ///     }
    /// }
    ///
    /// async fn drafts(auth: &Auth, drafts: Vec<Article>) -> Result<usize, AuthError> {
    ///     Ok(auth.filter(Can::View, drafts).await?.len())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`permits`](Self::permits).
    pub async fn filter<R: Resource>(
        &self,
        permission: impl Permission,
        resources: impl IntoIterator<Item = R>,
    ) -> Result<Vec<R>, AuthError> {
        let name = permission_of::<R>(&permission)?;
        let facts = self.state.facts();
        facts.groups(self.state.config(), &self.head).await?;
        let overlay = self.state.config().overlay_rules();
        let principals = facts.principals();
        let resources: Vec<R> = resources.into_iter().collect();
        let mut answers = facts.answers(self.state.config(), &self.head);
        loop {
            match granted(&resources, (name, &principals, overlay.as_deref()), &answers) {
                Ok(granted) => {
                    let kept = resources.into_iter().zip(granted).filter(|(_, granted)| *granted);
                    return Ok(kept.map(|(resource, _)| resource).collect());
                }
                Err(condition) => Box::pin(answers.ask(condition)).await?,
            }
        }
    }

    /// Returns for which rows of a table the rules grant `permission` to the user, as data from which the application
    /// builds the condition of a query.
    ///
    /// Conditions of rules are answered as for a single resource; [`RowRule::with_owner`] and [`RowRule::with_tenant`] name
    /// the columns that [`OWNER`](crate::OWNER) and [`TENANT`](crate::TENANT) compare with.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError, acl::{RowPrincipal::UserIn, RowRule, RowValue}};
    ///
    /// #[derive(Clone, Copy)]
    /// enum Column {
    ///     Owner,
    /// }
    ///
    /// async fn condition(auth: &Auth) -> Result<String, AuthError> {
    ///     let own = RowRule::allow(UserIn(Column::Owner), &["view"]);
    ///     let filter = auth.row_filter("view", [own]).await?;
    ///     // `examples/article-list` has a condition for every filter.
    ///     Ok(match filter.cases() {
    ///         [case] if matches!(case.tests()[0].value(), RowValue::User(_)) => "owner = ?".to_owned(),
    ///         _ => "FALSE".to_owned(), // an anonymous request owns nothing
    ///     })
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails if a condition cannot be answered, since the application's source of its answers fails.
    pub async fn row_filter<'r, C>(
        &self,
        permission: impl Permission,
        rules: impl IntoIterator<Item = RowRule<'r, C>>,
    ) -> Result<RowFilter<C>, AuthError>
    where
        C: Clone,
    {
        let name = permission.name();
        let facts = self.state.facts();
        facts.groups(self.state.config(), &self.head).await?;
        let overlay = self.state.config().overlay_rules();
        let principals = facts.principals();
        let rules: Vec<_> = rules.into_iter().collect();
        let mut answers = facts.answers(self.state.config(), &self.head);
        loop {
            let known = |condition: &Condition| answers.of_rows(condition);
            match row_filter_if(rules.iter().cloned(), name, &principals, overlay.as_deref(), known) {
                Ok(filter) => return Ok(filter),
                Err(condition) => Box::pin(answers.ask(condition)).await?,
            }
        }
    }
}

/// Decides about each resource; the error is a condition whose answer is needed first.
fn granted<R: Resource>(
    resources: &[R],
    (permission, principals, overlay): (Name<'_>, &Principals<'_>, Option<&OverlayRules>),
    answers: &Answers<'_>,
) -> Result<Vec<bool>, Condition> {
    let decide = |resource: &R| {
        let known = |condition: &Condition, about: ResourceFacts<'_>| answers.of(condition, Some(about));
        decide_for_if(resource, permission, principals, overlay, known).map(Decision::is_allow)
    };
    resources.iter().map(decide).collect()
}
