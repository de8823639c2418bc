//! Extracts the application's own user in handlers: [`CurrentUser`] and [`CurrentUserId`].

use std::{
    any::{Any, type_name},
    fmt,
    ops::Deref,
    str::FromStr,
    sync::Arc,
};

use auth_identity::__private::Account;
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::Response,
};
use http::request::Parts;

use super::{
    AuthError,
    auth_extractor::{find_user, refuse},
    request_state::RequestState,
};
use crate::{events, identity::UserId};

/// The signed-in user as an object of the application, loaded by
/// [`AuthLayer::with_users`](crate::AuthLayer::with_users).
///
/// An anonymous request is rejected with 401, and one of a disabled user with 403. `Option<CurrentUser<U>>`
/// accepts every request, and is `None` for a disabled user. The user is loaded at most once per request,
/// however many extractors there are.
///
/// # Example
///
/// ```
/// use auth_runtime::CurrentUser;
///
/// struct Person {
///     name: String,
/// }
///
/// async fn greet(person: Option<CurrentUser<Person>>) -> String {
///     person.map_or_else(|| "hello, guest".to_owned(), |person| format!("hello {}", person.name))
/// }
/// ```
pub struct CurrentUser<U>(pub Arc<U>);

impl<U> Clone for CurrentUser<U> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<U> Deref for CurrentUser<U> {
    type Target = U;

    fn deref(&self) -> &U {
        &self.0
    }
}

impl<U: fmt::Debug> fmt::Debug for CurrentUser<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CurrentUser").field(&self.0).finish()
    }
}

impl<S: Send + Sync, U: Any + Send + Sync> FromRequestParts<S> for CurrentUser<U> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        match find_account::<U>(parts).await? {
            None => Err(refuse(parts, AuthError::unauthenticated())),
            Some((_, true)) => Err(refuse(parts, AuthError::forbidden())),
            Some((user, false)) => Ok(Self(user)),
        }
    }
}

impl<S: Send + Sync, U: Any + Send + Sync> OptionalFromRequestParts<S> for CurrentUser<U> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Response> {
        let found = find_account::<U>(parts).await?;
        Ok(found.filter(|(_, disabled)| !disabled).map(|(user, _)| Self(user)))
    }
}

/// Returns the user, and whether they are blocked.
async fn find_account<U: Any + Send + Sync>(parts: &Parts) -> Result<Option<(Arc<U>, bool)>, Response> {
    let state = RequestState::of(parts)?;
    let wanted = type_name::<U>();
    let found = async {
        state.identify(parts).await?;
        let Some(users) = &state.config().users else {
            return Err(AuthError::misconfigured(&format!(
                "a handler takes `CurrentUser<{wanted}>`, but the layer loads no users; add `AuthLayer::with_users`"
            )));
        };
        let account = state.ask(async |facts, config| Ok(facts.load_account(config).await?.cloned())).await?;
        let Some(Account { user, disabled, .. }) = account else { return Ok(None) };
        let user = user.downcast::<U>().map_err(|_| {
            AuthError::misconfigured(&format!(
                "a handler takes `CurrentUser<{wanted}>`, but `AuthLayer::with_users` loads `{}`",
                users.user_type()
            ))
        })?;
        Ok(Some((user, disabled)))
    };
    found.await.map_err(|error| refuse(parts, error))
}

/// The signed-in user's id, parsed into the application's own type, such as `i64` or `Uuid`.
///
/// An anonymous request is rejected with 401, and so is one whose user id does not parse, since it cannot
/// belong to a user of the application. `Option<CurrentUserId<T>>` accepts every request, and is `None` for
/// both.
///
/// # Example
///
/// ```
/// use auth_runtime::{CurrentUserId, auth_required};
///
/// #[auth_required]
/// async fn orders(CurrentUserId(customer): CurrentUserId<i64>) -> String {
///     format!("orders of customer {customer}")
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CurrentUserId<T>(pub T);

impl<S: Send + Sync, T: FromStr + fmt::Display> FromRequestParts<S> for CurrentUserId<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        match find_user(parts).await?.as_ref().and_then(typed) {
            Some(id) => Ok(Self(id)),
            None => Err(refuse(parts, AuthError::unauthenticated())),
        }
    }
}

impl<S: Send + Sync, T: FromStr + fmt::Display> OptionalFromRequestParts<S> for CurrentUserId<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Response> {
        Ok(find_user(parts).await?.as_ref().and_then(typed).map(Self))
    }
}

fn typed<T: FromStr + fmt::Display>(user: &UserId) -> Option<T> {
    user.parse_as().inspect_err(|error| events::bad_credential(error)).ok()
}
