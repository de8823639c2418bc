//! Checks constant descriptors at compile time: [`Problem`].

use super::{
    Call, ClientMethod, Descriptor, Endpoints, IdTokenKey, Issuer, Logout, Pkce, Protocol, ResponseMode,
    Scopes, UserInfo,
};
use crate::profile::Subject;

/// What is wrong with a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The id is empty or has other characters than small letters, digits and hyphens.
    Id,
    /// An address is neither `https` nor `http` on a loopback address, or has blanks, a fragment, a name or a
    /// password.
    Address,
    /// There is no scope.
    Scopes,
    /// An OpenID provider's scopes lack `openid`.
    OpenIdScope,
    /// There is no issuer.
    Issuer,
    /// Only OpenID providers can be discovered.
    Discovery,
    /// There is nothing from which a profile could be read.
    UserInfo,
    /// No subject is mapped.
    Subject,
    /// The subject, an e-mail address or its verification is read from the callback, which the user can write.
    Unsigned,
    /// `id_token`s are signed with the client's secret, and there are none, or the client has no secret.
    IdTokenKey,
    /// Only OpenID Connect protects a form-post callback without PKCE.
    Unprotected,
}

impl Problem {
    /// Returns the problem, and the remedy after a semicolon.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Id => "the id is not fit for a path; write small letters, digits and hyphens",
            Self::Address => {
                "an address is not secure; write `https://…`, or `http://127.0.0.1:…`, without a fragment"
            }
            Self::Scopes => {
                "there are no scopes; call `with_scopes`, or `without_scopes` if the provider has none"
            }
            Self::OpenIdScope => {
                "the scope `openid` is missing; add it, or describe the provider by `oauth2`"
            }
            Self::Issuer => "there is no issuer, so accounts have no name; call `with_issuer`",
            Self::Discovery => {
                "OAuth providers are not discovered; describe the provider by `oauth2` with endpoints"
            }
            Self::UserInfo => "no profile can be read; call `with_calls` or `with_user_info`",
            Self::Subject => "there is no subject, so accounts have no key; call `with_mapping`",
            Self::Unsigned => {
                "the subject, an e-mail address or its verification comes from the callback, which the user can \
                 write; read it from a response of the provider"
            }
            Self::IdTokenKey => {
                "an id_token under the client's secret needs OpenID Connect and a client with a secret; call \
                 `with_client_method`, or leave `with_id_token_key` out"
            }
            Self::Unprotected => "a form-post callback needs PKCE or OpenID Connect; call `with_pkce`",
        }
    }
}

impl Descriptor {
    /// Checks the descriptor; for constants, at compile time.
    ///
    /// ```compile_fail,E0080
    /// use auth_login::descriptor::Descriptor;
    ///
    /// // error: an address is not secure; write `https://…`, or `http://127.0.0.1:…`, without a fragment
    /// const MINE: Descriptor = Descriptor::openid("mine", "Mine", "http://id.example.com").validated();
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use auth_login::descriptor::{Descriptor, Issuer};
    ///
    /// // error: there are no scopes; call `with_scopes`, or `without_scopes` if the provider has none
    /// const MINE: Descriptor = Descriptor::oauth2("mine", "Mine", "https://a.example/a", "https://a.example/t")
    ///     .with_issuer(Issuer::Namespace("https://a.example"))
    ///     .validated();
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use auth_login::descriptor::Descriptor;
    /// use auth_login::profile::{Mapping, Subject};
    ///
    /// // error: the subject, an e-mail address or its verification comes from the callback, which the user can
    /// // write; read it from a response of the provider
    /// const MINE: Descriptor = Descriptor::openid("mine", "Mine", "https://id.example.com")
    ///     .with_callback_profile("user")
    ///     .with_mapping(Mapping::OPENID.with_subject(Subject::Member("/callback/sub")))
    ///     .validated();
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use auth_login::descriptor::Descriptor;
    /// use auth_login::profile::{EmailSource, Mapping, Verified};
    ///
    /// // error: the subject, an e-mail address or its verification comes from the callback, which the user can
    /// // write; read it from a response of the provider
    /// const EMAIL: &[EmailSource] = &[EmailSource::new("/id_token/email", Verified::Claims(&["/callback/ok"]))];
    /// const MINE: Descriptor = Descriptor::openid("mine", "Mine", "https://id.example.com")
    ///     .with_callback_profile("user")
    ///     .with_mapping(Mapping::OPENID.with_email(EMAIL))
    ///     .validated();
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use auth_login::descriptor::{ClientMethod, Descriptor, IdTokenKey};
    ///
    /// // error: an id_token under the client's secret needs OpenID Connect and a client with a secret; call
    /// // `with_client_method`, or leave `with_id_token_key` out
    /// const MINE: Descriptor = Descriptor::openid("mine", "Mine", "https://id.example.com")
    ///     .with_client_method(ClientMethod::None)
    ///     .with_id_token_key(IdTokenKey::ClientSecret)
    ///     .validated();
    /// ```
    ///
    /// ```
    /// use auth_login::descriptor::Descriptor;
    ///
    /// const MINE: Descriptor = Descriptor::openid("mine", "Mine", "https://id.example.com").validated();
    /// # let _ = MINE;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics with the problem's message if there is one; in a constant, that is a compile error.
    #[must_use]
    pub const fn validated(self) -> Self {
        if let Some(problem) = self.problem() {
            #[expect(clippy::panic, reason = "it is the way to a compile error")]
            {
                panic!("{}", problem.message());
            }
        }
        self
    }

    /// Returns what is wrong with the descriptor, if anything is.
    #[must_use]
    pub const fn problem(&self) -> Option<Problem> {
        if !is_id(self.id) {
            return Some(Problem::Id);
        }
        if !self.has_issuer() {
            return Some(Problem::Issuer);
        }
        if !self.has_secure_addresses() {
            return Some(Problem::Address);
        }
        match self.scopes {
            Scopes::These([]) => return Some(Problem::Scopes),
            Scopes::These(scopes) if !is_openid(self.protocol) || holds_openid(scopes) => {}
            Scopes::NotUsed if !is_openid(self.protocol) => {}
            _ => return Some(Problem::OpenIdScope),
        }
        if matches!(self.endpoints, Endpoints::Discovered) && !is_openid(self.protocol) {
            return Some(Problem::Discovery);
        }
        match self.user_info {
            UserInfo::Calls([]) => return Some(Problem::UserInfo),
            UserInfo::IdToken | UserInfo::Discovered if !is_openid(self.protocol) => {
                return Some(Problem::UserInfo);
            }
            _ => {}
        }
        let is_subject_missing = match self.mapping.subject {
            Subject::Member(pointer) | Subject::LastSegment(pointer) => pointer.is_empty(),
            Subject::Compound(pointers) | Subject::FirstOf(pointers) => pointers.is_empty(),
        };
        if is_subject_missing {
            return Some(Problem::Subject);
        }
        if self.trusts_callback() {
            return Some(Problem::Unsigned);
        }
        if matches!(self.id_token_key, IdTokenKey::ClientSecret)
            && !(is_openid(self.protocol) && sends_secret(self.client_method))
        {
            return Some(Problem::IdTokenKey);
        }
        let is_unprotected =
            matches!(self.pkce, Pkce::Unsupported) && matches!(self.response_mode, ResponseMode::FormPost);
        if is_unprotected && !is_openid(self.protocol) {
            return Some(Problem::Unprotected);
        }
        None
    }

    const fn has_issuer(&self) -> bool {
        match self.issuer {
            Issuer::Exact(text) | Issuer::Namespace(text) => !text.is_empty(),
            Issuer::PerTenant { pattern, marker, claim, .. } => {
                !pattern.is_empty() && !marker.is_empty() && !claim.is_empty()
            }
        }
    }

    const fn has_secure_addresses(&self) -> bool {
        let is_endpoint_secure = match self.endpoints {
            Endpoints::Discovered => true,
            Endpoints::OAuth2 { authorization, token } => is_secure(authorization) && is_secure(token),
            Endpoints::OAuth1 { request, authorization, token } => {
                is_secure(request) && is_secure(authorization) && is_secure(token)
            }
        };
        let is_issuer_secure = match self.issuer {
            Issuer::Exact(text) => is_secure(text),
            Issuer::PerTenant { metadata, pattern, .. } => is_secure(metadata) && is_secure(pattern),
            Issuer::Namespace(_) => true,
        };
        let is_logout_secure = match self.logout {
            Logout::Address { address, .. } => is_secure(address),
            Logout::Discovered | Logout::None => true,
        };
        let is_user_info_secure = match self.user_info {
            UserInfo::Calls(calls) => are_secure(calls),
            UserInfo::IdToken | UserInfo::Discovered | UserInfo::TokenResponse => true,
        };
        is_endpoint_secure
            && is_issuer_secure
            && is_logout_secure
            && is_user_info_secure
            && is_absent_or_secure(self.refresh)
            && is_absent_or_secure(self.revocation)
            && is_absent_or_secure(self.api)
    }
}

const fn is_openid(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::OpenId)
}

const fn sends_secret(method: ClientMethod) -> bool {
    matches!(method, ClientMethod::Basic | ClientMethod::BasicUnencoded | ClientMethod::Post)
}

const fn is_absent_or_secure(address: Option<&str>) -> bool {
    match address {
        Some(address) => is_secure(address),
        None => true,
    }
}

const fn are_secure(mut calls: &[Call]) -> bool {
    while let Some((call, rest)) = calls.split_first() {
        if !is_secure(call.address) {
            return false;
        }
        calls = rest;
    }
    true
}

const fn holds_openid(mut scopes: &[&str]) -> bool {
    while let Some((scope, rest)) = scopes.split_first() {
        if matches!(scope.as_bytes(), b"openid") {
            return true;
        }
        scopes = rest;
    }
    false
}

const fn is_id(id: &str) -> bool {
    let mut rest = id.as_bytes();
    while let Some((byte, others)) = rest.split_first() {
        if !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-') {
            return false;
        }
        rest = others;
    }
    !id.is_empty() && id.len() <= 32
}

/// True for a template that begins with `https`, a loopback address or a placeholder. What is filled in, and
/// the whole address, are checked again when the log-in is configured.
const fn is_secure(address: &str) -> bool {
    let bytes = address.as_bytes();
    let begins_well = match bytes {
        [b'h', b't', b't', b'p', b's', b':', b'/', b'/', first, ..] => !matches!(*first, b'/'),
        [b'h', b't', b't', b'p', b':', b'/', b'/', rest @ ..] => matches!(
            rest,
            [b'1', b'2', b'7', b'.', b'0', b'.', b'0', b'.', b'1']
                | [b'[', b':', b':', b'1', b']']
                | [b'1', b'2', b'7', b'.', b'0', b'.', b'0', b'.', b'1', b':' | b'/', ..]
                | [b'[', b':', b':', b'1', b']', b':' | b'/', ..]
        ),
        [b'{', ..] => true,
        _ => false,
    };
    begins_well && is_plain(bytes)
}

const fn is_plain(mut bytes: &[u8]) -> bool {
    while let Some((byte, rest)) = bytes.split_first() {
        if !byte.is_ascii_graphic() || matches!(byte, b'#' | b'\\') {
            return false;
        }
        bytes = rest;
    }
    true
}
