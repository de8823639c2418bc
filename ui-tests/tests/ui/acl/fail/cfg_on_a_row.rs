use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[cfg(test)]
    (Allow, Everyone, ["view"]),
];

fn main() {}
