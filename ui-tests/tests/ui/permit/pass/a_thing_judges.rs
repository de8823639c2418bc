use crate::ui::probe;
use auth_runtime::{
    Permission, Resource, Rule, User,
    guard::{Missing, Permit},
    permit,
};
use axum::{extract::FromRequestParts, http::request::Parts};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("olga"), &["edit"])]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
        Ok(Self)
    }
}

permit! {
    struct MayEdit = "edit";
}

async fn handler(article: Permit<MayEdit, Article>) {
    let Article = article.into_inner();
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::editor(handler), 403);
}
