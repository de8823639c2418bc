//! Loads the application's users: the trait [`UserLoader`].

use std::{fmt, marker::PhantomData, str::FromStr, sync::Arc};

use crate::{BoxError, answer_future::Answer, clock::UnixTime, events, identity::UserId};

/// Loads users of the application's type by their ids.
///
/// Async closures from `UserId` implement it.
///
/// - `Ok(Some(user))`: the user.
/// - `Ok(None)`: the user does not exist (any more). The request is anonymous, and its credential is removed.
/// - `Err`: the user could not be loaded. The request gets 503 (fail closed), and the error is logged.
///
/// It runs at most once per request.
///
/// # Example
///
/// ```
/// use auth_runtime::{Answer, users::UserLoader, BoxError, UserId};
/// use std::{collections::HashMap, sync::Arc};
///
/// struct Person {
///     name: String,
/// }
///
/// /// As a type, a loader can hold a pool of connections.
/// struct People(HashMap<UserId, Arc<Person>>);
///
/// impl UserLoader for People {
///     type User = Person;
///
///     fn load<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Arc<Person>>, BoxError>> {
///         Answer::Now(Ok(self.0.get(user).cloned()))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "this does not load users; write `|user: UserId| async move {{ Ok(Some(…)) }}`",
    label = "expected an async closure from `UserId` to `Result<Option<U>, BoxError>`",
    note = "`users::by_id(…)` and types that implement `UserLoader` load users, too"
)]
pub trait UserLoader: Send + Sync + 'static {
    /// The application's user type.
    type User: Send + Sync + 'static;

    /// Returns the user, at once or later.
    ///
    /// # Errors
    ///
    /// Fails if the user cannot be determined; an error is never taken for "no such user".
    fn load<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Arc<Self::User>>, BoxError>>;

    /// Returns whether the user is disabled: everything is denied. The default is `false`.
    fn is_disabled(&self, user: &Self::User) -> bool {
        let _ = user;
        false
    }

    /// Returns the creation time of the user. Credentials from before belong to an earlier user with the same
    /// id and are not accepted. The default is `None`: ids are never reused.
    fn created_at(&self, user: &Self::User) -> Option<UnixTime> {
        let _ = user;
        None
    }

    /// Returns whether the user is loaded only for handlers that take a `CurrentUser`. The default is
    /// `false`: guards reject users that no longer exist.
    fn is_on_demand(&self) -> bool {
        false
    }
}

#[diagnostic::do_not_recommend]
impl<F, Fut, U> UserLoader for F
where
    F: Fn(UserId) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<U>, BoxError>> + Send + 'static,
    U: Send + Sync + 'static,
{
    type User = U;

    fn load<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Arc<U>>, BoxError>> {
        Answer::later(async move { Ok(self(user.clone()).await?.map(Arc::new)) })
    }
}

/// A loader by typed ids; created by [`by_id`].
pub struct ById<F, T> {
    load: F,
    id: PhantomData<fn(T)>,
}

/// Creates a loader from an async closure that takes the application's type of ids, such as `i64` or `Uuid`.
///
/// A user id that is not in the type's canonical form does not exist: `01` is not the id 1.
///
/// # Example
///
/// ```
/// use auth_runtime::users::by_id;
///
/// struct Person;
///
/// let loader = by_id(|id: i64| async move { Ok((id == 7).then_some(Person)) });
/// # let _ = auth_runtime::users::Users::new(loader);
/// ```
pub const fn by_id<T, F, Fut, U>(load: F) -> ById<F, T>
where
    T: FromStr + fmt::Display + 'static,
    F: Fn(T) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<U>, BoxError>> + Send + 'static,
    U: Send + Sync + 'static,
{
    ById { load, id: PhantomData }
}

#[diagnostic::do_not_recommend]
impl<T, F, Fut, U> UserLoader for ById<F, T>
where
    T: FromStr + fmt::Display + Send + 'static,
    F: Fn(T) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<U>, BoxError>> + Send + 'static,
    U: Send + Sync + 'static,
{
    type User = U;

    fn load<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Arc<U>>, BoxError>> {
        match user.parse_as::<T>() {
            Ok(id) => Answer::later(async move { Ok((self.load)(id).await?.map(Arc::new)) }),
            Err(error) => {
                events::bad_credential(&error);
                Answer::Now(Ok(None))
            }
        }
    }
}

impl<F, T> fmt::Debug for ById<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ById").finish_non_exhaustive()
    }
}
