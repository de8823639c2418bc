//! Items for the crates above this one. They may change with every release.

#[cfg(feature = "encrypted-cookie")]
pub use crate::keys::aead::AeadKeys;
pub use crate::{
    answer, cookie_options,
    extractor::{RequestHandle, RequestUser, without_layer},
    identity::{
        authorization_header::{credentials, sole_token68},
        cookie::{
            config::{MAX_AGE, is_name},
            several::{MAX_CANDIDATES, MAX_READ},
        },
        error_kind,
    },
    keys::{
        derived::{Derived, credential_lifetime},
        digest::sha256,
        purpose::Purpose,
        report::checked as report_checked,
    },
    revocation::MOST_AHEAD,
    ticket::reader::Reader,
    users::erased::{Account, AnyUsers},
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

    pub use crate::identity::cookie::loopback::*;
}

pub mod presented {
    //! Credentials that one request presents.

    pub use crate::identity::presented::*;
}

pub mod realm {
    //! The realm of challenges.

    pub use crate::identity::realm::{challenge, of_cookies};
}
