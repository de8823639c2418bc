use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Authenticated, ["edit"]),
    (Deny, User("mallory"), ["view", "edit"]),
];

fn main() {}
