use auth_runtime::guards;

#[guards]
mod profile {}

fn main() {}
