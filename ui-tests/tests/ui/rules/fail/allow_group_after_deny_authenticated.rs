use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["read"]),
    (Deny, Authenticated, ["edit"]),
    (Allow, Group("editors"), ["edit"]),
];

#[acl_required("edit", ARTICLES)]
async fn edit() {}

fn main() {}
