use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![#[rule(id = "all")] (Allow, Everyone, ["view"]), #[rule(id = "all")] (Allow, Everyone, ["edit"])];

fn main() {}
