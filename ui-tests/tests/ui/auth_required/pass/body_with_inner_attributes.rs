use crate::ui::probe;
use auth_runtime::auth_required;

#[auth_required]
async fn handler() -> String {
    #![allow(unused_variables, reason = "it has to survive")]
    let unused = 7;
    String::new()
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
