use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Gruop("editors"), ["edit"]),
];

fn main() {}
