use crate::ui::probe;
use auth_runtime::permission_required;

#[permission_required("edit")]
async fn handler() {}

pub(crate) fn main() {
    assert_ne!(probe::editor(handler), 200);
}
