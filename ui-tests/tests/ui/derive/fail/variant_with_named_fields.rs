use auth_runtime::Group;

#[derive(Clone, Copy, Group)]
enum Role {
    Admin,
    Editor { shelf: u64 },
}

fn main() {}
