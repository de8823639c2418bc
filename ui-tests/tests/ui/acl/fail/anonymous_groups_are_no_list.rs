use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    anonymous_groups = "guests",
    (Allow, Everyone, ["view"]),
];

fn main() {}
