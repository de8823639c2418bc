use auth_runtime::{Acl, OWNER, acl};

const ARTICLES: Acl = acl![
    (Deny, Everyone, ["edit"]),
    (Allow, Authenticated, ["edit"], if OWNER),
];

fn main() {}
