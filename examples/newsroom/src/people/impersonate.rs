//! Impersonation: support sees the newsroom as another person does, and cannot change that person's account.

use auth_runtime::{Auth, AuthError, Resource, Rule, acl_required, auth_required, guard::Missing};
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
    response::{IntoResponse as _, Redirect, Response},
};

use super::person::{self, Person};
use crate::{
    Role,
    error::Failure,
    roles::{Can, NEWSROOM},
    state::Newsroom,
};

/// The person of the path, as an object with rules.
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) person: Person,
}

impl Resource for Target {
    type Permission = Can;

    const PATH_PARAMETERS: &'static [&'static str] = &["id"];

    /// Support impersonates neither chiefs nor support, and a chief manages other people only, so that a
    /// chief remains.
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        let may_be_impersonated =
            matches!(self.person.role(), Some(Role::Reader | Role::Author | Role::Editor));
        let protected = Rule::deny(auth_runtime::Everyone, &[Can::Impersonate]).with_id("not-impersonated");
        let own = Rule::deny(auth_runtime::User(&self.id), &[Can::ManagePeople]).with_id("own-account");
        (!may_be_impersonated).then_some(protected).into_iter().chain([own]).chain(&NEWSROOM)
    }
}

impl FromRequestParts<Newsroom> for Target {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, newsroom: &Newsroom) -> Result<Self, Response> {
        let path = Path::<String>::from_request_parts(parts, newsroom).await;
        let Path(id) = path.map_err(|_| Missing.into_response())?;
        match person::find(&newsroom.store, &id).await {
            Ok(Some(person)) => Ok(Self { id, person }),
            Ok(None) => Err(Missing.into_response()),
            Err(error) => Err(Failure::from(error).into_response()),
        }
    }
}

/// Rejects requests of support in another person's name: an argument of handlers that change an account.
pub(crate) struct OwnAccount;

impl FromRequestParts<Newsroom> for OwnAccount {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, newsroom: &Newsroom) -> Result<Self, AuthError> {
        let Ok(auth) = Auth::from_request_parts(parts, newsroom).await else {
            return Err(AuthError::forbidden());
        };
        match auth.actor().await? {
            None => Ok(Self),
            Some(_) => Err(AuthError::forbidden()),
        }
    }
}

#[acl_required(Can::Impersonate, target, fresh = "10m")]
pub(crate) async fn begin(target: Target, auth: Auth) -> Result<Redirect, AuthError> {
    auth.impersonate(&target.id).await?;
    Ok(Redirect::to("/"))
}

#[auth_required]
pub(crate) async fn end(auth: Auth) -> Result<Redirect, AuthError> {
    auth.stop_impersonating().await?;
    Ok(Redirect::to("/people?done=impersonation-ended"))
}
