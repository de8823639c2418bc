use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(id = "press-may-edit", until = "2027-02-29")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
