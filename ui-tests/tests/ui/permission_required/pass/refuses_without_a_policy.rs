use crate::ui::probe;
use auth_runtime::{Permission, permission_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[permission_required(Can::Edit)]
async fn handler() {}

pub(crate) fn main() {
    assert_ne!(probe::editor(handler), 200);
}
