//! Holds the token response to a client: [`TokenResponse`].

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::IssuedToken;
use crate::RefreshToken;

/// The token response as JSON (RFC 6749, section 5.1), with `Cache-Control: no-store`.
///
/// # Example
///
/// ```
/// use auth_runtime::KeyRing;
/// use auth_runtime::jwt::{JwtIssuer, RingKeys, TokenResponse};
///
/// let issuer = JwtIssuer::new(RingKeys::new(KeyRing::random()), "https://shop.example")?;
/// let token = issuer.access_token("alice", "https://api.shop.example").issue()?;
/// let json = serde_json::to_value(TokenResponse::new(token, None))?;
/// assert_eq!(json["token_type"], "Bearer");
/// assert_eq!(json["expires_in"], 600);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenResponse {
    access: IssuedToken,
    refresh: Option<RefreshToken>,
}

impl TokenResponse {
    /// Creates a response.
    pub const fn new(access: IssuedToken, refresh: Option<RefreshToken>) -> Self {
        Self { access, refresh }
    }
}

impl Serialize for TokenResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("TokenResponse", 5)?;
        fields.serialize_field("access_token", self.access.as_str())?;
        fields.serialize_field("token_type", "Bearer")?;
        fields.serialize_field("expires_in", &self.access.lifetime().as_secs())?;
        match &self.refresh {
            Some(token) => fields.serialize_field("refresh_token", token.as_str())?,
            None => fields.skip_field("refresh_token")?,
        }
        match self.access.scopes() {
            Some(scopes) => fields.serialize_field("scope", &scopes.to_string())?,
            None => fields.skip_field("scope")?,
        }
        fields.end()
    }
}
