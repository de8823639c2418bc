use auth_runtime::{Acl, Permission, acl, acl_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View, Can::Edit])];

#[acl_required(Can::Edt, ARTICLES)]
async fn edit() {}

fn main() {}
