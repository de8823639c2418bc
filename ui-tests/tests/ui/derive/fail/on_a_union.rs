use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
union Can {
    view: u8,
}

fn main() {}
