use crate::ui::probe;
use auth_runtime::{Acl, acl, acl_required, auth_required};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"]), (Allow, Group("authors"), ["write"]),];

#[acl_required("edit", ARTICLES)]
#[acl_required("write", ARTICLES)]
async fn handler() {}

#[auth_required]
#[acl_required("edit", ARTICLES)]
#[acl_required("write", ARTICLES)]
async fn three(body: String) -> String {
    body
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::member(["editors"], handler), 403);
    assert_eq!(probe::member(["authors"], handler), 403);
    assert_eq!(probe::member(["editors", "authors"], handler), 200);
    assert_eq!(probe::nobody(three), 401);
    assert_eq!(probe::member(["editors"], three), 403);
    assert_eq!(probe::member(["authors"], three), 403);
    assert_eq!(probe::member(["editors", "authors"], three), 200);
}
