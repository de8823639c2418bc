//! Describes a request to a provider's API that brings a part of the profile: [`Call`].

/// One request that brings a part of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The name of the response in the profile's document: `/user/id` is the member `id` of the call `user`.
    pub part: &'static str,
    /// The address, a template.
    pub address: &'static str,
    /// The method.
    pub method: HttpMethod,
    /// Where the access token goes.
    pub token: TokenPlace,
    /// Headers in addition to `Accept`.
    pub headers: &'static [(&'static str, &'static str)],
    /// Parameters of the query.
    pub query: &'static [(&'static str, CallValue)],
    /// The body.
    pub body: Body,
    /// True if the log-in goes on without it: a response such as 403 leaves this part out.
    pub is_optional: bool,
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpMethod {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// Where an access token goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenPlace {
    /// `Authorization: Bearer …` (RFC 6750 section 2.1), or with another scheme.
    Header(&'static str),
    /// Into the query under this name.
    Query(&'static str),
    /// Into the form under this name.
    Form(&'static str),
    /// Into the path, instead of `{access_token}`.
    Path,
    /// The request is signed by RFC 5849.
    OAuth1,
    /// Into the query as `access_token`, with Odnoklassniki's signature `sig`: MD5 of the sorted parameters
    /// and of a digest of token and secret.
    Odnoklassniki,
}

/// The value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallValue {
    /// This text.
    Text(&'static str),
    /// The client's id.
    ClientId,
    /// What the application gave for this placeholder.
    Placeholder(&'static str),
    /// A member of the token response.
    TokenMember(&'static str),
    /// Facebook's proof: HMAC-SHA256 of the access token under the client's secret, in hexadecimal.
    AppSecretProof,
}

/// The body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// None.
    None,
    /// A form.
    Form(&'static [(&'static str, CallValue)]),
    /// JSON, literally.
    Json(&'static str),
}

impl Call {
    /// Returns a GET with the access token as a bearer token.
    #[must_use]
    pub const fn get(part: &'static str, address: &'static str) -> Self {
        Self {
            part,
            address,
            method: HttpMethod::Get,
            token: TokenPlace::Header("Bearer"),
            headers: &[],
            query: &[],
            body: Body::None,
            is_optional: false,
        }
    }

    /// Returns a POST with the access token as a bearer token.
    #[must_use]
    pub const fn post(part: &'static str, address: &'static str, body: Body) -> Self {
        let mut call = Self::get(part, address);
        call.method = HttpMethod::Post;
        call.body = body;
        call
    }

    /// Lets the log-in go on without this part.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.is_optional = true;
        self
    }

    /// Says where the access token goes. The default is the header with the scheme `Bearer`.
    #[must_use]
    pub const fn with_token(mut self, token: TokenPlace) -> Self {
        self.token = token;
        self
    }

    /// Sets the headers.
    #[must_use]
    pub const fn with_headers(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.headers = headers;
        self
    }

    /// Sets the query.
    #[must_use]
    pub const fn with_query(mut self, query: &'static [(&'static str, CallValue)]) -> Self {
        self.query = query;
        self
    }
}
