use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Deny, Everyone, ["purge"]),
    (Allow, Group("admins"), ["view", "purge"]),
];

#[acl_required("purge", ARTICLES)]
async fn handler() {}

fn main() {}
