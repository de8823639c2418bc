use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![overlay = widning("articles"), (Allow, Everyone, ["view"])];

fn main() {}
