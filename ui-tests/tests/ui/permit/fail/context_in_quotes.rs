use auth_runtime::permit;

permit! {
    struct MayDelete = "delete" in "ARTICLES";
}

fn main() {}
