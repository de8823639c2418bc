use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(note = "Until the new desk is staffed.")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
