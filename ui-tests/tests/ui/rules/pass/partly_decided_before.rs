use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["view", "edit"]),
    (Allow, Authenticated, ["edit"]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 3);
}
