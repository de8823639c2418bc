use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]);
    (Allow, Group("editors"), ["edit"]);
];

fn main() {}
