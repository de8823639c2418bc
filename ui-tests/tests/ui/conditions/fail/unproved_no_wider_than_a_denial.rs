use auth_runtime::{Acl, Condition, acl, acl_assert_no_wider};

const DAY: Condition = Condition::daily("day", "08:00", "18:00");

const ARTICLES: Acl = acl![
    (Deny, Authenticated, ["edit"], if DAY),
    (Allow, Authenticated, ["edit"]),
];

const NEXT: Acl = acl![
    (Allow, Authenticated, ["edit"]),
];

acl_assert_no_wider!(NEXT, ARTICLES);

fn main() {}
