use crate::ui::probe;
use auth_runtime::allow_anonymous;

#[allow_anonymous]
async fn handler() {}

#[allow_anonymous(crate = ::auth_runtime)]
pub async fn generic<const N: usize>() {}

#[allow_anonymous()]
async fn empty() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 200);
    assert_eq!(probe::editor(handler), 200);
    assert_eq!(probe::nobody(generic::<3>), 200);
    assert_eq!(probe::nobody(empty), 200);
}
