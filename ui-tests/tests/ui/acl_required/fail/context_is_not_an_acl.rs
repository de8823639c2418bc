use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["comment", "edit"]),
];

const LIMIT: usize = 7;

#[acl_required("edit", LIMIT)]
async fn edit() {}

fn main() {}
