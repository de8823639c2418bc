use auth_runtime::Basic;

fn main() {
    drop(Basic::new([("alice", "secret")]));
}
