use auth_runtime::{Acl, Permission, acl, acl_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View])];

#[acl_required(Can::Edit, ARTICLES)]
async fn edit() {}

fn main() {}
