use crate::ui::probe;
use auth_runtime::auth_required;
use axum::extract::Path;

#[utoipa::path(get, path = "/{id}", params(("id" = u64, Path)), responses((status = 200)))]
#[auth_required]
async fn handler(Path(id): Path<u64>) -> String {
    id.to_string()
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 200);
}
