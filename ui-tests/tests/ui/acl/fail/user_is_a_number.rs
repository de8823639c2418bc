use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Deny, User(7), ["edit"]),
];

fn main() {}
