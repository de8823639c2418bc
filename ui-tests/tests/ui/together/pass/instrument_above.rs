use crate::ui::probe;
use auth_runtime::auth_required;
use axum::extract::Path;
use tracing_attributes::instrument;

#[instrument(skip_all, fields(id = 7))]
#[auth_required]
async fn handler(Path(id): Path<u64>) -> String {
    id.to_string()
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 200);
}
