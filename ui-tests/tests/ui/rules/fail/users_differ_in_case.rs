use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, User("Mallory"), ["view"]),
    (Deny, User("mallory"), ["edit"]),
];

fn main() {}
