use auth_runtime::{guard::Permit, permit};

permit! {
    struct MayEdit = "edit";
}

fn edit(_: &Permit<MayEdit>) {}

fn main() {}
