use auth_runtime::{Acl, acl, acl_assert};

const INVOICES: Acl = acl![
    (Allow, Service("billing"), ["create"]),
    (Allow, User("alice"), ["create"]),
];

acl_assert!(INVOICES {
    only user "alice" can "create";
});

fn main() {}
