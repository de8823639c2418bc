use crate::ui::probe;
use auth_runtime::auth_required;
use axum::extract::Path;
use tracing_attributes::instrument;

#[auth_required]
#[instrument(ret, err)]
async fn handler(Path(id): Path<u64>, user: auth_runtime::UserId) -> Result<String, String> {
    if id > 0 { Ok(user.to_string()) } else { Err(String::new()) }
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 200);
}
