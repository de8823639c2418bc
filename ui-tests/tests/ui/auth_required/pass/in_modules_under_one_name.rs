use crate::ui::probe;

mod articles {
    use auth_runtime::auth_required;

    #[auth_required]
    pub async fn show() {}
}

mod comments {
    #[auth_runtime::auth_required]
    pub async fn show() {}
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(articles::show), 401);
    assert_eq!(probe::nobody(comments::show), 401);
}
