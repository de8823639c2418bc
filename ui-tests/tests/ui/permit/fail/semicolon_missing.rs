use auth_runtime::permit;

permit! {
    struct MayEdit = "edit"
    struct MayDelete = "delete";
}

fn main() {}
