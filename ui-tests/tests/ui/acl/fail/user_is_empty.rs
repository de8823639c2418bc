use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Deny, User(""), ["edit"]),
];

fn main() {}
