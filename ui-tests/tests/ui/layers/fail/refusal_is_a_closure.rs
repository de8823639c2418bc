use auth_runtime::guard;

fn main() {
    let _ = guard::auth!(refusal = |_| "no");
}
