use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ["read", "edit"]),
    (Deny, Group("interns"), ["edit"]),
];

fn main() {}
