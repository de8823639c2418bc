use auth_runtime::{Condition};

const STRONG: Condition = Condition::acr("strong", &[]);

fn main() {}
