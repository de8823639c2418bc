use auth_runtime::{Acl, acl};

const SITE: Acl = acl![
    #[rule(id = "everyone-reads")]
    (Allow, Everyone, ["view"]),
];
const ARTICLES: Acl = acl![
    ..SITE,
    #[rule(id = "everyone-reads")]
    (Allow, Everyone, ["download"]),
];

fn main() {}
