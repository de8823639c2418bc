use crate::ui::probe;
use auth_runtime::auth_required;

#[auth_required]
async fn handler<'a>() -> &'a str
where
    'a: 'a,
{
    "static"
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler::<'static>), 401);
}
