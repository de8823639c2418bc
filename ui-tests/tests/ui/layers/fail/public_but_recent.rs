use auth_runtime::guard;

fn main() {
    let _ = guard::anonymous!(reason = "a probe asks for it", fresh = "1m");
}
