use crate::ui::probe;
use auth_runtime::auth_required;

#[auth_required]
async fn handler<const N: usize>() -> String {
    N.to_string()
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler::<3>), 401);
}
