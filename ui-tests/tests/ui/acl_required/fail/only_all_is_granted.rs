use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![(Allow, Group("admins"), ALL)];

#[acl_required("edit", ARTICLES)]
async fn edit() {}

fn main() {}
