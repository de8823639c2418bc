//! Declares the rules that a resource has itself (object-level authorization): [`Resource`].

use std::{rc::Rc, sync::Arc};

use super::{Name, Rule, Vocabulary};

/// A resource with rules of its own, such as an article with an owner.
///
/// A guard names the argument, `#[acl_required("edit", article)]`, and decides as soon as it is extracted.
/// Anonymous requests are rejected before it is loaded, unless the guard says `anonymous`, as in
/// `#[acl_required("view", article, anonymous)]`; a rule for `Everyone` allows them only behind such a guard.
/// The rules of the resource itself are evaluated first, then those of its [parent](Self::parent), and so on;
/// the first match decides. [`Auth::check_permission`](crate::Auth::check_permission) and its like ask the same
/// question in a handler.
///
/// A list of rules is a resource without a parent: an [`Acl`](crate::Acl), or a `Vec`, array or slice of [`Rule`]s.
/// It declares no permissions.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, Acl, Groups, Name, Permission, Principals, Resource, Rule, User, decide_for};
///
/// const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View])];
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     Edit,
///     Delete,
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
///         [Rule::allow(User(&self.owner), &[Can::Edit, Can::Delete])].into_iter().chain(&ARTICLES)
///     }
/// }
///
/// let article = Article { owner: "alice".to_owned() };
/// let none = Groups::none();
/// assert!(decide_for(&article, Name::Text("edit"), &Principals::user("alice", &none)).is_allow());
/// assert!(!decide_for(&article, Name::Text("edit"), &Principals::user("bob", &none)).is_allow());
/// ```
///
/// # Security
///
/// The compiler compares the permissions of guards with [`Permission`](Self::Permission). It cannot read rules that
/// are made at run time: write variants in them, too, as above. A misspelt text in a `Deny` rule would deny nothing.
#[diagnostic::on_unimplemented(
    message = "this type has no rules; write `impl Resource for` it, or name an ACL such as `ARTICLES` in the guard",
    label = "expected a type that implements `Resource`",
    note = "write `impl Resource for {Self} {{ type Permission = Can; fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {{ … }} }}`"
)]
pub trait Resource {
    /// The permissions that the rules use: an enum with `#[derive(Permission)]`.
    ///
    /// A guard may write a variant, `Can::Edit`, or its name, `"edit"`. Anything else does not build; in a handler it is
    /// a misconfiguration. With `()` no guard builds, and handlers may ask for any permission.
    type Permission: Vocabulary;

    /// The names of the parameters of the route's path that the resource is loaded by, such as `["id"]` for
    /// `/articles/{id}`.
    ///
    /// The default is none. An application does not start if a route with a guard for the resource lacks one of
    /// them: see [`guarded::Router::with_auth`](crate::guarded::Router::with_auth).
    const PATH_PARAMETERS: &'static [&'static str] = &[];

    /// Returns the rules, the most specific first.
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>>;

    /// Returns the parent, whose rules are evaluated if none of this resource's matches: a section, a site.
    ///
    /// The default is none.
    fn parent(&self) -> Option<impl Resource> {
        None::<Orphan>
    }

    /// Returns the id of the user who owns the resource, for the condition [`OWNER`](crate::OWNER) of its rules.
    ///
    /// The default is `None`: a rule that allows under that condition does not fire, and a rule that denies does.
    fn owner(&self) -> Option<&str> {
        None
    }

    /// Returns the tenant that the resource belongs to, for the condition [`TENANT`](crate::TENANT) of its rules.
    ///
    /// The default is `None`: a rule that allows under that condition does not fire, and a rule that denies does.
    fn tenant(&self) -> Option<Name<'_>> {
        None
    }
}

/// The facts of a resource that conditions compare with those of the user.
#[derive(Clone, Copy)]
pub(crate) struct ResourceFacts<'a> {
    pub(crate) owner: Option<&'a str>,
    pub(crate) tenant: Option<Name<'a>>,
}

impl<'a> ResourceFacts<'a> {
    pub(super) fn of(resource: &'a (impl Resource + ?Sized)) -> Self {
        Self { owner: resource.owner(), tenant: resource.tenant() }
    }
}

/// The parent type of a resource without a parent; it has no values.
enum Orphan {}

impl Resource for Orphan {
    type Permission = ();

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        []
    }
}

/// Implements [`Resource`] for a type that derefs to one.
macro_rules! pointers {
    ($([$($bound:tt)*] $pointer:ty),*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<R: Resource + $($bound)*> Resource for $pointer {
                type Permission = R::Permission;

                const PATH_PARAMETERS: &'static [&'static str] = R::PATH_PARAMETERS;

                fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
                    (**self).acl()
                }

                fn parent(&self) -> Option<impl Resource> {
                    (**self).parent()
                }

                fn owner(&self) -> Option<&str> {
                    (**self).owner()
                }

                fn tenant(&self) -> Option<Name<'_>> {
                    (**self).tenant()
                }
            }
        )*
    };
}

pointers!([?Sized] &R, [?Sized] Box<R>, [?Sized] Rc<R>, [?Sized] Arc<R>);
#[cfg(feature = "body-resource")]
pointers!([] axum::Form<R>, [] axum::Json<R>);
#[cfg(feature = "csrf")]
pointers!([] crate::csrf::CsrfForm<R>);
