use auth_runtime::{Permission, guard};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

fn layer() {
    let _ = guard::permission!(Can::Edit, article);
}

fn main() {}
