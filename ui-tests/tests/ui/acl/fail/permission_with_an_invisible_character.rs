use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["vi\u{200b}ew"]),
];

fn main() {}
