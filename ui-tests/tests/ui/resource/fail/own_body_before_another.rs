use auth_runtime::{Permission, Resource, Rule, User, acl_required};
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

#[acl_required("edit", article, from_body)]
async fn edit(article: Article, method: axum::http::Method) {
    let _ = (article, method);
}

fn main() {}
