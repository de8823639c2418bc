use auth_runtime::guard;

fn main() {
    let _ = guard::auth!(crate = auth_runtime);
}
