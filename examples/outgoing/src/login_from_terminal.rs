//! A command-line program that logs its user in with the browser and calls a guarded service.
//!
//! Authorization server and service run in the same process, so that no account is needed. Run with
//!
//! ```text
//! cargo run -p outgoing --bin login-from-terminal
//! ```
//!
//! and open the address that it shows. It then prints
//!
//! ```text
//! 200 OK: the invoices of alice
//! 403 Forbidden
//! ```

mod api;
mod provider;

use std::error::Error;

use auth_client::{
    AuthorizationCode, AuthorizedClient, Interaction, MemoryStore, OAuthClient, Origin, Provider, Terminal,
    TokenAuthorizer, Transport,
};
use tokio::net::TcpListener;

/// Starts the authorization server and the service; returns their addresses.
async fn start() -> Result<(String, String), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let issuer = format!("http://{}", listener.local_addr()?);
    let router = provider::Provider::new(&issuer).router();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let provider = Provider::discover(&issuer, &Transport::new()?).await?;
    let service = api::app(OAuthClient::new(provider, "api")?.with_secret("4p1"));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok((issuer, address))
}

/// Logs in and returns the responses of the service.
pub(crate) async fn run(interaction: impl Interaction + 'static) -> Result<Vec<String>, Box<dyn Error>> {
    let (issuer, service) = start().await?;

    let provider = Provider::discover(&issuer, &Transport::new()?).await?;
    let client = OAuthClient::new(provider, "terminal")?.with_service_name("invoices");
    let grant = AuthorizationCode::new(client).with_interaction(interaction);
    // A real program stores its token: `FileStore::new("…/token.json")`.
    let authorizer = TokenAuthorizer::new(grant).with_store(MemoryStore::new());
    let client =
        AuthorizedClient::new(authorizer, [Origin::parse(&service)?]).build(reqwest::Client::builder())?;

    let invoices = client.get(format!("{service}/invoices")).send().await?;
    let listed = format!("{}: {}", invoices.status(), invoices.text().await?.trim());
    let sent = client.post(format!("{service}/invoices")).send().await?.status().to_string();
    Ok(vec![listed, sent])
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    for line in run(Terminal::new()).await? {
        println!("{line}");
    }
    Ok(())
}
