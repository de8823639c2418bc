use crate::ui::probe;
use auth_runtime::auth_required;

#[auth_required]
#[auth_required]
async fn edit() {}

#[auth_required]
async fn edit_2() {}

#[auth_required]
async fn r#edit_3() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(edit), 401);
    assert_eq!(probe::nobody(edit_2), 401);
    assert_eq!(probe::nobody(edit_3), 401);
}
