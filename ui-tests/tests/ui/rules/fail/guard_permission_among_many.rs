use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["a1", "b2", "c3", "d4", "e5", "f6", "g7", "h8", "i9"]),
];

#[acl_required("zzz", ARTICLES)]
async fn handler() {}

fn main() {}
