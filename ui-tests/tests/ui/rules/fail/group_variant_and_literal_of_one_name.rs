use auth_runtime::{Acl, Group, acl};

#[derive(Clone, Copy, Group)]
enum Role {
    Admin,
}

const ARTICLES: Acl = acl![
    (Allow, Group(Role::Admin), ["edit"]),
    (Allow, Group("admin"), ["delete"]),
];

fn main() {}
