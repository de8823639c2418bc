use auth_runtime::{Acl, acl, acl_required};

#[allow(non_upper_case_globals)]
const articles: Acl = acl![(Allow, Group("editors"), ["edit"])];

#[acl_required("edit", articles)]
async fn edit() {}

fn main() {}
