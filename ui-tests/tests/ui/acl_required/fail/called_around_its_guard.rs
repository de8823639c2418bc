use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![(Allow, Everyone, ["edit"])];

#[acl_required("edit", ARTICLES)]
async fn edit(id: u64) -> String {
    id.to_string()
}

fn main() {
    drop(edit(7));
}
