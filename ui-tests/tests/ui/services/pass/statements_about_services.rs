use auth_runtime::{Acl, acl, acl_assert, acl_required, auth_required};

const INVOICES: Acl = acl![
    (Deny, Service("crawler"), ALL),
    (Allow, Service("billing"), ["create"]),
    (Allow, Authenticated, ["view"]),
];

acl_assert!(INVOICES {
    service "billing" can "create";
    only service "billing" can "create";
    service "billing" can "view";
    service "crawler" cannot "view";
});

#[acl_required("view", INVOICES, callers = "users")]
async fn page() {}

#[auth_required(callers = "services")]
async fn hook() {}

pub(crate) fn main() {
    let _ = (page, hook);
}
