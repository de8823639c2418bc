use crate::ui::probe;
use auth_runtime::{Acl, Permission, Resource, Rule, User, acl, acl_required, guard::Missing};
use axum::{extract::FromRequestParts, http::request::Parts};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    View,
}

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("olga"), &["edit"])]
    }

    fn parent(&self) -> Option<impl Resource> {
        Some(Section)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
        Ok(Self)
    }
}

const SECTION: Acl = acl![(Allow, Group("editors"), ["edit"])];

struct Section;

impl Resource for Section {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &SECTION
    }
}

#[acl_required("edit", article)]
async fn handler(article: Article) {
    let _ = article;
}

pub(crate) fn main() {
    assert_eq!(probe::reader(handler), 403);
    assert_eq!(probe::editor(handler), 200);
}
