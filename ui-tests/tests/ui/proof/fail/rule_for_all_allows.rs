use auth_runtime::{Acl, acl, acl_assert};

const ARTICLES: Acl = acl![(Deny, Group("guests"), ["edit"]), (Allow, Group("admins"), ALL)];

acl_assert!(ARTICLES {
    group "admins" cannot "edit";
});

fn main() {}
