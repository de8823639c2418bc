use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    anonymous_groups =,
    (Allow, Everyone, ["view"]),
];

fn main() {}
