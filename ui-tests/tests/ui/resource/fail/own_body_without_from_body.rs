use auth_runtime::{Permission, Resource, Rule, User, acl_required, guarded};
use axum::{
    extract::{FromRequest, Request},
    http::StatusCode,
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

impl<S: Send + Sync> FromRequest<S> for Article {
    type Rejection = StatusCode;

    async fn from_request(_: Request, _: &S) -> Result<Self, StatusCode> {
        Ok(Self)
    }
}

#[acl_required("edit", article)]
async fn edit(article: Article) {
    let _ = article;
}

fn app() -> guarded::Router {
    guarded::Router::new().route("/articles", guarded::post(edit))
}

fn main() {}
