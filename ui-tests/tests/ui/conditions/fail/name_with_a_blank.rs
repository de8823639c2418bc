use auth_runtime::{Condition};

const OFFICE_HOURS: Condition = Condition::daily("office hours", "07:00", "17:00");

fn main() {}
