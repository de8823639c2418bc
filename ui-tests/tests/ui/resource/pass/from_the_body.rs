use auth_runtime::{
    Permission, Resource, Rule, User,
    acl::{AsyncResource, Loaded},
    acl_required, auth_required, permission_required,
};
use axum::{
    Json, Router,
    extract::{FromRequest, Path, Request},
    http::StatusCode,
    routing::post,
};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    View,
}

#[derive(serde::Deserialize)]
struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &[Can::Edit, Can::View])]
    }
}

#[acl_required(Can::Edit, article, from_body)]
async fn edit(id: Path<u64>, article: Json<Article>) {
    let _ = (id, article);
}

#[auth_required]
#[acl_required(any("edit", "view"), article, from_body, hide, anonymous)]
async fn view(article: axum::Form<Article>) {
    let _ = article;
}

#[permission_required(Can::Edit, article, from_body)]
#[auth_required]
async fn by_policy(article: Json<Article>) {
    let _ = article;
}

struct Draft(Article);

impl AsyncResource for Draft {
    type Rules = Article;
    type Rejection = StatusCode;

    async fn acl(&self) -> Result<Article, StatusCode> {
        Ok(Article)
    }
}

impl<S: Send + Sync> FromRequest<S> for Draft {
    type Rejection = StatusCode;

    async fn from_request(_: Request, _: &S) -> Result<Self, StatusCode> {
        Ok(Self(Article))
    }
}

#[acl_required("edit", draft, from_body)]
async fn loaded(draft: Loaded<Draft>) {
    let _ = draft.into_inner().0;
}

fn app() -> Router {
    Router::new()
        .route("/articles/{id}", post(edit))
        .route("/view", post(view))
        .route("/policy", post(by_policy))
        .route("/drafts", post(loaded))
}

pub(crate) fn main() {
    let _ = app();
}
