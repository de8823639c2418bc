//! Configures one identity provider, with the application's client id and secret: [`Login`].

use std::{sync::Arc, time::Duration};

use auth_client::{ClientKey, HttpClient};
use auth_runtime::jwt::SigningKey;
use secrecy::SecretString;

use crate::{
    LoginError,
    authorization_request::RESERVED,
    client_authentication_key::{LoginKey, SignedSecret, hs256_key},
    descriptor::{ClientMethod, Descriptor, IdTokenKey, Issuer, Protocol, ResolvedProvider, Scopes},
    providers,
    user_info::is_supported,
};

/// One way to log in: an identity provider, and how it knows this application.
///
/// # Example
///
/// ```
/// use auth_login::{Login, providers};
///
/// # fn f(id: &str, secret: &str) -> Result<(), auth_login::LoginError> {
/// let github = Login::provider(providers::GITHUB, id, secret)?;
/// let company = Login::openid("company", "https://login.example.com", id, secret)?
///     .with_label("Example Ltd.")
///     .with_prompt("select_account");
/// # Ok(()) }
/// ```
///
/// The redirect address to register at the provider is the public base address, then `/login/`, the id and
/// `/callback`: `https://app.example.com/login/company/callback`.
#[derive(Clone)]
#[must_use]
pub struct Login {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) provider: ResolvedProvider,
    pub(crate) client_id: String,
    pub(crate) secret: Option<SecretString>,
    pub(crate) scopes: Vec<String>,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Vec<String>,
    /// The authentication contexts that count if this provider states them; `None` for all
    trusted_acr: Option<Vec<String>>,
    /// A log-in counts as an authentication, where the provider does not say when that was
    pub(crate) counts_log_in: bool,
    pub(crate) required_claims: Vec<(String, String)>,
    pub(crate) logs_out_at_provider: bool,
    pub(crate) pushes_requests: bool,
    pub(crate) key: Option<LoginKey>,
    pub(crate) http: Option<Arc<dyn HttpClient>>,
    pub(crate) roots: Vec<Vec<u8>>,
}

impl Login {
    /// Returns a log-in with an `OpenID` Provider, whose metadata are read when they are first needed. `id`
    /// is the name of the provider in paths: small ASCII letters, digits and hyphens.
    ///
    /// # Errors
    ///
    /// Fails if the id does not fit into a path, or the issuer is not an `https` address.
    pub fn openid(
        id: &str,
        issuer: &str,
        client_id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Result<Self, LoginError> {
        let provider = providers::OPENID.resolve(&[("issuer", issuer)]).map_err(|error| error.at(id))?;
        Self::named(id, provider, client_id.into(), secret.into())?.with_id(id)
    }

    /// Returns a log-in with a provider that a descriptor describes: one of [`providers`](crate::providers)
    /// or the application's own.
    ///
    /// # Errors
    ///
    /// As [`resolved`](Self::resolved). Fails, too, if the descriptor is wrong, describes a provider that has
    /// ended its service, or has placeholders without a default.
    pub fn provider(
        descriptor: Descriptor,
        client_id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Result<Self, LoginError> {
        let missing: Vec<String> =
            descriptor.missing_values().map(|name| format!("(\"{name}\", \"…\")")).collect();
        if !missing.is_empty() {
            return Err(LoginError::new(format!(
                "provider `{}` needs values; write `Login::resolved(descriptor.resolve(&[{}])?, client_id, secret)`",
                descriptor.id,
                missing.join(", ")
            )));
        }
        Self::resolved(descriptor.resolve(&[])?, client_id, secret)
    }

    /// Returns a log-in with a provider whose placeholders are filled in, such as the address of a server of
    /// the organization's own.
    ///
    /// An empty secret means a public client, which the descriptor must allow.
    ///
    /// # Errors
    ///
    /// Fails if the provider needs a protocol or a client authentication that log-ins do not offer, or a
    /// secret and there is none. Fails, too, if the client id is empty, or if it or the secret has control
    /// characters, such as the line break at the end of a file (RFC 6749, appendix A).
    pub fn resolved(
        provider: ResolvedProvider,
        client_id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Result<Self, LoginError> {
        Self::named(provider.descriptor().id, provider, client_id.into(), secret.into())
    }

    /// Makes the log-in; `id` is that of messages.
    fn named(
        id: &str,
        provider: ResolvedProvider,
        client_id: String,
        secret: SecretString,
    ) -> Result<Self, LoginError> {
        use secrecy::ExposeSecret as _;

        let descriptor = *provider.descriptor();
        let fail = |problem: &str| Err(LoginError::new(format!("provider `{id}`: {problem}")));
        let is_oauth1 = descriptor.protocol == Protocol::OAuth1;
        if is_oauth1 && !cfg!(feature = "oauth1") {
            return Err(LoginError::new(format!(
                "provider `{id}` uses OAuth 1.0a; enable the feature `oauth1` of `auth-login`"
            )));
        }
        if client_id.is_empty() {
            return fail("the client id is empty; set the one that the provider gave out");
        }
        if has_control_characters(&client_id) {
            return fail(
                "the client id has a line break or another control character; write `client_id.trim()`",
            );
        }
        if has_control_characters(secret.expose_secret()) {
            return fail("the secret has a line break or another control character; write `secret.trim()`");
        }
        if !is_oauth1 && !provider.calls().iter().all(|call| is_supported(call.call.token)) {
            return fail("its API wants signed requests, which are not offered; choose another provider");
        }
        let secret = Some(secret).filter(|secret| !secret.expose_secret().is_empty());
        let needs_secret = matches!(
            descriptor.client_method,
            ClientMethod::Basic | ClientMethod::BasicUnencoded | ClientMethod::Post
        );
        if secret.is_none() && needs_secret {
            return fail("the client's secret is empty; set the one that the provider gave out");
        }
        let scopes = match descriptor.scopes {
            Scopes::These(scopes) => scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            Scopes::NotUsed => Vec::new(),
        };
        let login = Self {
            id: id.to_owned(),
            label: descriptor.label.to_owned(),
            provider,
            client_id,
            secret,
            scopes,
            parameters: Vec::new(),
            max_age: None,
            acr_values: Vec::new(),
            trusted_acr: None,
            counts_log_in: false,
            required_claims: Vec::new(),
            logs_out_at_provider: false,
            pushes_requests: false,
            key: None,
            http: None,
            roots: Vec::new(),
        };
        if descriptor.id_token_key == IdTokenKey::ClientSecret {
            hs256_key(&login.id, login.secret.as_ref())?;
        }
        Ok(login)
    }

    /// Changes the name of the provider in paths, and so the redirect address: for two log-ins with the same
    /// provider.
    ///
    /// # Errors
    ///
    /// Fails unless the id has 1 to 32 small ASCII letters, digits and hyphens.
    pub fn with_id(mut self, id: &str) -> Result<Self, LoginError> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&id.len()) || !id.bytes().all(is_allowed) {
            return Err(LoginError::new(format!(
                "the id `{}` does not fit into a path; write 1 to 32 small letters, digits and hyphens",
                id.escape_default()
            )));
        }
        id.clone_into(&mut self.id);
        Ok(self)
    }

    /// Sets the name of the provider on buttons.
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the scopes that are asked for, instead of those of the descriptor. `openid` is added where the
    /// protocol needs it.
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        if self.is_openid() && !self.scopes.iter().any(|scope| scope == "openid") {
            self.scopes.insert(0, "openid".to_owned());
        }
        self
    }

    /// Sets `prompt` (`OpenID` Connect Core section 3.1.2.1), such as `select_account` or `login`. The
    /// default is none.
    pub fn with_prompt(self, prompt: impl Into<String>) -> Self {
        self.with_own_parameter("prompt", prompt.into())
    }

    /// Demands that the user has authenticated at the provider this long ago at most, in whole seconds. The
    /// provider must then state the time (`auth_time`); without it, the log-in fails.
    ///
    /// # Security
    ///
    /// Guards with `fresh` (step-up, re-authentication) ask for it by themselves, and count from the time that
    /// the provider states.
    pub const fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age.as_secs());
        self
    }

    /// Trusts this provider for these authentication contexts (`acr`) only: another one that it states does not
    /// count for guards with `acr`.
    ///
    /// By default all contexts of the only `OpenID` Provider count. With several, none counts that is named neither
    /// here nor by [`with_acr_values`](Self::with_acr_values): one provider's `phr` may be a hardware key, and
    /// another's a text message.
    ///
    /// ```
    /// use auth_login::{Login, Logins};
    ///
    /// # fn f(id: &str, secret: &str) -> Result<(), auth_login::LoginError> {
    /// let employees = Login::openid("company", "https://id.company.example", id, secret)?
    ///     .with_trusted_acr(["phr", "phrh"]);
    /// let customers = Login::openid("customers", "https://id.example", id, secret)?;
    /// let logins = Logins::new("https://app.example.com")?.provider(employees)?.provider(customers)?;
    /// # Ok(()) }
    /// ```
    pub fn with_trusted_acr<S: Into<String>>(mut self, values: impl IntoIterator<Item = S>) -> Self {
        self.trusted_acr = Some(values.into_iter().map(Into::into).collect());
        self
    }

    /// Trusts no context that is not named, since there is another provider.
    pub(crate) fn trust_named_acr_only(&mut self) {
        self.trusted_acr.get_or_insert_default();
    }

    /// Returns whether an authentication context counts that this provider states.
    pub(crate) fn trusts_acr(&self, acr: &str) -> bool {
        let is_acr = |value: &String| value == acr;
        self.acr_values.iter().any(is_acr)
            || self.trusted_acr.as_ref().is_none_or(|trusted| trusted.iter().any(is_acr))
    }

    /// Demands one of these authentication contexts (`acr`), and trusts this provider for them. The provider must
    /// state one of them; without, the log-in fails. A guard with `acr` demands one of its own; it must be among
    /// these.
    pub fn with_acr_values<S: Into<String>>(mut self, values: impl IntoIterator<Item = S>) -> Self {
        self.acr_values = values.into_iter().map(Into::into).collect();
        let list = self.acr_values.join(" ");
        self.with_own_parameter("acr_values", list)
    }

    /// Accepts only users whose `id_token` has this claim with this text, such as Google's `hd` for the
    /// organization. Another user sees a page that offers to log in with another account.
    ///
    /// ```
    /// use auth_login::{Login, providers};
    ///
    /// # fn f(id: &str, secret: &str) -> Result<(), auth_login::LoginError> {
    /// let google = Login::provider(providers::GOOGLE, id, secret)?
    ///     .with_parameter("hd", "example.com")? // a hint, which the user can remove
    ///     .with_required_claim("hd", "example.com")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the provider has no `id_token`.
    pub fn with_required_claim(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, LoginError> {
        if !self.is_openid() {
            return Err(LoginError::new(format!(
                "provider `{}` has no id_token whose claims could be required; check the profile in `on_login`",
                self.id
            )));
        }
        self.required_claims.push((name.into(), value.into()));
        Ok(self)
    }

    /// Counts a log-in here as an authentication, where the provider does not say when the user authenticated
    /// there: OAuth 2 without `OpenID` Connect (GitHub), OAuth 1.0a, and Google. By default, guards with `fresh`
    /// reject such log-ins, and identities cannot be linked to them.
    ///
    /// # Security
    ///
    /// The provider may have a session of its own, and ask the user for nothing. A log-in then proves that the
    /// browser has this session, and not that the user is present.
    pub const fn with_insecure_time_of_log_in(mut self) -> Self {
        self.counts_log_in = true;
        self
    }

    /// Adds a parameter to the authorization request, such as `hd` or `ui_locales`. It replaces an earlier
    /// one of this name.
    ///
    /// # Errors
    ///
    /// Fails for parameters that the protocol sets, such as `state` and `redirect_uri`.
    ///
    /// # Security
    ///
    /// Parameters are hints: the user can change them. What must hold is to be checked in the response: see
    /// [`with_required_claim`](Self::with_required_claim).
    pub fn with_parameter(self, name: &str, value: impl Into<String>) -> Result<Self, LoginError> {
        if RESERVED.contains(&name) || name == self.provider.descriptor().client_id_parameter {
            return Err(LoginError::new(format!("the parameter `{name}` is set by the protocol; remove it")));
        }
        Ok(self.with_own_parameter(name, value.into()))
    }

    /// Authenticates the client with a key pair (`private_key_jwt`, RFC 7523 section 2.2) instead of a
    /// secret: nothing secret is sent.
    pub fn with_client_key(mut self, key: ClientKey) -> Self {
        self.key = Some(LoginKey::Assertion(Box::new(key)));
        self
    }

    /// Signs a token that takes the place of the client's secret, as Apple asks for: `team` is its issuer,
    /// and the key, an ES256 key with its `kid`, is that of the developer account. A new one is signed for
    /// each request, for five minutes.
    ///
    /// # Errors
    ///
    /// Fails if the descriptor does not ask for such a token.
    pub fn with_signed_secret(
        mut self,
        team: impl Into<String>,
        key: SigningKey,
    ) -> Result<Self, LoginError> {
        let ClientMethod::JwtSecret(facts) = self.provider.descriptor().client_method else {
            return Err(LoginError::new(format!(
                "provider `{}` takes a plain secret; remove `with_signed_secret`",
                self.id
            )));
        };
        self.key = Some(LoginKey::Secret(Box::new(SignedSecret::new(team.into(), key, facts))));
        Ok(self)
    }

    /// Pushes authorization requests to the provider before the browser is sent there (RFC 9126), so that the
    /// user cannot change them. The default is to do so where the provider requires it.
    pub const fn with_pushed_authorization(mut self) -> Self {
        self.pushes_requests = true;
        self
    }

    /// Sends the browser to the provider after a log-out here, so that the user is logged out there, too
    /// (`OpenID` Connect RP-Initiated Logout 1.0). It needs
    /// [`Logins::with_back_channel_logout`](crate::Logins::with_back_channel_logout), and a provider that
    /// publishes `end_session_endpoint`. Register the public base address with `/logout/done` there.
    pub const fn with_logout_at_provider(mut self) -> Self {
        self.logs_out_at_provider = true;
        self
    }

    /// Returns the name of the provider in paths.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the name of the provider on buttons.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    fn with_own_parameter(mut self, name: &str, value: String) -> Self {
        self.parameters.retain(|(other, _)| other != name);
        self.parameters.push((name.to_owned(), value));
        self
    }

    pub(crate) fn is_openid(&self) -> bool {
        self.provider.descriptor().protocol == Protocol::OpenId
    }

    #[cfg(feature = "oauth1")]
    pub(crate) fn is_oauth1(&self) -> bool {
        self.provider.descriptor().protocol == Protocol::OAuth1
    }

    /// Returns the issuer that is compared with the callback's `iss`.
    pub(crate) fn exact_issuer(&self) -> Option<&str> {
        matches!(self.provider.descriptor().issuer, Issuer::Exact(_)).then(|| self.provider.issuer())
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("id", &self.id)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// RFC 6749, appendix A: client ids and secrets are printable.
fn has_control_characters(text: &str) -> bool {
    text.chars().any(char::is_control)
}
