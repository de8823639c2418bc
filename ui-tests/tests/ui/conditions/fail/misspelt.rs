use auth_runtime::{Acl, Condition, acl};

const OFFICE_HOURS: Condition = Condition::daily("office-hours", "07:00", "17:00");

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ["edit"], if OFFICE_HOUR),
];

fn main() {}
