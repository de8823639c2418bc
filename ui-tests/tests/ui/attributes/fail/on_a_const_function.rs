use auth_runtime::auth_required;

#[auth_required]
const fn seven() -> u8 {
    7
}

fn main() {}
