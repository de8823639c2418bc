//! Tests by mutation whether an application's tests notice when a rule is inverted or loses a condition:
//! [`unnoticed_mutations`].

use std::{
    fmt,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use auth_acl::mutate_rule::Mutation;

use crate::acl::{Acl, Condition, Rule};

/// A rule that can be changed without a failing test.
#[derive(Clone, Debug)]
pub struct UnnoticedMutation {
    file: &'static str,
    rule: Rule<'static>,
    number: usize,
    dropped_condition: Option<&'static str>,
}

impl UnnoticedMutation {
    /// Returns the rule as source text.
    #[must_use]
    pub const fn rule(&self) -> Rule<'static> {
        self.rule
    }

    /// Returns the number of the rule, counted from 1.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// Returns the name of the condition that the rule can do without; `None` if the rule can be inverted.
    #[must_use]
    pub const fn dropped_condition(&self) -> Option<&'static str> {
        self.dropped_condition
    }
}

impl fmt::Display for UnnoticedMutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.rule.line().unwrap_or_default();
        let change = match self.dropped_condition {
            Some(name) => format!("loses the condition `{name}`"),
            None => "is flipped".to_owned(),
        };
        write!(f, "{}:{line}: no test notices when rule {} {change}: {}", self.file, self.number, self.rule)
    }
}

/// Changes each rule of a list in turn, runs the tests each time, and returns the changes that no test noticed.
///
/// A rule is inverted, so that what it allows is denied and what it denies is allowed. A rule with
/// [conditions](crate::conditions) loses each of them in turn, too.
///
/// `tests` notices by panicking, as assertions do. It is run once with the list unchanged, and then once for
/// each change. The mutation applies to the calling thread only, so the tests must not spawn other ones:
/// `#[tokio::test]` does not.
///
/// The mutation of a rule that decides nothing, because earlier ones match first, is never noticed; see
/// [`Acl::redundant`].
///
/// # Panics
///
/// Panics if the tests fail with the unchanged list.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, acl_required, testing, Acl};
/// use axum::{Router, body::Body, http::Request, routing::get};
/// use tower::ServiceExt;
///
/// const ARTICLES: Acl = acl![
///     (Deny, User("mallory"), ["edit"]),
///     (Allow, Group("editors"), ["edit"]),
/// ];
///
/// #[acl_required("edit", ARTICLES)]
/// async fn edit() {}
///
/// async fn editors_may_edit() {
///     let app = Router::new().route("/", get(edit)).layer(testing::acting_as("alice", ["editors"]));
///     let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
///     assert!(response.status().is_success());
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let unnoticed = testing::unnoticed_mutations(ARTICLES, async || editors_may_edit().await).await;
/// // No test checks that mallory may not.
/// assert_eq!(unnoticed.iter().map(|mutation| mutation.number()).collect::<Vec<_>>(), [1]);
/// # }
/// ```
pub async fn unnoticed_mutations(list: Acl, tests: impl AsyncFn()) -> Vec<UnnoticedMutation> {
    assert!(passes(&tests).await, "the tests fail before any rule is flipped; make them pass first");
    let mut unnoticed = Vec::new();
    for (at, rule) in list.rules().iter().enumerate() {
        let conditions = rule.conditions().iter().map(Some).enumerate();
        for (index, dropped) in [(0, None)].into_iter().chain(conditions) {
            let mutation = match dropped {
                Some(_) => Mutation::drop_condition(*rule, index),
                None => Mutation::invert(*rule),
            };
            let passed = passes(&tests).await;
            drop(mutation);
            if passed {
                unnoticed.push(UnnoticedMutation {
                    file: list.file(),
                    rule: *rule,
                    number: at.saturating_add(1),
                    dropped_condition: dropped.map(Condition::name),
                });
            }
        }
    }
    unnoticed
}

/// Returns whether nothing panics. Side effects of a failed test are not undone.
async fn passes(tests: &impl AsyncFn()) -> bool {
    let mut running = pin!(tests());
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(())) => Poll::Ready(true),
        Err(_) => Poll::Ready(false),
    })
    .await
}
