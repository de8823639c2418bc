use crate::ui::probe;
use auth_runtime::UserId;
use auth_runtime::auth_required;

#[auth_required]
async fn handler(user: UserId) -> String {
    format!("hello {user}")
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 200);
}
