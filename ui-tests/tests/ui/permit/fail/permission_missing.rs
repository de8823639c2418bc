use auth_runtime::permit;

permit! {
    struct MayDelete;
}

fn main() {}
