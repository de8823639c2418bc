use auth_runtime::{Condition};

const OFFICE: Condition = Condition::network("office", &[]);

fn main() {}
