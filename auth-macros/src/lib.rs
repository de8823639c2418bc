//! Declares the procedural macros of the `auth-runtime` crate: guard attributes, `acl!`, assertions and
//! derives.
//!
//! An application depends on `auth-runtime`, which re-exports them. Each macro parses, checks and expands.
//! Only the first two steps can fail. One build reports every mistake, and the user's item is kept.

#![forbid(unsafe_code)]
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod acl;
mod acl_argument;
mod acl_vocabulary_macro;
mod assert;
mod attribute_args;
mod attribute_kind;
mod calendar_day;
mod confusables;
mod csrf_form_argument;
mod derive_names;
mod duration;
mod error_expansion;
mod errors;
mod expected_type;
mod guard_attribute;
mod guard_expansion;
mod guard_layer_macros;
mod guards_in_impl;
mod handler;
mod handler_check;
mod handler_response_check;
mod markdown;
mod name;
mod nearest_word;
mod options;
mod parsed_guard;
mod permission_expression;
mod permit_macro;
mod requirement;
mod resource_argument;
mod runtime_paths;
mod rustdoc_line;
mod short_circuit;
mod spec_expansion;
#[cfg(test)]
mod tests;
mod token_text;

use proc_macro::TokenStream;

use crate::{attribute_kind::Kind, name::Noun};

/// Allows only authenticated users to call a handler.
///
/// The guard becomes the handler's first extractor. A rejected request reaches no other extractor, and its
/// body is not read. The rest of the function stays as it is. An anonymous request gets 401.
///
/// # Example
///
/// ```
/// use auth_runtime::{UserId, auth_required};
/// use axum::{Router, routing::get};
///
/// #[auth_required]
/// async fn profile(user: UserId) -> String {
///     format!("hello {user}")
/// }
///
/// let app: Router = Router::new().route("/profile", get(profile));
/// ```
///
#[doc = include_str!("options/options.md")]
///
/// On a `guarded::Router`, `hide` covers the whole path: if every handler of a path is hidden, other methods
/// get 404 too. axum's own router responds to other methods with 405 and `Allow`, which reveals the route.
/// There, route a hidden handler with `axum::routing::any` and check the method in it.
///
/// The attribute adds a line about access to the handler's rustdoc page. The lint `missing_docs`, and macros
/// that read the documentation, do not see that line.
///
/// ```
/// use auth_runtime::{Refusal, auth_required};
/// use axum::http::StatusCode;
///
/// fn teapot(_: &Refusal) -> StatusCode {
///     StatusCode::IM_A_TEAPOT
/// }
///
/// #[auth_required(refusal = teapot)]
/// async fn brew() {}
///
/// #[auth_required(hide)]
/// async fn secret_recipe() {}
/// ```
///
/// # Step-up authentication
///
/// `fresh = "10m"` requires that the user authenticated at most ten minutes ago, for example before a
/// password change or a payment. The duration is a number and `s`, `m`, `h` or `d`: `"30s"`, `"1.5h"`,
/// `"2d"`. An authentication that is exactly that old is accepted. One at an unknown time, or more than a
/// minute in the future, is not.
///
/// `acr = "phr"` requires that the user authenticated in this context, such as with a passkey, and
/// `acr = ["phr", "phrh"]` in one of several. The context is the `acr` of an identity provider or an access token,
/// or what the application has set at the log-in (`LoginOptions::with_acr`). Contexts are compared byte by byte. A
/// credential without a context is rejected.
///
/// A user who has to authenticate again gets 401 or a redirect to the log-in page, with `max_age` and `acr_values`
/// beside the redirect target: the log-in routes of `auth-login` pass them on to the identity provider. The client
/// of an access token gets a challenge with them (RFC 9470, section 3).
///
/// ```
/// use auth_runtime::{UserId, auth_required};
/// use axum::{Router, routing::post};
///
/// #[auth_required(fresh = "10m")]
/// async fn change_password(user: UserId) -> String {
///     format!("{user} has another password")
/// }
///
/// let app: Router = Router::new().route("/password", post(change_password));
/// ```
///
/// Every guard takes these options. The requirement itself comes first: a user who is denied gets that response
/// and is not asked to authenticate again. Anonymous requests are rejected, even if the rules would allow
/// them. With `hide`, an authentication that is too old or too weak gets 404 as well.
///
/// # Together with other attributes
///
/// If a handler has several guards, all of them must allow the request; they run from top to bottom. Other
/// attributes may be above or below, except for `#[axum::debug_handler]`: it checks the arguments and
/// therefore belongs below the guards.
///
/// A handler is an `async fn` of a module, or an associated function of an `impl` block with
/// [`#[guards]`](macro@guards). It may be generic, and it may have up to fifteen arguments, because axum counts the guard as one of sixteen.
/// If there are exactly seven arguments, two of them become a pair, `(a, b): (A, B)`, because clippy accepts
/// seven at most. Only direct calls of the function, for example in a test, see the difference.
///
/// # Security
///
/// A guarded function cannot be called without its guard: only the guard can create its first argument.
#[proc_macro_attribute]
pub fn auth_required(args: TokenStream, item: TokenStream) -> TokenStream {
    guard_attribute::expand(Kind::Auth, args.into(), item.into()).into()
}

/// Allows only callers that have a permission in a constant ACL.
///
/// `#[acl_required(PERMISSION, ACL)]` takes a permission and the name of an `Acl`. A permission is a string,
/// an integer, a variant of an enum with [`derive(Permission)`](macro@Permission), the name of a constant of one
/// of these enums or of text (in capitals, as `EDIT`), or a list of these:
/// `any(…)` requires one of its parts and `all(…)` requires each of them. Lists may be nested. Parts are
/// evaluated from left to right, and only until the result is certain.
///
/// The compiler reads the rules too: a permission that no rule mentions does not compile.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, UserId, acl, acl_required};
/// use axum::{Router, extract::Path, routing::get};
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, ["view"]),
///     (Deny, User("mallory"), ["comment"]),
///     (Allow, Authenticated, ["comment"]),
///     (Allow, Group("editors"), ["comment", "edit"]),
/// ];
///
/// #[acl_required("view", ARTICLES)]
/// async fn view(Path(id): Path<u64>) -> String {
///     format!("article {id}")
/// }
///
/// #[acl_required(any("comment", all("view", "edit")), ARTICLES)]
/// async fn discuss(user: UserId, Path(id): Path<u64>) -> String {
///     format!("{user} on {id}")
/// }
///
/// let app: Router = Router::new().route("/articles/{id}", get(view).post(discuss));
/// ```
///
/// # Resources (object-level authorization)
///
/// The second argument may also name the handler's first argument, if its type is a `Resource`. This prevents
/// broken object-level authorization (BOLA, OWASP API1). The guard authenticates the user, loads the resource
/// and evaluates the resource's own rules; the next extractors run after that.
///
/// ```
/// use auth_runtime::{Permission, Resource, Rule, User, acl_required, guard::Missing};
/// use axum::{Form, Router, extract::FromRequestParts, http::request::Parts, routing::post};
///
/// struct Article {
///     owner: String,
/// }
///
/// impl<S: Send + Sync> FromRequestParts<S> for Article {
///     type Rejection = Missing;
///
///     async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Missing> {
///         // An application looks it up by the id in the path.
///         if parts.uri.path() == "/articles/1" { Ok(Self { owner: "alice".to_owned() }) } else { Err(Missing) }
///     }
/// }
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     Edit,
///     Delete,
/// }
///
/// impl Resource for Article {
///     type Permission = Can;
///
///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
///         [Rule::allow(User(&self.owner), &[Can::Edit, Can::Delete])]
///     }
/// }
///
/// #[acl_required(Can::Edit, article)]
/// async fn edit(article: Article, Form(text): Form<Vec<(String, String)>>) -> String {
///     format!("{} wrote {} fields", article.owner, text.len())
/// }
///
/// let app: Router = Router::new().route("/articles/{id}", post(edit));
/// ```
///
/// An anonymous request is rejected before the resource is loaded. It therefore costs no database query and
/// cannot find out whether the resource exists. If the resource's rules may allow anonymous requests, add
/// `anonymous` to the guard: then the resource is loaded for them too, and its rules decide. The option
/// allows nothing by itself.
///
/// ```
/// # use auth_runtime::{Permission, Resource, Rule, acl, Acl, acl_required, guard::Missing};
/// # use axum::{extract::FromRequestParts, http::request::Parts};
/// # struct Article;
/// # impl<S: Send + Sync> FromRequestParts<S> for Article {
/// #     type Rejection = Missing;
/// #     async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> { Ok(Self) }
/// # }
/// const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View])];
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
/// }
///
/// impl Resource for Article {
///     type Permission = Can;
///
///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
///         &ARTICLES
///     }
/// }
///
/// #[acl_required(Can::View, article, anonymous)]
/// async fn view(article: Article) {
///     # let _ = article;
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(view));
/// ```
///
/// The permission has to be one of those that the resource declares, [`Resource::Permission`]: a variant, or its
/// name, `"edit"`. Another one is a compile error at that permission, or, if the type of the resource depends on a
/// generic of the handler, where the handler is used.
///
/// [`Resource::Permission`]: ../auth_runtime/trait.Resource.html#associatedtype.Permission
///
/// The argument may have lint attributes only. A `cfg` on it would remove the guard as well; put `cfg` on the
/// whole handler.
///
/// # Compile errors
///
/// A misspelt permission is a compile error at that permission:
///
/// ```compile_fail
/// # use auth_runtime::{Acl, acl, acl_required};
/// # const ARTICLES: Acl = acl![(Allow, Everyone, ["edit"])];
/// #[acl_required("edt", ARTICLES)] // no rule of `ARTICLES` mentions the permission `edt`
/// async fn edit() {}
/// # fn main() { let _: axum::Router = axum::Router::new().route("/", axum::routing::get(edit)); }
/// ```
///
/// # Replacing an ACL (shadow)
///
/// `shadow = ACL` evaluates a second ACL as well. The first ACL decides. If the second one would have decided
/// differently, the event `shadow` is logged ([`events`](../auth_runtime/events/index.html)), and the access
/// table lists the callers with a new decision. The shadow never changes the response. Groups are looked up
/// if either ACL needs them. The shadow has to mention the permission; to deny it to all callers, write a
/// `Deny` rule for `Everyone`.
///
/// ```
/// use auth_runtime::{Acl, acl, acl_required};
///
/// const ARTICLES: Acl = acl![(Allow, Authenticated, ["edit"])];
/// const ARTICLES_NEXT: Acl = acl![(Allow, Group("editors"), ["edit"])];
///
/// #[acl_required("edit", ARTICLES, shadow = ARTICLES_NEXT)]
/// async fn edit() {}
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(edit));
/// ```
///
/// Options come last. They, and combinations with other attributes, are described at
/// [`auth_required`](macro@auth_required#options).
#[proc_macro_attribute]
pub fn acl_required(args: TokenStream, item: TokenStream) -> TokenStream {
    guard_attribute::expand(Kind::Acl, args.into(), item.into()).into()
}

/// Allows only callers that have a permission by the application's `AuthorizationPolicy`.
///
/// A permission is a variant of an enum with [`derive(Permission)`](macro@Permission), or the name of a constant
/// (in capitals, as `EDIT`) that holds one: a misspelt permission does not build. `any(…)` and `all(…)` combine
/// permissions, as in [`acl_required`](macro@acl_required). The policy states in its `type Permission` for which enum
/// it answers. A `guarded::Router` does not start with a policy for another enum; on axum's router the guard responds
/// with 500 then.
///
/// # Example
///
/// ```
/// use auth_runtime::{Permission, permission_required};
/// use axum::{Router, routing::post};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     Publish,
///     Notify,
/// }
///
/// #[permission_required(all(Can::Publish, Can::Notify))]
/// async fn publish() -> &'static str {
///     "published"
/// }
///
/// let app: Router = Router::new().route("/publish", post(publish));
/// ```
///
/// # Compile errors
///
/// ```compile_fail
/// # use auth_runtime::{Permission, permission_required};
/// # #[derive(Clone, Copy, Permission)]
/// # enum Can { Publish }
/// #[permission_required(Can::Publsh)] // there is a variant with a similar name: `Publish`
/// async fn publish() {}
/// ```
///
/// Text is not accepted: nothing would tell the compiler which texts the policy knows.
///
/// Options come last. They, and combinations with other attributes, are described at
/// [`auth_required`](macro@auth_required#options).
#[proc_macro_attribute]
pub fn permission_required(args: TokenStream, item: TokenStream) -> TokenStream {
    guard_attribute::expand(Kind::Permission, args.into(), item.into()).into()
}

/// Allows only requests whose access token has these scopes (RFC 6749, section 3.3).
///
/// `#[scope_required("a", "b")]` requires all that are listed; `any(…)` requires one of its parts, `all(…)`
/// requires each of them, and lists may be nested. Scopes are compared whole and byte by byte: `articles` is
/// not `articles:read`.
///
/// An anonymous request gets 401. A request gets 403 and a challenge that names the scopes (RFC 6750, section
/// 3.1) if its token lacks them, or if its credential has no scopes, such as a cookie. The challenge names
/// the smallest sufficient set of scopes; of several, the first as written.
///
/// # Example
///
/// ```
/// use auth_runtime::{UserId, scope_required};
/// use axum::{Router, extract::Path, routing::get};
///
/// #[scope_required("articles:read")]
/// async fn view(Path(id): Path<u64>) -> String {
///     format!("article {id}")
/// }
///
/// #[scope_required("articles:read", any("articles:write", "admin"))]
/// async fn edit(user: UserId, Path(id): Path<u64>) -> String {
///     format!("{user} edits {id}")
/// }
///
/// let app: Router = Router::new().route("/articles/{id}", get(view).put(edit));
/// ```
///
/// # Security
///
/// A scope limits what the client may do in the user's name; it does not say what the user may do. If both
/// matter, add a second guard: both must allow the request.
///
/// ```
/// # use auth_runtime::{Acl, acl, acl_required, scope_required};
/// # const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];
/// #[scope_required("articles:write")]
/// #[acl_required("edit", ARTICLES)]
/// async fn edit() {}
/// ```
///
/// Options come last. They, and combinations with other attributes, are described at
/// [`auth_required`](macro@auth_required#options).
#[proc_macro_attribute]
pub fn scope_required(args: TokenStream, item: TokenStream) -> TokenStream {
    guard_attribute::expand(Kind::Scope, args.into(), item.into()).into()
}

/// Declares that a handler is public on purpose.
///
/// It allows every request. It documents the decision for readers, for the access table, and for routers that
/// accept guarded handlers only. It cannot be combined with a guard. Its options are described at
/// [`auth_required`](macro@auth_required#options).
///
/// # Example
///
/// ```
/// use auth_runtime::allow_anonymous;
/// use axum::{Router, routing::get};
///
/// #[allow_anonymous]
/// async fn imprint() -> &'static str {
///     "who we are"
/// }
///
/// #[allow_anonymous(reason = "the exhibition is open to everybody", until = "2027-01-31")]
/// async fn exhibition() -> &'static str {
///     "what we show"
/// }
///
/// let app: Router = Router::new().route("/imprint", get(imprint)).route("/exhibition", get(exhibition));
/// ```
#[proc_macro_attribute]
pub fn allow_anonymous(args: TokenStream, item: TokenStream) -> TokenStream {
    guard_attribute::expand(Kind::Anonymous, args.into(), item.into()).into()
}

/// Lets the associated functions of an `impl` block have guards.
///
/// A guard generates a type, and an `impl` block cannot hold one. This attribute puts the types of all guards in
/// the block before it. Functions without a guard stay as they are. `Self` may be used in arguments and bodies;
/// the guards themselves name constants that are the same for every call.
///
/// Logs and the access table show the handlers as `Articles::edit`.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, acl, acl_required, auth_required, guards};
/// use axum::{Router, extract::{Path, State}, routing::get};
///
/// const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
///
/// #[derive(Clone)]
/// struct Articles {
///     title: String,
/// }
///
/// #[guards]
/// impl Articles {
///     #[acl_required("view", ARTICLES)]
///     async fn view(State(articles): State<Self>, Path(id): Path<u64>) -> String {
///         format!("{} {id}", articles.title)
///     }
///
///     #[auth_required(fresh = "10m")]
///     #[acl_required("edit", ARTICLES)]
///     async fn edit(Path(id): Path<u64>) -> String {
///         format!("article {id} has changed")
///     }
/// }
///
/// let app: Router<Articles> = Router::new().route("/articles/{id}", get(Articles::view).put(Articles::edit));
/// ```
///
/// # Limits
///
/// The attribute finds guards by their names, so a guard that was imported under another name, or that
/// `cfg_attr` adds, is left in place and does not compile there. An attribute of another crate with the
/// name of a guard does not compile either. Functions with `self` are not handlers, and the
/// functions of a trait have fixed arguments: both are compile errors.
#[proc_macro_attribute]
pub fn guards(args: TokenStream, item: TokenStream) -> TokenStream {
    guards_in_impl::expand(&args.into(), item.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn acl_impl(input: TokenStream) -> TokenStream {
    acl::expand(input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn acl_assert_impl(input: TokenStream) -> TokenStream {
    assert::expand(input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn group_hierarchy_impl(input: TokenStream) -> TokenStream {
    acl::hierarchy_macros::expand(Noun::Group, input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn acl_assert_no_wider_impl(input: TokenStream) -> TokenStream {
    assert::expand_no_wider(input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn implied_permissions_impl(input: TokenStream) -> TokenStream {
    acl::hierarchy_macros::expand(Noun::Permission, input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn acl_vocabulary_impl(input: TokenStream) -> TokenStream {
    acl_vocabulary_macro::expand(input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn guard_layer_impl(input: TokenStream) -> TokenStream {
    guard_layer_macros::expand(input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn permit_impl(input: TokenStream) -> TokenStream {
    permit_macro::expand(input.into()).into()
}

/// Implements `Permission` for an enum: each variant becomes a permission.
///
/// A permission is named after its variant, in snake case: `ReadAll` is `read_all`. `#[permission(name =
/// "…")]` sets another name. The variants have no fields, and no two of them share a name. `#[permission(crate = path)]` on the enum sets the path of `auth_runtime`, where `Cargo.toml` does not
/// name it.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, Permission, acl, acl_required};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     #[permission(name = "write")]
///     Edit,
/// }
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, [Can::View]),
///     (Allow, Group("editors"), [Can::View, Can::Edit]),
/// ];
///
/// #[acl_required(Can::Edit, ARTICLES)]
/// async fn edit() {}
///
/// assert_eq!(Can::Edit.name(), auth_runtime::Name::Text("write"));
/// ```
#[proc_macro_derive(Permission, attributes(permission))]
pub fn derive_permission(input: TokenStream) -> TokenStream {
    derive_names::expand(Noun::Permission, input.into()).into()
}

/// Implements `Group` for an enum: each variant becomes a group.
///
/// A group is named after its variant, in snake case: `NightShift` is `night_shift`. `#[group(name = "…")]`
/// sets another name. The variants have no fields, and no two of them share a name.
/// `#[group(crate = path)]` on the enum sets the path of `auth_runtime`, where `Cargo.toml` does not
/// name it.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, Group, acl};
///
/// #[derive(Clone, Copy, Group)]
/// enum Role {
///     Editor,
///     #[group(name = "root")]
///     Admin,
/// }
///
/// const ARTICLES: Acl = acl![
///     (Allow, Group(Role::Editor), ["edit"]),
///     (Allow, Group(Role::Admin), ALL),
/// ];
/// assert_eq!(ARTICLES.rules().len(), 2);
/// ```
#[proc_macro_derive(Group, attributes(group))]
pub fn derive_group(input: TokenStream) -> TokenStream {
    derive_names::expand(Noun::Group, input.into()).into()
}
