use auth_runtime::{Acl, acl};

const SITE: Acl = acl![(Allow, Everyone, ["view"])];
const ARTICLES: Acl = acl![
    #[rule(id = "everyone-reads")]
    ..SITE,
];

fn main() {}
