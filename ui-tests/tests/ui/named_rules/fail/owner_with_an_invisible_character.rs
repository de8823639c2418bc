use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(owner = "press\u{200b}team")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
