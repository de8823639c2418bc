use auth_runtime::{Acl, acl};

const SITE: Acl = acl![
    #[rule(id = "everyone-reads")]
    (Allow, Everyone, ["view"]),
];
const FILES: Acl = acl![
    #[rule(id = "everyone-reads")]
    (Allow, Everyone, ["download"]),
];
const ARTICLES: Acl = acl![..SITE, ..FILES];

fn main() {}
