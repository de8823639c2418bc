use auth_runtime::{Acl, acl, acl_assert_no_wider};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
const ARTICLES_NEXT: Acl = acl![(Allow, Everyone, ["view"])];

acl_assert_no_wider!(ARTICLES_NEXT);

fn main() {}
