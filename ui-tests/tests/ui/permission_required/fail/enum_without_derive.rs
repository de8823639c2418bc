use auth_runtime::permission_required;

enum Can {
    Edit,
}

#[permission_required(Can::Edit)]
async fn edit() {}

fn main() {}
