use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["comment", "edit"]),
];

#[acl_required("view" | "edit" | "comment", ARTICLES)]
async fn edit() {}

fn main() {}
