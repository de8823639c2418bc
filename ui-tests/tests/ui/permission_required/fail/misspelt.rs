use auth_runtime::{Permission, permission_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    Publish,
}

#[permission_required(Can::Publsh)]
async fn publish() {}

fn main() {}
