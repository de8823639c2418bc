use auth_runtime::{Condition};

const MAY_WRITE: Condition = Condition::scope("may-write", "articles write");

fn main() {}
