use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["comment", "edit"]),
];

const LEVEL: f64 = 1.5;

#[acl_required(LEVEL, ARTICLES)]
async fn edit() {}

fn main() {}
