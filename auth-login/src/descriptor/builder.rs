//! Builds a descriptor: its constructors and `with_` methods.

use super::{
    Call, ClientMethod, Date, Descriptor, Endpoints, ErrorForm, IdTokenKey, Issuer, Logout, Nonce, Pkce,
    Placeholder, Protocol, ResponseMode, Scopes, Status, TokenRequest, UserInfo,
};
use crate::profile::{Mapping, Subject};

/// Methods that set one field.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($field:ident: $type:ty);)*) => {
        $($(#[$doc])*
        #[must_use]
        pub const fn $name(mut self, $field: $type) -> Self {
            self.$field = $field;
            self
        })*
    };
}

impl Descriptor {
    /// Describes an OpenID Provider with discovery; `issuer` is a template.
    ///
    /// The scopes are `openid profile email`; the client authenticates by `client_secret_basic`.
    #[must_use]
    pub const fn openid(id: &'static str, label: &'static str, issuer: &'static str) -> Self {
        Self {
            protocol: Protocol::OpenId,
            issuer: Issuer::Exact(issuer),
            scopes: Scopes::These(&["openid", "profile", "email"]),
            user_info: UserInfo::Discovered,
            mapping: Mapping::OPENID,
            logout: Logout::Discovered,
            ..Self::empty(id, label)
        }
    }

    /// Describes an OAuth 2.0 authorization server by its endpoints, which are templates.
    ///
    /// Issuer, scopes, calls and mapping have to be set: none of them can be guessed.
    #[must_use]
    pub const fn oauth2(
        id: &'static str,
        label: &'static str,
        authorization: &'static str,
        token: &'static str,
    ) -> Self {
        Self { endpoints: Endpoints::OAuth2 { authorization, token }, ..Self::empty(id, label) }
    }

    /// Describes an OAuth 1.0a server by its three endpoints, which are templates.
    ///
    /// Issuer and mapping have to be set.
    #[must_use]
    pub const fn oauth1(
        id: &'static str,
        label: &'static str,
        request: &'static str,
        authorization: &'static str,
        token: &'static str,
    ) -> Self {
        Self {
            protocol: Protocol::OAuth1,
            endpoints: Endpoints::OAuth1 { request, authorization, token },
            scopes: Scopes::NotUsed,
            pkce: Pkce::Unsupported,
            user_info: UserInfo::TokenResponse,
            ..Self::empty(id, label)
        }
    }

    const fn empty(id: &'static str, label: &'static str) -> Self {
        Self {
            id,
            label,
            protocol: Protocol::OAuth2,
            issuer: Issuer::Namespace(""),
            endpoints: Endpoints::Discovered,
            placeholders: &[],
            client_method: ClientMethod::Basic,
            client_id_parameter: "client_id",
            client_secret_parameter: "client_secret",
            pkce: Pkce::S256,
            nonce: Nonce::Echoed,
            id_token_key: IdTokenKey::Published,
            announces_iss: false,
            scopes: Scopes::These(&[]),
            scope_separator: " ",
            authorize_parameters: &[],
            authorize_fragment: None,
            response_mode: ResponseMode::Query,
            callback_parameters: &[],
            callback_profile: None,
            token_request: TokenRequest::Post,
            error_forms: &[],
            user_info: UserInfo::Calls(&[]),
            mapping: Mapping::new(Subject::Member("")),
            refresh: None,
            revocation: None,
            logout: Logout::None,
            api: None,
            status: Status::Alive,
            checked: Date::new(1970, 1, 1),
            source: "",
        }
    }

    setters! {
        /// Says who names the accounts.
        with_issuer(issuer: Issuer);
        /// Declares the placeholders of the templates.
        with_placeholders(placeholders: &'static [Placeholder]);
        /// Says how the client authenticates at the token endpoint.
        with_client_method(client_method: ClientMethod);
        /// Says whether and how PKCE is used. The default is [`Pkce::S256`].
        with_pkce(pkce: Pkce);
        /// Says whether the `id_token` repeats the nonce. The default is [`Nonce::Echoed`].
        with_nonce(nonce: Nonce);
        /// Says which key verifies `id_token`s. The default is [`IdTokenKey::Published`].
        with_id_token_key(id_token_key: IdTokenKey);
        /// Says whether the callback must have `iss`. The default is what the metadata say.
        with_iss_announced(announces_iss: bool);
        /// Sets what stands between two scopes. The default is a space.
        with_scope_separator(scope_separator: &'static str);
        /// Sets parameters that each authorization request has.
        with_authorize_parameters(authorize_parameters: &'static [(&'static str, &'static str)]);
        /// Says how the callback's parameters come. The default is [`ResponseMode::Query`].
        with_response_mode(response_mode: ResponseMode);
        /// Names parameters of the callback that the token request repeats.
        with_callback_parameters(callback_parameters: &'static [&'static str]);
        /// Says how the token request is sent. The default is [`TokenRequest::Post`].
        with_token_request(token_request: TokenRequest);
        /// Names forms of errors in addition to that of RFC 6749 section 5.2.
        with_error_forms(error_forms: &'static [ErrorForm]);
        /// Says where the profile comes from.
        with_user_info(user_info: UserInfo);
        /// Says how the profile is read.
        with_mapping(mapping: Mapping);
        /// Says how a user logs out at the provider.
        with_logout(logout: Logout);
        /// Says whether the provider can be used. The default is [`Status::Alive`].
        with_status(status: Status);
    }

    /// Sets the scopes that are asked for by default.
    #[must_use]
    pub const fn with_scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = Scopes::These(scopes);
        self
    }

    /// Says that the provider has no scopes.
    #[must_use]
    pub const fn without_scopes(mut self) -> Self {
        self.scopes = Scopes::NotUsed;
        self
    }

    /// Reads the profile from the responses of these requests.
    #[must_use]
    pub const fn with_calls(mut self, calls: &'static [Call]) -> Self {
        self.user_info = UserInfo::Calls(calls);
        self
    }

    /// Sets the names of the parameters with the client's id and secret.
    #[must_use]
    pub const fn with_client_parameters(mut self, id: &'static str, secret: &'static str) -> Self {
        self.client_id_parameter = id;
        self.client_secret_parameter = secret;
        self
    }

    /// Names a parameter of the callback with a part of the profile, as JSON: Apple's `user`. It is the part
    /// `callback` of the profile's document.
    ///
    /// # Security
    ///
    /// It is not signed, so the user can write it. A mapping cannot read the subject or an e-mail address from
    /// it.
    #[must_use]
    pub const fn with_callback_profile(mut self, parameter: &'static str) -> Self {
        self.callback_profile = Some(parameter);
        self
    }

    /// Sets the fragment that the authorization address must end with.
    #[must_use]
    pub const fn with_authorize_fragment(mut self, fragment: &'static str) -> Self {
        self.authorize_fragment = Some(fragment);
        self
    }

    /// Sets where refresh tokens are redeemed, a template. The default is the token endpoint.
    #[must_use]
    pub const fn with_refresh(mut self, address: &'static str) -> Self {
        self.refresh = Some(address);
        self
    }

    /// Sets the revocation endpoint (RFC 7009), a template.
    #[must_use]
    pub const fn with_revocation(mut self, address: &'static str) -> Self {
        self.revocation = Some(address);
        self
    }

    /// Sets the base address of the provider's API, a template.
    #[must_use]
    pub const fn with_api(mut self, address: &'static str) -> Self {
        self.api = Some(address);
        self
    }

    /// Says when these facts were compared with which source.
    #[must_use]
    pub const fn checked_on(mut self, day: Date, source: &'static str) -> Self {
        self.checked = day;
        self.source = source;
        self
    }
}
