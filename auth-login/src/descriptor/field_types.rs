//! Defines the small enums that the fields of a [`Descriptor`](super::Descriptor) have, one per fact about a
//! provider.

/// The protocol of a log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// OpenID Connect Core 1.0, authorization code flow: an `id_token` comes and is validated.
    OpenId,
    /// OAuth 2.0 (RFC 6749), authorization code grant: the subject comes from the provider's API.
    OAuth2,
    /// OAuth 1.0a (RFC 5849); needs the feature `oauth1`.
    OAuth1,
}

/// Who names the accounts. The account key is this issuer with the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Issuer {
    /// Exactly this text, a template: compared byte by byte with the metadata, the `id_token` and the
    /// callback's `iss`.
    Exact(&'static str),
    /// One issuer per tenant. `metadata` is where discovery begins, a template. `pattern` is the issuer that
    /// the metadata name, literally, and the `iss` of an `id_token` once `marker` is replaced with the
    /// token's own claim `claim`.
    PerTenant {
        /// The issuer whose metadata are read, a template.
        metadata: &'static str,
        /// The issuer with the marker.
        pattern: &'static str,
        /// The part of the pattern that the claim replaces.
        marker: &'static str,
        /// The name of the claim.
        claim: &'static str,
    },
    /// A name for the accounts only, a template: the provider itself names no issuer. It must never change.
    Namespace(&'static str),
}

/// Where the endpoints are. All texts are templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoints {
    /// In the metadata of the issuer (OpenID Connect Discovery 1.0).
    Discovered,
    /// Here; metadata are never asked for.
    OAuth2 {
        /// The authorization endpoint.
        authorization: &'static str,
        /// The token endpoint.
        token: &'static str,
    },
    /// The three endpoints of RFC 5849 section 2.
    OAuth1 {
        /// Where temporary credentials are requested.
        request: &'static str,
        /// Where the user authorizes.
        authorization: &'static str,
        /// Where the token is requested.
        token: &'static str,
    },
}

/// How the client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientMethod {
    /// `client_secret_basic`: in the header, form-encoded first (RFC 6749 section 2.3.1).
    Basic,
    /// In the header, without form-encoding.
    BasicUnencoded,
    /// `client_secret_post`: in the body.
    Post,
    /// A public client: PKCE alone binds the code to it.
    None,
    /// `private_key_jwt` (RFC 7523 section 2.2).
    PrivateKeyJwt,
    /// A signed JWT takes the place of the secret in the body.
    JwtSecret(JwtSecret),
}

/// The claims of a JWT that takes the place of a client's secret, as Apple asks for: `iss` is the team, `sub`
/// the client id, signed with ES256, with `kid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JwtSecret {
    /// The claim `aud`.
    pub audience: &'static str,
    /// The longest lifetime that the provider accepts, in seconds.
    pub longest_lifetime: u64,
}

impl JwtSecret {
    /// Returns the facts of such a secret; the lifetime is in seconds.
    #[must_use]
    pub const fn new(audience: &'static str, longest_lifetime: u64) -> Self {
        Self { audience, longest_lifetime }
    }
}

/// Whether and how PKCE (RFC 7636) is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pkce {
    /// `S256`, even where the metadata do not announce it: servers ignore parameters that they do not know
    /// (RFC 6749 section 3.1). Metadata that list methods without `S256` are an error.
    S256,
    /// SHA-256 as hexadecimal digits: TikTok's own form.
    HexSha256,
    /// Never: the provider rejects a token request with a verifier.
    ///
    /// # Security
    ///
    /// State and, for OpenID Connect, the nonce remain as protection against injected codes.
    Unsupported,
}

/// Whether the `id_token` repeats the nonce (OpenID Connect Core 1.0 section 3.1.3.7, point 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nonce {
    /// It must be there and equal.
    Echoed,
    /// It may be absent; a different one is rejected all the same.
    NotEchoed,
}

/// The key that verifies `id_token`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdTokenKey {
    /// One of the public keys that the issuer publishes at `jwks_uri`.
    Published,
    /// The client's secret, as UTF-8, with HS256 (OpenID Connect Core 1.0 section 3.1.3.7, point 8): LINE signs
    /// like this for websites. The secret must have at least 32 bytes (RFC 7518 section 3.2).
    ///
    /// # Security
    ///
    /// Then no other key and no other algorithm is accepted, and published keys are not asked for. The header of
    /// a token never chooses between the two (algorithm confusion).
    ClientSecret,
}

/// The scopes that are asked for by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scopes {
    /// These, at least one.
    These(&'static [&'static str]),
    /// The provider has no scopes: the parameter is not sent.
    NotUsed,
}

/// How the callback's parameters come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of a GET.
    Query,
    /// In the body of a cross-site POST (OAuth 2.0 Form Post Response Mode): the transaction cookie needs
    /// `SameSite=None`.
    FormPost,
}

/// How the token request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRequest {
    /// As a form (RFC 6749 section 4.1.3).
    Post,
    /// As a query, code and secret included: WeChat offers nothing else.
    ///
    /// # Security
    ///
    /// The address holds secrets. It is in no error and no log of this crate; an HTTP client of the
    /// application's own, and a proxy that ends TLS, must not log it either.
    Get,
}

/// Where the profile comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserInfo {
    /// From the `id_token` alone.
    IdToken,
    /// From the `id_token` and the userinfo endpoint that the metadata name, if they name one.
    Discovered,
    /// From these requests. The first must succeed.
    Calls(&'static [super::Call]),
    /// From the token response.
    TokenResponse,
}

/// How a user logs out at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Logout {
    /// By the `end_session_endpoint` of the metadata, if there is one (OpenID Connect RP-Initiated Logout
    /// 1.0).
    Discovered,
    /// By an address of the provider's own form, a template; the parameters have the names given here.
    Address {
        /// The address.
        address: &'static str,
        /// The parameter with the client's id.
        client_id: &'static str,
        /// The parameter with the address to return to.
        return_to: &'static str,
    },
    /// Not offered.
    None,
}
