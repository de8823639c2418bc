use auth_runtime::{Acl, acl};

const INVOICES: Acl = acl![
    (Allow, Service, ["create"]),
];

fn main() {}
