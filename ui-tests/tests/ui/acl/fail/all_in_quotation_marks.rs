use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("admins"), "ALL"),
];

fn main() {}
