use auth_runtime::{Permission, Resource, Rule, acl_required, guard::Missing};
use axum::{extract::FromRequestParts, http::request::Parts};

use crate::ui::probe;

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    View,
}

struct Article;

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
        Ok(Self)
    }
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(auth_runtime::Group("editors"), &["edit"])]
    }
}

#[acl_required("edit", _article)]
async fn handler(_article: Article) {}

pub(crate) fn main() {
    assert_eq!(probe::reader(handler), 403);
    assert_eq!(probe::editor(handler), 200);
}
