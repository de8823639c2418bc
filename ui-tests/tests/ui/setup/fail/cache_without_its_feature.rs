use auth_runtime::users::CachedUsers;

struct App {
    users: CachedUsers,
}

fn main() {}
