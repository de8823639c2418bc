use auth_runtime::key_store::SharedKeyRing;

fn main() {
    let _: Option<SharedKeyRing> = None;
}
