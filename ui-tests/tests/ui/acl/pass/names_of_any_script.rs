use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("rédacteurs"), ["éditer", "編集", r"C:\drafts", r#"so-called "edit""#]),
    (Allow, User("mallory o'hara"), ["read users"]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 2);
}
