use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Alow, Everyone, ["view"]),
];

fn main() {}
