use auth_runtime::permit;

permit! {
    enum MayDelete = "delete" in ARTICLES;
}

fn main() {}
