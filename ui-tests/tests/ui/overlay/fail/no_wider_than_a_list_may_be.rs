use auth_runtime::{Acl, acl, acl_assert_no_wider};

const NEWS: Acl = acl![(Allow, Group("editors"), ["publish"])];
const NEWS_NEXT: Acl = acl![overlay = widening("news"), (Allow, Group("editors"), ["publish"])];

acl_assert_no_wider!(NEWS_NEXT, NEWS);

fn main() {}
