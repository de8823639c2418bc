use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Admin, ["edit"]),
];

fn main() {}
