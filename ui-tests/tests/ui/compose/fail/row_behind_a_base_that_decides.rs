use auth_runtime::{Acl, acl};

const SITE: Acl = acl![(Allow, Everyone, ["view"])];

const ARTICLES: Acl = acl![
    (Deny, User("mallory"), ALL),
    // Everyone may view the site.
    ..SITE,
    (Deny, Group("banned"), ["view"]),
];

fn main() {}
