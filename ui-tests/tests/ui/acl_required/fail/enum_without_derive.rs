use auth_runtime::{Acl, acl, acl_required};

#[derive(Clone, Copy)]
enum Can {
    Edit,
}

const ARTICLES: Acl = acl![(Allow, Everyone, ["edit"])];

#[acl_required(Can::Edit, ARTICLES)]
async fn edit() {}

fn main() {}
