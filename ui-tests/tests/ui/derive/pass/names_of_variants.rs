use auth_runtime::{Name, Permission};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    ReadAll,
    HTMLPage,
    #[permission(name = "so-called edit")]
    Edit,
    r#Type,
}

pub(crate) fn main() {
    let names =
        [Can::View, Can::ReadAll, Can::HTMLPage, Can::Edit, Can::r#Type].map(|can| can.name().to_string());
    assert_eq!(names, ["view", "read_all", "html_page", "so-called edit", "type"]);
    assert_eq!(Can::View.name(), Name::Text("view"));
}
