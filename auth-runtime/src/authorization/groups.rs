//! Where a user's groups come from.

use crate::{BoxError, acl::Groups, answer::Answer, identity::UserId};

/// Tells the groups of a user.
///
/// An async closure from `Option<UserId>` is one; `None` asks for the groups of an anonymous request.
///
/// - `Ok(Some(groups))`: these are the groups.
/// - `Ok(None)`: this user is barred; everything is denied, even what everyone may.
/// - `Err`: the question could not be answered; the request is answered with 503, and the error is logged.
///
/// It is asked at most once per request, and only when a rule that could decide needs groups or the source might
/// [bar](Self::never_bars) the user.
///
/// # Example
///
/// ```
/// use auth_runtime::{Answer, BoxError, Groups, UserId};
/// use auth_runtime::authorization::GroupSource;
/// use std::collections::HashMap;
///
/// /// As a type, a source can hold a pool of connections or a cache.
/// struct Table(HashMap<UserId, Groups>);
///
/// impl GroupSource for Table {
///     fn groups<'a>(&'a self, user: Option<&'a UserId>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
///         let groups = user.and_then(|user| self.0.get(user)).cloned().unwrap_or_default();
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
    /// Returns the groups of `user`.
    fn groups<'a>(&'a self, user: Option<&'a UserId>) -> Answer<'a, Result<Option<Groups>, BoxError>>;

    /// Returns whether this source is known to bar nobody; then it is not asked where groups cannot matter.
    ///
    /// The default is `false`.
    fn never_bars(&self) -> bool {
        false
    }
}

impl<F, Fut> GroupSource for F
where
    F: Fn(Option<UserId>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<Groups>, BoxError>> + Send + 'static,
{
    fn groups<'a>(&'a self, user: Option<&'a UserId>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        let user = user.cloned();
        // The closure's own part belongs to the look-up too: it is not entered before the answer is wanted.
        Answer::later(async move { self(user).await })
    }
}

/// A source that answers at once; made by [`now`].
#[derive(Clone, Copy, Debug)]
pub struct Now<F>(F);

/// Makes a source of a function that need not wait, which spares each request an allocation.
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
    fn groups<'a>(&'a self, user: Option<&'a UserId>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        Answer::Now(self.0(user))
    }
}

/// A source that bars nobody; made by [`never_bars`].
#[derive(Clone, Copy, Debug)]
pub struct NeverBars<S>(S);

/// Declares that a source bars nobody, so that it is not asked where groups cannot matter.
///
/// # Security
///
/// If the source answers `None` after all, the user is barred where it was asked, and only there.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, Groups, KeyRing, TicketCookie, UserId};
/// use auth_runtime::authorization::never_bars;
///
/// let groups = |_user: Option<UserId>| async move { Ok(Some(Groups::from(["readers"]))) };
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_groups(never_bars(groups));
/// # let _ = auth;
/// ```
pub const fn never_bars<S: GroupSource>(source: S) -> NeverBars<S> {
    NeverBars(source)
}

#[diagnostic::do_not_recommend]
impl<S: GroupSource> GroupSource for NeverBars<S> {
    fn groups<'a>(&'a self, user: Option<&'a UserId>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        self.0.groups(user)
    }

    fn never_bars(&self) -> bool {
        true
    }
}
