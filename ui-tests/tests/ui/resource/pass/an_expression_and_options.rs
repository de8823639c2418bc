use crate::ui::probe;
use auth_runtime::{Permission, Resource, Rule, User, acl_required, guard::Missing};
use axum::{extract::FromRequestParts, http::request::Parts};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    Publish,
    View,
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

#[acl_required(any("edit", all(Can::View, Can::Publish)), article, hide)]
async fn handler(mut article: Article) {
    let _ = &article;
    article = Article;
    let _ = article;
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 404);
}
