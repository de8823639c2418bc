//! Exports items to the crates above this one. They may change with every release.

#[cfg(feature = "encrypted-cookie")]
pub use crate::keys::aead_keys::AeadKeys;
pub use crate::{
    acl::Groups,
    answer_future, cookie_options,
    identity::{
        authorization_header::{credentials, sole_token68},
        bearer_challenge::Challenger,
        cookie::{
            cookie_config::{MAX_AGE, is_name},
            duplicate_cookies::{MAX_CANDIDATES, MAX_READ},
        },
        error_kind,
        token_binding::Bindings,
    },
    keys::{
        derived_cache::{Derived, credential_lifetime},
        digest::sha256,
        log_events::checked as report_checked,
        purpose::Purpose,
    },
    revocation::MOST_AHEAD,
    ticket::byte_reader::ByteReader,
    user_id_extractor::{RequestHandle, RequestUser, without_layer},
    users::type_erased::{Account, AnyUsers},
};

pub mod events {
    //! Log events.

    pub use crate::events::*;
}

pub mod http_syntax {
    //! Tokens of HTTP headers.

    pub use crate::identity::http_syntax::*;
}

pub mod loopback {
    //! Cookies without `Secure`.

    pub use crate::identity::cookie::insecure_on_loopback::*;
}

pub mod presented {
    //! Credentials that one request presents.

    pub use crate::identity::presented_credentials::*;
}

pub mod realm {
    //! The realm of challenges.

    pub use crate::identity::realm::{challenge, of_cookies};
}
