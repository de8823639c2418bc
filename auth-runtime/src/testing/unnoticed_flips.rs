//! Tests by mutation whether an application's tests notice when a rule is inverted: [`unnoticed_flips`].

use std::{
    fmt,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use auth_acl::flip_rule::Flip;

use crate::acl::{Acl, Rule};

/// A rule that can be inverted without a failing test.
#[derive(Clone, Debug)]
pub struct UnnoticedFlip {
    file: &'static str,
    rule: Rule<'static>,
    number: usize,
}

impl UnnoticedFlip {
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
}

impl fmt::Display for UnnoticedFlip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.rule.line().unwrap_or_default();
        write!(f, "{}:{line}: no test notices when rule {} is flipped: {}", self.file, self.number, self.rule)
    }
}

/// Inverts each rule of a list in turn, so that what it allows is denied and what it denies is allowed, runs
/// the tests each time, and returns the rules whose mutation no test noticed.
///
/// `tests` notices by panicking, as assertions do. It is run once with the list unchanged, and then once for
/// each rule. The mutation applies to the calling thread only, so the tests must not spawn other ones:
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
/// let unnoticed = testing::unnoticed_flips(ARTICLES, async || editors_may_edit().await).await;
/// // No test checks that mallory may not.
/// assert_eq!(unnoticed.iter().map(|flip| flip.number()).collect::<Vec<_>>(), [1]);
/// # }
/// ```
pub async fn unnoticed_flips(list: Acl, tests: impl AsyncFn()) -> Vec<UnnoticedFlip> {
    assert!(passes(&tests).await, "the tests fail before any rule is flipped; make them pass first");
    let mut unnoticed = Vec::new();
    for (at, rule) in list.rules().iter().enumerate() {
        let flip = Flip::new(*rule);
        let passed = passes(&tests).await;
        drop(flip);
        if passed {
            unnoticed.push(UnnoticedFlip { file: list.file(), rule: *rule, number: at.saturating_add(1) });
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
