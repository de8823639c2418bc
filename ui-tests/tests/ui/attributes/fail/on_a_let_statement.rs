use auth_runtime::auth_required;

fn main() {
    #[auth_required]
    let _seven = 7;
}
