use auth_runtime::{auth_required, permission_required};

#[auth_required]
#[permission_required(edit)]
async fn edit() {}

fn main() {}
