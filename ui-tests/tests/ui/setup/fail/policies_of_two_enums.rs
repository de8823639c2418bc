use auth_runtime::{
    Permission,
    authorization::{PolicyChain, Role, RolePolicy},
};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[derive(Clone, Copy, Permission)]
enum May {
    Publish,
}

fn main() {
    let edit = RolePolicy::new().allow(Role::authenticated(), [Can::Edit]);
    let publish = RolePolicy::new().allow(Role::authenticated(), [May::Publish]);
    let _ = PolicyChain::new(edit, publish);
}
