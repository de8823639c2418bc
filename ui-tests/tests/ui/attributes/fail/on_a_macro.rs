use auth_runtime::auth_required;

#[auth_required]
macro_rules! seven {
    () => {
        7
    };
}

fn main() {
    assert_eq!(seven!(), 7);
}
