use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(id = "press-may-edit", id = "press-edits")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
