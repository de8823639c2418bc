use auth_runtime::guard;

fn main() {
    let _ = guard::scope!(["files:read", "files:write"]);
}
