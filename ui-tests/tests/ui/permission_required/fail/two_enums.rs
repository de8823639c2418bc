use auth_runtime::{Permission, permission_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[derive(Clone, Copy, Permission)]
enum May {
    Publish,
}

#[permission_required(all(Can::Edit, May::Publish))]
async fn publish() {}

fn main() {}
