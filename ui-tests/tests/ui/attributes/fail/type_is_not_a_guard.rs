use auth_runtime::{testing};

struct Nothing;

fn main() {
    let _: Nothing = testing::pass();
}
