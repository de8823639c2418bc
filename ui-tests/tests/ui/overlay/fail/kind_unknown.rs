use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![overlay = tight("articles"), (Allow, Everyone, ["view"])];

fn main() {}
