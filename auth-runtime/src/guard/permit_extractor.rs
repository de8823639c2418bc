//! Proves to a handler that a guard has allowed the request: [`Permit`].

use std::{fmt, marker::PhantomData, ops::Deref};

use axum::{extract::FromRequestParts, response::Response};
use http::request::Parts;

use super::{
    GuardSpec, ResourceRequired, ShowGuard, Spec, argument_guard_trait::load_and_judge, enforce::enforce,
};
use crate::{
    acl::{Resource, ResourceDeclaration},
    guard_probe::{Probe, ProbeAnswer},
};

/// A proof that the request's user may do what `P` says, which only a guard can construct.
///
/// As an argument of a handler it *is* a guard; make it the first one. A function of the data layer that
/// takes a `&Permit<P>` cannot be called without that guard. With a second type, `Permit<P, Article>` loads
/// the resource, decides by its [own rules](Resource), and carries it, so the resource that was checked is
/// the one that is changed (object-level authorization). It is loaded for users only, unless the permit is
/// declared with `anonymous`.
///
/// [`permit!`](crate::permit!) declares the first type.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, guard::Permit, permit, Acl};
/// use axum::{Router, extract::Path, routing::delete};
///
/// const ARTICLES: Acl = acl![(Allow, Group("admins"), ["delete"])];
///
/// permit! {
///     /// May delete articles
///     pub struct MayDelete = "delete" in ARTICLES;
/// }
///
/// /// The data layer wants to see the permit.
/// fn delete_row(_permit: &Permit<MayDelete>, _id: u64) {}
///
/// async fn delete_article(permit: Permit<MayDelete>, Path(id): Path<u64>) {
///     delete_row(&permit, id);
/// }
///
/// let app: Router = Router::new().route("/articles/{id}", delete(delete_article));
/// ```
///
/// # Security
///
/// A permit reflects the decision at the time it was made. It cannot be cloned; do not keep it for another
/// request.
pub struct Permit<P: PermitFor<T>, T = ()> {
    resource: T,
    proof: PhantomData<fn() -> P>,
}

/// Declares that a permit for `Self` exists for `T`; for `()` if a constant list decides.
#[diagnostic::on_unimplemented(
    message = "no guard makes this permit; write `Permit<…>` if its `permit!` names an ACL, and `Permit<…, Article>` if not",
    label = "no guard makes this permit",
    note = "declared with an ACL, `struct MayDelete = \"delete\" in ARTICLES;`, it is a `Permit<MayDelete>`",
    note = "declared without one, `struct MayEdit = \"edit\";`, it is a `Permit<MayEdit, Article>`, where `Article` is a `Resource`"
)]
pub trait PermitFor<T>: GuardSpec {
    /// What is known about `T`, whose rules the guard evaluates.
    #[doc(hidden)]
    const RESOURCE: Option<ResourceDeclaration> = None;
}

impl<P: PermitFor<T>, T: 'static> GuardSpec for Permit<P, T> {
    const SPEC: &'static Spec = P::SPEC;
    const REJECTS_ANONYMOUS: bool = P::REJECTS_ANONYMOUS;

    fn each(_: Option<ResourceDeclaration>, show: &mut ShowGuard<'_>) {
        P::each(P::RESOURCE, show);
    }
}

impl<P: PermitFor<()>, S: Send + Sync> FromRequestParts<S> for Permit<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        enforce(parts, P::SPEC).await?;
        Probe::end(parts, ProbeAnswer::Passed)?;
        Ok(Self::new(()))
    }
}

impl<P, T, S> FromRequestParts<S> for Permit<P, T>
where
    P: PermitFor<T>,
    T: FromRequestParts<S> + Resource + Send + 'static,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        load_and_judge::<ResourceRequired<P, T>, S>(parts, state).await.map(|guard| Self::new(guard.value))
    }
}

impl<P: PermitFor<T>, T: Resource> Permit<P, T> {
    /// Returns the resource, and consumes the proof.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.resource
    }
}

impl<P: PermitFor<T>, T: Resource> Deref for Permit<P, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.resource
    }
}

impl<P: PermitFor<T>, T> Permit<P, T> {
    /// The caller has let the request pass, or is a test.
    pub(crate) const fn new(resource: T) -> Self {
        Self { resource, proof: PhantomData }
    }
}

impl<P: PermitFor<T>, T> fmt::Debug for Permit<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Permit")
    }
}
