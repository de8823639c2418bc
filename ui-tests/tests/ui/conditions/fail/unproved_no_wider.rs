use auth_runtime::{Acl, Condition, acl, acl_assert_no_wider};

const DAY: Condition = Condition::daily("day", "08:00", "18:00");

const ARTICLES: Acl = acl![
    (Deny, User("mallory"), ["edit"], if DAY),
    (Allow, Authenticated, ["edit"], if all(DAY, ON_CALL)),
    (Deny, Everyone, ["publish"], if ON_CALL),
    (Allow, Group("editors"), ["publish", "delete"]),
];

const ON_CALL: Condition = Condition::custom("on-call");

const NEXT: Acl = acl![
    (Allow, Authenticated, ["edit"], if DAY),
];

acl_assert_no_wider!(NEXT, ARTICLES);

fn main() {}
