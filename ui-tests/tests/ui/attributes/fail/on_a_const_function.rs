use auth_runtime::auth_required;

#[auth_required]
const fn seven() -> &'static str {
    "7"
}

fn main() {}
