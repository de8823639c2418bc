use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    anonymous_groups = ["guests"],
    (Allow, Authenticated, ["read", "edit"]),
    (Deny, Group("guests"), ["edit"]),
    (Deny, Group("interns"), ["edit"]),
];

fn main() {}
