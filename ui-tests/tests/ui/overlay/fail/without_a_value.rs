use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![overlay =, (Allow, Everyone, ["view"])];

fn main() {}
