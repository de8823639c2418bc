use auth_runtime::{UserId, auth_required, csrf::CsrfForm};

#[auth_required(csrf_form)]
async fn transfer(CsrfForm(()): CsrfForm<()>, user: UserId) -> String {
    user.to_string()
}

fn main() {}
