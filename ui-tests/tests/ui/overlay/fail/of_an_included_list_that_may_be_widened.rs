use auth_runtime::{Acl, acl};

const SITE: Acl = acl![overlay = widening("site"), (Allow, Everyone, ["view"])];
const ARTICLES: Acl = acl![overlay = "site", ..SITE, (Allow, Group("editors"), ["edit"])];

fn main() {}
