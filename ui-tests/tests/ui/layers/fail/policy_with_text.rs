use auth_runtime::guard;

fn main() {
    let _ = guard::permission!("edit");
}
