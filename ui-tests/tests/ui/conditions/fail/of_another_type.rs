use auth_runtime::{Acl, acl};

const EDITORS: &str = "editors";

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ["edit"], if EDITORS),
];

fn main() {}
