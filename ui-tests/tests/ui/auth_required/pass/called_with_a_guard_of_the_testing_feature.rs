use auth_runtime::{auth_required, testing};

#[auth_required]
async fn double(id: u64) -> u64 {
    id * 2
}

pub(crate) fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(double(testing::pass(), 4)), 8);
}
