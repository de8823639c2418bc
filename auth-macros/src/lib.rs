//! Implementation detail of the `auth-runtime` crate; see there.
//!
//! Each macro goes the same way: parse, check, expand. Only the first two can fail, everything that is
//! wrong is reported in one run, and the user's item survives.

#![forbid(unsafe_code)]
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod access;
mod acl;
mod args;
mod assert;
mod check;
mod date;
mod derive;
mod duration;
mod errors;
mod expand;
mod fallback;
mod guard;
mod handler;
mod letters;
mod name;
mod options;
mod paths;
mod permission;
mod permit;
mod program;
mod resource;
mod rule;
mod spec;
mod suggest;
#[cfg(test)]
mod tests;
mod text;
mod vocabulary;

use proc_macro::TokenStream;

use crate::{name::Noun, rule::Kind};

/// Lets only signed-in users call a handler.
///
/// The guard becomes the handler's first extractor: nothing of the body is read, and no other extractor
/// runs, for a request that is refused. The rest of the function stays as it is. An anonymous request is
/// answered with 401.
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
/// # Options
///
/// They come in any order.
///
/// | option | meaning |
/// |---|---|
/// | `fresh = "10m"` | the user logged in at most this long ago |
/// | `hide` | refuses with 404, so that nobody learns that there is something |
/// | `refusal = path::to::function` | answers with what this `fn(&Refusal) -> impl IntoResponse` returns |
/// | `crate = path` | where `auth_runtime` is, if it is known by another name |
///
/// On a `guarded::Router`, `hide` covers the whole path: where every handler of a path is hidden, other methods answer 404, too.
/// Axum's own router answers other methods with 405 and `Allow`, which tells that there is something; there, route a hidden
/// handler with `axum::routing::any` and check the method in it.
///
/// The attribute adds a line about access to what rustdoc shows of the handler, and to nothing else: the lint about missing
/// documentation and macros that read the function see the documentation as it was written.
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
/// # Recent log-ins
///
/// `fresh = "10m"` lets only those pass who proved who they are at most ten minutes ago: before a password is changed or
/// money is sent, say. The time is a number and `s`, `m`, `h` or `d`: `"30s"`, `"1.5h"`, `"2d"`. Exactly that long ago
/// is still recent enough; a log-in at a time that is not known, or that lies more than a minute ahead, is not recent at all. Whoever has to log in
/// again is answered with 401, or sent to the log-in page, and an access token's client is told by a challenge
/// (RFC 9470, section 3) how old the log-in may be.
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
/// Every guard takes this option. Whoever may not do what is asked for is refused for that, and is not asked to log in
/// again; an anonymous request is refused even where the rules would let it pass. Beside `hide`, a log-in that is too
/// old is answered with 404 like everything else.
///
/// # Together with other attributes
///
/// Several guards on one handler must all pass; the upper one is asked first. Other attributes may stand
/// above or below, except for `#[axum::debug_handler]`, which looks at the arguments and therefore
/// stands below the guards.
///
/// A handler is a free `async fn`, because there is no place inside an `impl` block for the type that the
/// guard is made of. It may be generic, and it may have up to fifteen arguments, because axum counts the
/// guard as one of sixteen. Of exactly seven arguments two become a pair, `(a, b): (A, B)`, since eight are too many for
/// clippy; only a direct call of the function, in a test for example, sees the difference.
///
/// # Security
///
/// A guarded function cannot be called around its guard: its first argument is a value that only the
/// guard makes.
#[proc_macro_attribute]
pub fn auth_required(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::expand(Kind::Auth, args.into(), item.into()).into()
}

/// Lets only those call a handler to whom a constant ACL grants a permission.
///
/// `#[acl_required(PERMISSION, CONTEXT)]` takes a permission and the name of an `Acl`. A permission is a
/// string, an integer, a variant of an enum with [`derive(Permission)`](macro@Permission), or a list of
/// these: `any(…)` asks for one of its parts, `all(…)` for each of them, and lists may be nested. Parts are
/// asked from left to right, and only until the outcome is certain.
///
/// The compiler reads the rules, too: a permission that none of them mentions does not build.
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
/// # Rules of a thing's own
///
/// In the place of the context there may be the handler's first argument, if its type is a `Resource`: the user is found, the
/// resource is loaded, its own rules decide, and only then comes the next argument's turn.
///
/// ```
/// use auth_runtime::{Resource, Rule, User, acl_required, guard::Missing};
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
/// impl Resource for Article {
///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
///         [Rule::allow(User(&self.owner), &["edit", "delete"])]
///     }
/// }
///
/// #[acl_required("edit", article)]
/// async fn edit(article: Article, Form(text): Form<Vec<(String, String)>>) -> String {
///     format!("{} wrote {} fields", article.owner, text.len())
/// }
///
/// let app: Router = Router::new().route("/articles/{id}", post(edit));
/// ```
///
/// An anonymous request is rejected before the resource is loaded: it costs no look-up, and cannot find out whether the resource
/// exists. Where the resource's rules may allow anonymous requests, the guard says `anonymous`: then the resource is loaded for
/// them too, and its rules decide. The option allows nothing by itself.
///
/// ```
/// # use auth_runtime::{Resource, Rule, acl, Acl, acl_required, guard::Missing};
/// # use axum::{extract::FromRequestParts, http::request::Parts};
/// # struct Article;
/// # impl<S: Send + Sync> FromRequestParts<S> for Article {
/// #     type Rejection = Missing;
/// #     async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> { Ok(Self) }
/// # }
/// const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];
///
/// impl Resource for Article {
///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
///         &ARTICLES
///     }
/// }
///
/// #[acl_required("view", article, anonymous)]
/// async fn view(article: Article) {
///     # let _ = article;
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(view));
/// ```
///
/// The argument has no attributes but lint levels. One under `cfg` would take the guard away with it; put `cfg` on the whole
/// handler.
///
/// # Errors of the compiler
///
/// A misspelt permission is an error at the place where it stands:
///
/// ```compile_fail
/// # use auth_runtime::{Acl, acl, acl_required};
/// # const ARTICLES: Acl = acl![(Allow, Everyone, ["edit"])];
/// #[acl_required("edt", ARTICLES)] // no rule of `ARTICLES` mentions the permission `edt`
/// async fn edit() {}
/// # fn main() { let _: axum::Router = axum::Router::new().route("/", axum::routing::get(edit)); }
/// ```
///
/// # A list that is to replace another
///
/// `shadow = LIST` asks another list as well: the first decides, and where the other would have answered otherwise, the event
/// `shadow` says so ([`events`](../auth_runtime/events/index.html)), and the access table lists for whom the answer will
/// change. The answer stays the same whatever becomes of the shadow; groups are looked up if either list needs them. The
/// shadow has to mention the permission: one that nobody may have any more is denied to `Everyone` there.
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
/// The options `anonymous`, `fresh`, `hide`, `refusal`, `shadow` and `crate` come last; they and the company of other attributes are
/// described at [`auth_required`](macro@auth_required).
#[proc_macro_attribute]
pub fn acl_required(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::expand(Kind::Acl, args.into(), item.into()).into()
}

/// Lets only those call a handler to whom the application's own `AuthorizationPolicy` grants a permission.
///
/// Permissions are written as for [`acl_required`](macro@acl_required); there is no context.
///
/// # Example
///
/// ```
/// use auth_runtime::permission_required;
/// use axum::{Router, routing::post};
///
/// #[permission_required(all("publish", "notify"))]
/// async fn publish() -> &'static str {
///     "published"
/// }
///
/// let app: Router = Router::new().route("/publish", post(publish));
/// ```
///
/// The options `fresh`, `hide`, `refusal` and `crate` come last; they and the company of other attributes are
/// described at [`auth_required`](macro@auth_required).
#[proc_macro_attribute]
pub fn permission_required(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::expand(Kind::Permission, args.into(), item.into()).into()
}

/// Lets only those call a handler whose access token was issued for these scopes (RFC 6749, section 3.3).
///
/// `#[scope_required("a", "b")]` asks for all that are listed; `any(…)` asks for one of its parts, `all(…)` for each of
/// them, and lists may be nested. Scopes are compared whole and byte by byte: `articles` is not `articles:read`.
///
/// A request without a user is answered with 401. One whose token was not issued for what is asked, or that carries
/// something else than a token with scopes (a cookie, say), is answered with 403 and with a challenge that names the
/// scopes (RFC 6750, section 3.1). It names as few as suffice: of several ways the first that is written.
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
/// A scope says what the client may do in the user's name, not what the user may do. Where that matters, put a second
/// guard beside it: both must pass.
///
/// ```
/// # use auth_runtime::{Acl, acl, acl_required, scope_required};
/// # const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];
/// #[scope_required("articles:write")]
/// #[acl_required("edit", ARTICLES)]
/// async fn edit() {}
/// ```
///
/// The options `fresh`, `hide`, `refusal` and `crate` come last; they and the company of other attributes are
/// described at [`auth_required`](macro@auth_required).
#[proc_macro_attribute]
pub fn scope_required(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::expand(Kind::Scope, args.into(), item.into()).into()
}

/// Says that a handler is public on purpose.
///
/// It refuses nobody; it is there for the reader, for the access table, and for routers that take guarded
/// handlers only. It cannot be combined with a guard. Options: `reason = "…"` says why, and is read with the
/// records of a `guarded::Router`; `until = "2027-01-31"` says after which day the reason no longer counts;
/// `crate = path`.
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
    guard::expand(Kind::Anonymous, args.into(), item.into()).into()
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
    acl::hierarchy::expand(Noun::Group, input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn acl_assert_no_wider_impl(input: TokenStream) -> TokenStream {
    assert::expand_no_wider(input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn implied_permissions_impl(input: TokenStream) -> TokenStream {
    acl::hierarchy::expand(Noun::Permission, input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn acl_vocabulary_impl(input: TokenStream) -> TokenStream {
    vocabulary::expand(input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn permit_impl(input: TokenStream) -> TokenStream {
    permit::expand(input.into()).into()
}

/// Makes the variants of an enum permissions.
///
/// A permission is named after its variant, in snake case: `ReadAll` is `read_all`.
/// `#[permission(name = "…")]` gives it another name. The enum is `Copy`, its variants have no fields, and
/// no two of them share a name. `#[permission(crate = path)]` above the enum says where `auth_runtime` is,
/// if it is known by another name.
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
    derive::expand(Noun::Permission, input.into()).into()
}

/// Makes the variants of an enum groups.
///
/// A group is named after its variant, in snake case: `NightShift` is `night_shift`.
/// `#[group(name = "…")]` gives it another name. The enum is `Copy`, its variants have no fields, and no
/// two of them share a name. `#[group(crate = path)]` above the enum says where `auth_runtime` is, if it
/// is known by another name.
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
    derive::expand(Noun::Group, input.into()).into()
}
