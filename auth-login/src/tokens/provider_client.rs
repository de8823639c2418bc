//! Calls a provider's API for one account: [`ProviderClient`].

use std::{fmt, sync::Arc};

use auth_client::{Authorizer as _, Credentials, Error, HttpClient, Origin, TokenAuthorizer};
use http::{Request, Response, StatusCode, header};
use url::Url;

use super::refresh_grant::RefreshGrant;

/// Calls a provider's API in the name of one user, made by
/// [`ProviderTokens::client`](super::ProviderTokens::client).
///
/// The access token is refreshed ahead of its end, and once if the API responds 401. If that does not help,
/// the error has the kind [`LoginRequired`](auth_client::ErrorKind::LoginRequired): send the user to the
/// log-in page.
///
/// # Security
///
/// The token goes to the origin of the base address only. Redirects are not followed.
#[derive(Clone)]
pub struct ProviderClient {
    base: Url,
    authorizer: Arc<TokenAuthorizer<RefreshGrant>>,
    http: Arc<dyn HttpClient>,
}

impl ProviderClient {
    pub(super) fn new(
        base: Url,
        authorizer: Arc<TokenAuthorizer<RefreshGrant>>,
        http: Arc<dyn HttpClient>,
    ) -> Self {
        Self { base, authorizer, http }
    }

    /// Returns the address of a path: `user` extends the base address, `/user` replaces its path, and a whole
    /// address of the same origin is taken as it is.
    ///
    /// # Errors
    ///
    /// Fails if the address is of another origin, or has a user name.
    pub fn address(&self, path: &str) -> Result<Url, Error> {
        join(&self.base, path)
    }

    /// Sends a GET that accepts JSON.
    ///
    /// # Errors
    ///
    /// As [`address`](Self::address) and [`send`](Self::send).
    pub async fn get(&self, path: &str) -> Result<Response<Vec<u8>>, Error> {
        let request = Request::get(self.address(path)?.as_str()).header(header::ACCEPT, "application/json");
        let request = request.body(Vec::new());
        self.send(request.map_err(|error| unfit().with_source(error))?).await
    }

    /// Sends a request to a whole address of the API, and returns the response, with any status.
    ///
    /// # Errors
    ///
    /// Fails if
    ///
    /// - the address is of another origin, or the request has an `Authorization` header already;
    /// - the user must log in again ([`LoginRequired`](auth_client::ErrorKind::LoginRequired));
    /// - the API cannot be reached, or its response is too long.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        self.address(&request.uri().to_string())?;
        if request.headers().contains_key(header::AUTHORIZATION) {
            return Err(Error::configuration(
                "the request has an `Authorization` header already; leave it to the client",
            ));
        }
        let credentials = self.authorizer.authorize().await?;
        let response = self.attempt(&request, &credentials).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        self.authorizer.reject(&credentials).await;
        self.attempt(&request, &self.authorizer.authorize().await?).await
    }

    async fn attempt(
        &self,
        request: &Request<Vec<u8>>,
        credentials: &Credentials,
    ) -> Result<Response<Vec<u8>>, Error> {
        let mut request = request.clone();
        credentials.apply(request.headers_mut());
        self.http.send(request).await
    }
}

impl fmt::Debug for ProviderClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderClient").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

fn unfit() -> Error {
    Error::configuration("the address is not one of the provider's API; write a path")
}

fn join(base: &Url, path: &str) -> Result<Url, Error> {
    let mut folder = base.clone();
    folder.set_query(None);
    if !folder.path().ends_with('/') {
        folder.set_path(&format!("{}/", folder.path()));
    }
    let url = folder.join(path).map_err(|error| unfit().with_source(error))?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if is_plain && Origin::parse(base.as_str())?.holds(&url) { Ok(url) } else { Err(unfit()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Tokens must not leak to another origin.
    #[test]
    fn paths_are_joined_and_stay_at_the_origin() {
        let base = "https://api.example.com/v3".parse().unwrap();
        for (path, expected) in [
            ("user", "https://api.example.com/v3/user"),
            ("user?a=b%20c", "https://api.example.com/v3/user?a=b%20c"),
            ("/user", "https://api.example.com/user"),
            ("", "https://api.example.com/v3/"),
            ("a/../b", "https://api.example.com/v3/b"),
            ("https://api.example.com/x", "https://api.example.com/x"),
        ] {
            assert_eq!(join(&base, path).unwrap().as_str(), expected);
        }
        for path in [
            "https://evil.example/",
            "//evil.example/",
            "\\\\evil.example/",
            "/\\evil.example/",
            "http://api.example.com/user",
            "https://api.example.com:8443/user",
            "https://me@api.example.com/user",
            "https://api.example.com@evil.example/",
            "javascript:alert(1)",
            "user#x",
            "https://",
        ] {
            assert!(join(&base, path).is_err(), "{path}");
        }
    }
}
