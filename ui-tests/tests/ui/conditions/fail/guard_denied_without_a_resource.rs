use auth_runtime::{Acl, OWNER, acl, acl_required};

const ARTICLES: Acl = acl![
    (Deny, Authenticated, ["approve"], if OWNER),
    (Allow, Group("editors"), ["approve"]),
];

#[acl_required("approve", ARTICLES)]
async fn approve() {}

fn main() {}
