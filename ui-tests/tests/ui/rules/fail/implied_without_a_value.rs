use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    implied = ,
    (Allow, Everyone, ["view"]),
];

fn main() {}
