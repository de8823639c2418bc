use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Alow, Everyone, ["view"]),
    (Allow, "editors", ["edit"]),
    (Deny, User("mallory"), "comment"),
];

fn main() {}
