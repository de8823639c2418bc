use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
];

#[acl_required("comment", ARTICLES)]
async fn handler() {}

fn main() {}
