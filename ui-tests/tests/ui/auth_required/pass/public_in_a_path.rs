mod pages {
    use crate::ui::probe;

    pub(crate) mod articles {
        use auth_runtime::auth_required;

        #[auth_required]
        pub(in crate::ui::auth_required::pass::public_in_a_path::pages) async fn hidden() {}

        #[auth_required]
        pub(super) async fn show() {}
    }

    pub(crate) fn status() -> [u16; 2] {
        [probe::nobody(articles::hidden), probe::nobody(articles::show)]
    }
}

pub(crate) fn main() {
    assert_eq!(pages::status(), [401, 401]);
}
