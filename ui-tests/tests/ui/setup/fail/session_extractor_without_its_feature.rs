use auth_runtime::{Session, auth_required};

#[auth_required]
async fn cart(session: Session) {
    drop(session);
}

fn main() {}
