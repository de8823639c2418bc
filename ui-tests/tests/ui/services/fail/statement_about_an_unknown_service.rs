use auth_runtime::{Acl, acl, acl_assert};

const INVOICES: Acl = acl![
    (Allow, Service("billing"), ["create"]),
    (Allow, User("biling"), ["create"]),
];

acl_assert!(INVOICES {
    service "biling" can "create";
});

fn main() {}
