use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![overlay = widening(), (Allow, Everyone, ["view"])];

fn main() {}
