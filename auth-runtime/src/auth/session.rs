//! What handlers keep of their client.

use std::{fmt, sync::Arc};

use axum::{extract::FromRequestParts, response::Response};
use http::request::Parts;
use serde::{Serialize, de::DeserializeOwned};

use super::{Auth, AuthError};
use crate::identity::{Data, DataEdits};

/// Keeps values between the requests of one client, with an identity policy that stores something: sessions or encrypted
/// cookies.
///
/// Any handler under an [`AuthLayer`](crate::AuthLayer) can take one as an argument; it need not have a user. Values are
/// kept as JSON, under keys. A log-in begins without those of whoever was there before.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthError, Session};
///
/// async fn count(session: Session) -> Result<String, AuthError> {
///     let visits = session.get::<u32>("visits")?.unwrap_or(0).saturating_add(1);
///     session.insert("visits", &visits).await?;
///     Ok(format!("you have been here {visits} times"))
/// }
/// ```
///
/// # Errors
///
/// Every method fails as those of [`Auth`] do. A change fails with
/// [`InvalidCredential`](crate::AuthErrorKind::InvalidCredential) when another request has ended the session, with
/// [`TooLarge`](crate::AuthErrorKind::TooLarge) when the values are too long, and with
/// [`Misconfigured`](crate::AuthErrorKind::Misconfigured) when the policy stores nothing.
#[derive(Clone)]
pub struct Session {
    auth: Auth,
}

impl Session {
    /// Returns the value under a key, as it is after the changes of this request.
    ///
    /// # Errors
    ///
    /// See [`Session`]; also fails with [`Misconfigured`](crate::AuthErrorKind::Misconfigured) when the value is no `T`.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, AuthError> {
        let Some(data) = self.data()? else { return Ok(None) };
        let Some(json) = data.get(key) else { return Ok(None) };
        serde_json::from_str(json)
            .map(Some)
            .map_err(|_| AuthError::misconfigured("a value of the session is of another type"))
    }

    /// Returns everything that is kept.
    ///
    /// # Errors
    ///
    /// See [`Session`].
    pub fn data(&self) -> Result<Option<Arc<Data>>, AuthError> {
        Ok(self.auth.state.identified_as_resolved()?.data().cloned())
    }

    /// Keeps a value under a key.
    ///
    /// # Errors
    ///
    /// See [`Session`]; also fails with [`Misconfigured`](crate::AuthErrorKind::Misconfigured) when the value cannot be written
    /// as JSON.
    pub async fn insert<T: Serialize + ?Sized>(
        &self,
        key: impl Into<String>,
        value: &T,
    ) -> Result<(), AuthError> {
        let json = serde_json::to_string(value)
            .map_err(|_| AuthError::misconfigured("a value cannot be written as JSON"))?;
        self.edit(&DataEdits::new().set(key, json)).await
    }

    /// Removes the value under a key, if there is one.
    ///
    /// # Errors
    ///
    /// See [`Session`].
    pub async fn remove(&self, key: impl Into<String>) -> Result<(), AuthError> {
        self.edit(&DataEdits::new().remove(key)).await
    }

    /// Makes several changes at once: all of them or none.
    ///
    /// # Errors
    ///
    /// See [`Session`].
    pub async fn edit(&self, edits: &DataEdits) -> Result<(), AuthError> {
        self.auth.store(edits).await
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let auth = Auth::from_request_parts(parts, state).await?;
        // Whether the credential was revoked is found out here, so that values can be read without waiting. A failure is
        // remembered, and reported by the method that asks for what is missing.
        let _ = auth.state.identified().await;
        Ok(Self { auth })
    }
}
