use auth_runtime::{Permission, permission_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[permission_required(Can::Edit, anonymous)]
async fn edit() {}

fn main() {}
