//! Loads the rules of resources, such as from a database: [`AsyncResource`] and [`Loaded`].

use std::{fmt, ops::Deref};

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{Name, Resource, Rule};

/// A resource whose rules have to be loaded first: [`Loaded`] does so, and is the [`Resource`].
///
/// A guard names an argument of the type `Loaded<Album>`, and a handler asks about `&Loaded::load(album).await?`. The
/// album alone has no rules, so nothing is decided without them.
///
/// # Example
///
/// ```
/// use auth_runtime::{
///     AuthError, Permission, Resource, Rule, User, acl::{AsyncResource, Loaded}, acl_required, guard::Missing,
/// };
/// use axum::{extract::FromRequestParts, http::request::Parts};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
/// }
///
/// /// The users with whom an album is shared.
/// struct Shares(Vec<String>);
///
/// impl Resource for Shares {
///     type Permission = Can;
///
///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
///         self.0.iter().map(|user| Rule::allow(User(user), &[Can::View]))
///     }
/// }
///
/// struct Album {
///     id: u64,
/// }
///
/// impl AsyncResource for Album {
///     type Rules = Shares;
///     type Rejection = AuthError;
///
///     async fn acl(&self) -> Result<Shares, AuthError> {
///         shares_of(self.id).await.map_err(|error| AuthError::dependency("shares", error))
///     }
/// }
///
/// async fn shares_of(album: u64) -> Result<Shares, std::io::Error> {
///     // an application queries its database here
///     Ok(Shares(if album == 1 { vec!["ada".to_owned()] } else { Vec::new() }))
/// }
///
/// impl<S: Send + Sync> FromRequestParts<S> for Album {
///     type Rejection = Missing;
///
///     async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Missing> {
///         Ok(Self { id: 1 })
///     }
/// }
///
/// #[acl_required(Can::View, album)]
/// async fn view(album: Loaded<Album>) -> String {
///     format!("album {}", album.id)
/// }
/// # let _: axum::Router = axum::Router::new().route("/albums/{id}", axum::routing::get(view));
/// ```
pub trait AsyncResource {
    /// The rules, with those of the parents, and the owner and the tenant that their conditions compare with.
    type Rules: Resource;

    /// The response if they cannot be loaded.
    type Rejection: IntoResponse;

    /// The same as [`Resource::PATH_PARAMETERS`].
    const PATH_PARAMETERS: &'static [&'static str] = &[];

    /// Loads the rules.
    ///
    /// # Errors
    ///
    /// Fails with the response of a guard that cannot decide; it is not logged as a decision.
    fn acl(&self) -> impl Future<Output = Result<Self::Rules, Self::Rejection>> + Send;
}

/// A resource with the rules that were loaded for it.
///
/// As an argument of a handler it is extracted as the [`AsyncResource`] is, and then loads its rules.
pub struct Loaded<T: AsyncResource> {
    resource: T,
    rules: T::Rules,
}

impl<T: AsyncResource> Loaded<T> {
    /// Loads the rules of a resource.
    ///
    /// # Errors
    ///
    /// Fails as [`AsyncResource::acl`] does.
    pub async fn load(resource: T) -> Result<Self, T::Rejection> {
        let rules = resource.acl().await?;
        Ok(Self { resource, rules })
    }

    /// Returns the resource.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.resource
    }
}

impl<T: AsyncResource> Deref for Loaded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.resource
    }
}

#[diagnostic::do_not_recommend]
impl<T: AsyncResource> Resource for Loaded<T> {
    type Permission = <T::Rules as Resource>::Permission;

    const PATH_PARAMETERS: &'static [&'static str] = T::PATH_PARAMETERS;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        self.rules.acl()
    }

    fn parent(&self) -> Option<impl Resource> {
        self.rules.parent()
    }

    fn owner(&self) -> Option<&str> {
        self.rules.owner()
    }

    fn tenant(&self) -> Option<Name<'_>> {
        self.rules.tenant()
    }
}

impl<T, S> FromRequestParts<S> for Loaded<T>
where
    T: AsyncResource<Rules: Send> + FromRequestParts<S> + Send,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let resource = T::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        Self::load(resource).await.map_err(IntoResponse::into_response)
    }
}

impl<T, S> FromRequest<S> for Loaded<T>
where
    T: AsyncResource<Rules: Send> + FromRequest<S> + Send,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let resource = T::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Self::load(resource).await.map_err(IntoResponse::into_response)
    }
}

impl<T: AsyncResource<Rules: fmt::Debug> + fmt::Debug> fmt::Debug for Loaded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("resource", &self.resource).field("rules", &self.rules).finish()
    }
}
