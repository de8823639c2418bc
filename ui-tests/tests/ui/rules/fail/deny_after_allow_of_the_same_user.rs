use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, User("bob"), ["edit"]),
    (Deny, User("bob"), ["edit"]),
];

fn main() {}
