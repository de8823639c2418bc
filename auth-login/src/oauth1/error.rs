//! Defines [`OAuth1Error`], the error of a log-in by OAuth 1.0a.

use std::{error::Error, fmt};

use http::StatusCode;

use crate::{descriptor::DescriptorError, profile::ProfileError};

/// Why a log-in by OAuth 1.0a failed. Its text holds no secret and nothing that a provider wrote.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum OAuth1Error {
    /// The client cannot be configured.
    Descriptor(DescriptorError),
    /// The provider is not one with OAuth 1.0a, or an address or header cannot be made; the text says which.
    Configuration(&'static str),
    /// The user denied the authorization.
    Denied,
    /// The callback does not belong to this attempt; the text says why.
    Callback(&'static str),
    /// The provider answered with this status.
    Status(StatusCode),
    /// The provider's response breaks the protocol; the text says how.
    Response(&'static str),
    /// The provider cannot be reached.
    Transport(auth_client::Error),
    /// The provider's response is not a profile.
    Profile(ProfileError),
}

impl fmt::Display for OAuth1Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptor(error) => fmt::Display::fmt(error, f),
            Self::Configuration(text) | Self::Callback(text) | Self::Response(text) => f.write_str(text),
            Self::Denied => f.write_str("the user denied the authorization"),
            Self::Status(status) => write!(f, "the provider answered {status}"),
            Self::Transport(error) => fmt::Display::fmt(error, f),
            Self::Profile(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl Error for OAuth1Error {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Descriptor(error) => Some(error),
            Self::Transport(error) => Some(error),
            Self::Profile(error) => Some(error),
            _ => None,
        }
    }
}

impl From<DescriptorError> for OAuth1Error {
    fn from(error: DescriptorError) -> Self {
        Self::Descriptor(error)
    }
}

impl From<ProfileError> for OAuth1Error {
    fn from(error: ProfileError) -> Self {
        Self::Profile(error)
    }
}

impl From<auth_client::Error> for OAuth1Error {
    fn from(error: auth_client::Error) -> Self {
        Self::Transport(error)
    }
}
