use auth_runtime::{Condition};

const OFFICE: Condition = Condition::network("office", &["10.0.0.1/8"]);

fn main() {}
