use auth_runtime::auth_required;

#[auth_required(csrf_form)]
async fn transfer(#[cfg(any())] form: auth_runtime::csrf::CsrfForm<()>) {}

fn main() {}
