use auth_runtime::Groups;

fn main() {
    let _ = Groups::from([1.5]);
}
