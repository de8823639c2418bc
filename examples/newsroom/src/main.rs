//! Starts one instance of the newsroom.
//!
//! ```text
//! cargo run -p newsroom   # http://127.0.0.1:3000, or the address in ADDR
//! ```

use std::{env, net::SocketAddr, path::PathBuf};

use auth_runtime::{BoxError, audit::AuditLog};
use newsroom::{Config, DEMO_PASSWORD, DEMO_PEOPLE};
use tokio::net::TcpListener;
use tracing_subscriber::{Layer as _, filter::LevelFilter, fmt, prelude::*};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let path = env::var_os("AUDIT_LOG").map_or_else(
        || env::temp_dir().join(format!("newsroom-audit-{}.jsonl", std::process::id())),
        PathBuf::from,
    );
    let keys = newsroom::audit_keys()?;
    let audit = AuditLog::open(&path, keys.clone())?;
    tracing_subscriber::registry()
        .with(audit.layer())
        .with(fmt::layer().with_filter(LevelFilter::INFO))
        .init();

    let address: SocketAddr = env::var("ADDR").as_deref().unwrap_or("127.0.0.1:3000").parse()?;
    let listener = TcpListener::bind(address).await?;
    // Behind a proxy, the public address is another one.
    let base = match env::var("BASE_URL") {
        Ok(base) => base,
        Err(_) => format!("http://{}", listener.local_addr()?),
    };
    let app = newsroom::app(Config::from_env(&base)?.with_audit(&path, keys)).await?;
    println!("{}", app.access());
    println!("the audit log is {}", path.display());
    println!("listening on {base}");
    println!("log in with the password {DEMO_PASSWORD} as");
    for person in &DEMO_PEOPLE {
        println!("  {:<24} {}", person.email, person.role.as_str());
    }
    newsroom::serve(listener, app).await
}
