use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    deny(),
    (Allow, Everyone, ["view"]),
];

fn main() {}
