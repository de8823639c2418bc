use auth_runtime::{Acl, acl};

const SITE: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("admins"), ALL)];
const ARTICLES: Acl = acl![
    budget = 3,
    ..SITE,
];

fn main() {}
