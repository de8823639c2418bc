use auth_runtime::{Condition};

const ELECTION: Condition = Condition::between("election", "2027-09-26", "2027-09-27");

fn main() {}
