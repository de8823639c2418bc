use auth_runtime::Group;

#[derive(Clone, Copy, Group)]
enum Role {
    #[group(name = "staff")]
    Editor,
    #[group(name = "staff")]
    Author,
}

fn main() {}
