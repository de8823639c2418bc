use auth_runtime::{auth_required, testing};

#[auth_required]
async fn double(id: u64) -> String {
    (id * 2).to_string()
}

pub(crate) fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(double(testing::pass(), 4)), "8");
}
