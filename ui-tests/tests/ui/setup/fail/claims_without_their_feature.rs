use auth_runtime::{Claims, auth_required};

struct Tenant {
    name: String,
}

#[auth_required]
async fn tenant(Claims(tenant): Claims<Tenant>) -> String {
    tenant.name
}

fn main() {}
