use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Alow, Group("editors"), ["edit"]),
];

#[acl_required("edit", ARTICLES)]
async fn edit() {}

fn main() {}
