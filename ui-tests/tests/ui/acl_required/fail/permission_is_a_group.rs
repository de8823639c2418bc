use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["comment", "edit"]),
];

#[acl_required(Group("editors"), ARTICLES)]
async fn edit() {}

fn main() {}
