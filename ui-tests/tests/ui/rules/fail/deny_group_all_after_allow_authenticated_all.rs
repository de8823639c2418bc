use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ALL),
    (Deny, Group("interns"), ALL),
];

fn main() {}
