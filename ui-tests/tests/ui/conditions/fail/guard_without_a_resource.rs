use auth_runtime::{Acl, OWNER, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ["edit"], if OWNER),
];

#[acl_required("edit", ARTICLES)]
async fn edit() {}

fn main() {}
