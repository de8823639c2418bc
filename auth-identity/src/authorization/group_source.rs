//! Supplies the groups of users: the trait [`GroupSource`], and functions that make sources of closures.

use super::GroupQuestion;
use crate::{BoxError, acl::Groups, answer_future::Answer, identity::UserId};

/// Supplies the groups of the user of a request.
///
/// Async closures from `Option<UserId>` implement it; `None` is an anonymous request.
///
/// - `Ok(Some(groups))`: the groups of the user.
/// - `Ok(None)`: the user is blocked; everything is denied, even what is allowed to everyone.
/// - `Err`: the groups could not be determined. The request gets 503 (fail closed), and the error is logged.
///
/// It runs at most once per request, and only if a rule that could decide needs groups or the source might
/// [block](Self::never_blocks) the user.
///
/// # Example
///
/// ```
/// use auth_runtime::{Answer, BoxError, Groups, UserId};
/// use auth_runtime::authorization::{GroupQuestion, GroupSource};
/// use std::collections::HashMap;
///
/// /// As a type, a source can hold a pool of connections or a cache.
/// struct Table(HashMap<UserId, Groups>);
///
/// impl GroupSource for Table {
///     fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
///         let groups = question.user().and_then(|user| self.0.get(user)).cloned().unwrap_or_default();
///         Answer::Now(Ok(Some(groups)))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "this does not return groups; write `|user: Option<UserId>| async move {{ Ok(Some(Groups::none())) }}`",
    label = "expected an async closure from `Option<UserId>` to `Result<Option<Groups>, BoxError>`",
    note = "`authorization::now(…)` and types that implement `GroupSource` return groups, too"
)]
pub trait GroupSource: Send + Sync + 'static {
    /// Returns the groups of the user that the question is about.
    ///
    /// # Errors
    ///
    /// Fails if the groups cannot be determined.
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>>;

    /// Returns whether the groups depend on more than the user: on the request, its credential, or the loaded
    /// user. Such a source is not cached by user.
    ///
    /// The default is `false`.
    fn reads_request(&self) -> bool {
        false
    }

    /// Returns whether this source never blocks a user. Then it does not run if groups cannot affect the
    /// decision.
    ///
    /// The default is `false`.
    fn never_blocks(&self) -> bool {
        false
    }
}

#[diagnostic::do_not_recommend]
impl<F, Fut> GroupSource for F
where
    F: Fn(Option<UserId>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<Groups>, BoxError>> + Send + 'static,
{
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        let user = question.user().cloned();
        // Do not call the closure before the future is polled: its body belongs to the look-up.
        Answer::later(async move { self(user).await })
    }
}

/// A synchronous group source; created by [`now`].
#[derive(Clone, Copy, Debug)]
pub struct Now<F>(F);

/// Creates a source from a synchronous function, which saves an allocation per request.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, Groups, KeyRing, TicketCookie};
/// use auth_runtime::authorization::now;
///
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_groups(now(|user| {
///     Ok(Some(match user {
///         Some(user) if *user == "alice" => Groups::from(["editors"]),
///         _ => Groups::none(),
///     }))
/// }));
/// # let _ = auth;
/// ```
pub const fn now<F>(groups: F) -> Now<F>
where
    F: Fn(Option<&UserId>) -> Result<Option<Groups>, BoxError> + Send + Sync + 'static,
{
    Now(groups)
}

#[diagnostic::do_not_recommend]
impl<F> GroupSource for Now<F>
where
    F: Fn(Option<&UserId>) -> Result<Option<Groups>, BoxError> + Send + Sync + 'static,
{
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        Answer::Now(self.0(question.user()))
    }
}

/// A synchronous group source that sees the request; created by [`by_request`].
#[derive(Clone, Copy, Debug)]
pub struct ByRequest<F>(F);

/// Creates a source from a synchronous function that sees the request, its credential and the loaded user. A
/// source that has to wait implements [`GroupSource`].
///
/// # Example
///
/// A request to the host of a tenant has the groups of its user in that tenant:
///
/// ```
/// use auth_runtime::{AuthLayer, Groups, KeyRing, TicketCookie};
/// use auth_runtime::authorization::{GroupQuestion, by_request};
///
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_groups(by_request(|question: GroupQuestion<'_>| {
///     let host = question.request().and_then(|request| request.headers().get("host").cloned());
///     let is_admin = question.user().is_some_and(|user| *user == "alice") && host.is_some_and(|host| host == "a.example");
///     Ok(Some(if is_admin { Groups::from(["admins"]) } else { Groups::none() }))
/// }));
/// # let _ = auth;
/// ```
pub const fn by_request<F>(groups: F) -> ByRequest<F>
where
    F: Fn(GroupQuestion<'_>) -> Result<Option<Groups>, BoxError> + Send + Sync + 'static,
{
    ByRequest(groups)
}

#[diagnostic::do_not_recommend]
impl<F> GroupSource for ByRequest<F>
where
    F: Fn(GroupQuestion<'_>) -> Result<Option<Groups>, BoxError> + Send + Sync + 'static,
{
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        Answer::Now(self.0(question))
    }

    fn reads_request(&self) -> bool {
        true
    }
}

/// A source that never blocks users; created by [`never_blocks`].
#[derive(Clone, Copy, Debug)]
pub struct NeverBlocks<S>(S);

/// Declares that a source never blocks users, so that it does not run if groups cannot affect the decision.
///
/// # Security
///
/// If the source returns `None` anyway, the user is blocked only for requests that ran the source.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, Groups, KeyRing, TicketCookie, UserId};
/// use auth_runtime::authorization::never_blocks;
///
/// let groups = |_user: Option<UserId>| async move { Ok(Some(Groups::from(["readers"]))) };
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_groups(never_blocks(groups));
/// # let _ = auth;
/// ```
pub const fn never_blocks<S: GroupSource>(source: S) -> NeverBlocks<S> {
    NeverBlocks(source)
}

#[diagnostic::do_not_recommend]
impl<S: GroupSource> GroupSource for NeverBlocks<S> {
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        self.0.groups(question)
    }

    fn reads_request(&self) -> bool {
        self.0.reads_request()
    }

    fn never_blocks(&self) -> bool {
        true
    }
}
