use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Deny, User(mallory), ["edit"]),
];

fn main() {}
