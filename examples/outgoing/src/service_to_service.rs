//! A service that calls another one with its own credentials: the client credentials grant.
//!
//! The authorization server and the other service run in the same process. Run with
//!
//! ```text
//! cargo run -p outgoing --bin service-to-service
//! ```
//!
//! It prints
//!
//! ```text
//! 200 OK: the invoices of billing
//! 200 OK: billing has sent them
//! one request for a token
//! ```

mod api;
mod provider;

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use auth_client::{
    AuthorizedClient, ClientCredentials, OAuthClient, Origin, Provider, TokenAuthorizer, Transport,
};
use axum::{extract::Request, middleware};
use tokio::net::TcpListener;

/// Calls the other service twice and returns its responses.
pub(crate) async fn run() -> Result<Vec<String>, Box<dyn Error>> {
    // The authorization server, which counts token requests.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let issuer = format!("http://{}", listener.local_addr()?);
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let router =
        provider::Provider::new(&issuer).router().layer(middleware::map_request(move |request: Request| {
            counter.fetch_add(usize::from(request.uri().path() == "/token"), Ordering::Relaxed);
            async { request }
        }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let provider = Provider::discover(&issuer, &Transport::new()?).await?;

    // The other service.
    let api = api::app(OAuthClient::new(provider.clone(), "api")?.with_secret("4p1"));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let service = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, api).await });

    // This service.
    let client = OAuthClient::new(provider, "billing")?.with_secret("s3cr3t");
    let authorizer = TokenAuthorizer::new(ClientCredentials::new(client));
    let client =
        AuthorizedClient::new(authorizer, [Origin::parse(&service)?]).build(reqwest::Client::builder())?;

    let mut told = Vec::new();
    let address = format!("{service}/invoices");
    for request in [client.get(&address), client.post(&address)] {
        let answer = request.send().await?;
        told.push(format!("{}: {}", answer.status(), answer.text().await?.trim()));
    }
    told.push(match count.load(Ordering::Relaxed) {
        1 => "one request for a token".to_owned(),
        more => format!("{more} requests for tokens"),
    });
    Ok(told)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    for line in run().await? {
        println!("{line}");
    }
    Ok(())
}
