use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view", "edit"]),
    (Allow, Group("ops"), ["View", "edit"]),
    (Allow, Group("Ops"), ["view"]),
];

fn main() {}
