use crate::ui::probe;
use auth_runtime::auth_required;
use axum::extract::Path;

#[auth_required]
async fn r#type(Path(r#fn): Path<u64>) -> String {
    r#fn.to_string()
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(r#type), 401);
}
