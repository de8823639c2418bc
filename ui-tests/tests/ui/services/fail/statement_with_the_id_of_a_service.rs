use auth_runtime::{Acl, acl, acl_assert};

const INVOICES: Acl = acl![
    (Allow, Service("billing"), ["create"]),
];

acl_assert!(INVOICES {
    user "service:billing" can "create";
});

fn main() {}
