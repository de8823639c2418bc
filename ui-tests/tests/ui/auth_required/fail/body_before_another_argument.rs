use auth_runtime::auth_required;
use axum::{Json, extract::Path};

#[auth_required]
async fn edit(Json(title): Json<String>, Path(id): Path<u64>) -> String {
    format!("{id}: {title}")
}

fn main() {}
