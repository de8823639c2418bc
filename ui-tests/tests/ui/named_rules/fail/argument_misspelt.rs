use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(onwer = "press-team")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
