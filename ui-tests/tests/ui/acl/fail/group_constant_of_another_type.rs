use auth_runtime::{Acl, acl};

const NIGHT: u8 = 7;

const ARTICLES: Acl = acl![
    (Allow, Group(NIGHT), ["edit"]),
];

fn main() {}
