use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("teaml"), ["view"]),
    (Allow, Group("team1"), ["edit"]),
];

fn main() {}
