use auth_runtime::{Condition};

const ELECTION: Condition =
    Condition::between("election", "2027-09-26T16:00:00Z", "2027-09-26T06:00:00Z");

fn main() {}
