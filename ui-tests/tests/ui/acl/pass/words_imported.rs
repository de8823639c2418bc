use auth_runtime::{ALL, Acl, Allow, Authenticated, Deny, Everyone, User, acl};

const ARTICLES: Acl =
    acl![(Allow, Everyone, ["view"]), (Deny, User("mallory"), ALL), (Allow, Authenticated, ["edit"]),];

pub(crate) fn main() {
    let _ = (Allow, Deny, Everyone, Authenticated, ALL, User("mallory"));
    assert_eq!(ARTICLES.rules().len(), 3);
}
