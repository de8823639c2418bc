//! An application that depends on `auth-runtime` under the name `guards`: no macro needs `crate = …`.

use axum::extract::FromRequestParts;
use guards::{
    Acl, Group, Permission, Resource, Rule, acl, acl_assert, acl_assert_no_wider, acl_required,
    acl_vocabulary, allow_anonymous, auth_required, group_hierarchy, guard,
    guarded::{Router, any_service, get},
    guards, implied_permissions, permission_required, permit, scope_required,
};

/// The permissions of pages, by rules and by a policy.
#[derive(Clone, Copy, Debug, Permission)]
#[non_exhaustive]
pub enum Can {
    /// Reads.
    View,
    /// Changes.
    Edit,
}

#[derive(Clone, Copy, Group)]
enum Role {
    Editor,
}

const ROLES: acl::GroupHierarchy = group_hierarchy![("admin", ["editor"])];
const RIGHTS: acl::ImpliedPermissions = implied_permissions![("edit", ["view"])];
const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View]), (Allow, Group(Role::Editor), [Can::Edit])];
const PUBLIC: Acl = acl![(Allow, Everyone, [Can::View])];
const ARTICLES_NEXT: Acl = acl![groups = ROLES, implied = RIGHTS, (Allow, Group("editor"), [Can::Edit])];

acl_assert!(ARTICLES { anonymous cannot "edit"; });
acl_assert_no_wider!(PUBLIC, ARTICLES);
acl_vocabulary!(Can: ARTICLES);

permit! {
    /// May change articles
    pub struct MayEdit = "edit" in ARTICLES;
}

#[auth_required(refusal = refused)]
async fn by_user() {}

fn refused(_: &guards::Refusal) -> &'static str {
    "no"
}

#[acl_required(Can::Edit, ARTICLES, shadow = ARTICLES_NEXT)]
async fn by_list() {}

#[permission_required(Can::Edit)]
async fn by_policy() {}

#[scope_required("edit")]
async fn by_scope() {}

#[allow_anonymous]
async fn by_anybody() {}

/// Has rules of its own.
#[derive(Debug)]
pub struct Article;

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = guard::Missing;

    async fn from_request_parts(_: &mut axum::http::request::Parts, _: &S) -> Result<Self, guard::Missing> {
        Ok(Self)
    }
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &ARTICLES
    }
}

#[acl_required("view", article, anonymous)]
async fn by_resource(article: Article) -> String {
    format!("{article:?}")
}

struct Pages;

#[guards]
impl Pages {
    #[auth_required]
    async fn in_a_block() {
        core::future::ready(()).await;
    }
}

/// Returns routes with every guard.
pub fn routes() -> Router {
    let service = || axum::routing::any(async || "a file");
    Router::new()
        .route("/user", get(by_user))
        .route("/list", get(by_list))
        .route("/policy", get(by_policy))
        .route("/scope", get(by_scope))
        .route("/anybody", get(by_anybody))
        .route("/resource", get(by_resource))
        .route("/block", get(Pages::in_a_block))
        .route("/layer", any_service(guard::acl!(Can::Edit, ARTICLES, fresh = "10m").around(service())))
        .route("/permit", get(async |_: guard::Permit<MayEdit>| "edited"))
}
