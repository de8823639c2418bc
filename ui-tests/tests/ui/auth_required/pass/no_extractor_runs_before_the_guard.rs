use crate::ui::probe;
use auth_runtime::auth_required;
use axum::extract::Path;

#[auth_required]
async fn handler(Path(id): Path<bool>) -> String {
    id.to_string()
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 400);
}
