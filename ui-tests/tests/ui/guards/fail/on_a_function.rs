use auth_runtime::{auth_required, guards};

#[guards]
#[auth_required]
async fn show() {}

fn main() {}
