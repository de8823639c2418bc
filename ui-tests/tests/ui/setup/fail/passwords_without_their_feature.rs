use auth_runtime::identity::PasswordHasher;

struct App {
    passwords: PasswordHasher,
}

fn main() {}
