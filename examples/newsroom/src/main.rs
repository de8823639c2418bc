//! Starts one instance of the newsroom.
//!
//! ```text
//! cargo run -p newsroom   # http://127.0.0.1:3000, or the address in ADDR
//! ```

use std::{env, error::Error, net::SocketAddr};

use newsroom::{Config, DEMO_PASSWORD, DEMO_PEOPLE};
use tokio::net::TcpListener;
use tracing_subscriber::filter::LevelFilter;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).init();
    let address: SocketAddr = env::var("ADDR").as_deref().unwrap_or("127.0.0.1:3000").parse()?;
    let listener = TcpListener::bind(address).await?;
    // Behind a proxy, the public address is another one.
    let base = match env::var("BASE_URL") {
        Ok(base) => base,
        Err(_) => format!("http://{}", listener.local_addr()?),
    };
    let config = Config::from_env(&base);
    let app = newsroom::app(config).await?;
    println!("{}", app.access());
    println!("listening on {base}");
    println!("log in with the password {DEMO_PASSWORD} as");
    for person in &DEMO_PEOPLE {
        println!("  {:<24} {}", person.email, person.role.as_str());
    }
    newsroom::serve(listener, app).await
}
