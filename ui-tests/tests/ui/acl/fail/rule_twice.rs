use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view", "comment"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Everyone, ["comment", "view"]),
];

fn main() {}
