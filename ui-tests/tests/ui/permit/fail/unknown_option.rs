use auth_runtime::permit;

permit! {
    pub struct MayView = "view", anonymus;
}

fn main() {}
