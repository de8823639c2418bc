use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["comment", "edit"]),
];

const EDIT: &str = "edti";

#[acl_required(EDIT, ARTICLES)]
async fn edit() {}

fn main() {}
