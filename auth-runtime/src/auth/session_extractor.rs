//! Extracts session data in handlers: [`Session`].

use std::{fmt, sync::Arc};

use axum::{extract::FromRequestParts, response::Response};
use http::request::Parts;
use serde::{Serialize, de::DeserializeOwned};

use super::{Auth, AuthError};
use crate::identity::{Data, DataEdits};

/// Stores values between the requests of one client, with an identity policy that has storage: sessions or
/// encrypted cookies.
///
/// Any handler under an [`AuthLayer`](crate::AuthLayer) can take one as an argument; a user is not required.
/// Values are stored as JSON, by key. A log-in starts with an empty session: values of the previous user are
/// not visible to the next.
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
/// [`InvalidCredential`](crate::AuthErrorKind::InvalidCredential) if another request has ended the session,
/// with [`TooLarge`](crate::AuthErrorKind::TooLarge) if the values are too long, and with
/// [`Misconfigured`](crate::AuthErrorKind::Misconfigured) if the policy has no storage.
#[derive(Clone)]
pub struct Session {
    auth: Auth,
}

impl Session {
    /// Returns the value of a key, including the changes of this request.
    ///
    /// # Errors
    ///
    /// See [`Session`]; also fails with [`Misconfigured`](crate::AuthErrorKind::Misconfigured) if the value
    /// does not deserialize as `T`.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, AuthError> {
        let Some(data) = self.data()? else { return Ok(None) };
        let Some(json) = data.get(key) else { return Ok(None) };
        serde_json::from_str(json)
            .map(Some)
            .map_err(|_| AuthError::misconfigured("a value of the session is of another type"))
    }

    /// Returns all values.
    ///
    /// # Errors
    ///
    /// See [`Session`].
    pub fn data(&self) -> Result<Option<Arc<Data>>, AuthError> {
        Ok(self.auth.state.identified_as_resolved()?.data().cloned())
    }

    /// Sets the value of a key.
    ///
    /// # Errors
    ///
    /// See [`Session`]; also fails with [`Misconfigured`](crate::AuthErrorKind::Misconfigured) if the value
    /// cannot be serialized as JSON.
    pub async fn insert<T: Serialize + ?Sized>(
        &self,
        key: impl Into<String>,
        value: &T,
    ) -> Result<(), AuthError> {
        let json = serde_json::to_string(value)
            .map_err(|_| AuthError::misconfigured("a value cannot be written as JSON"))?;
        self.edit(&DataEdits::new().set(key, json)).await
    }

    /// Removes a key, if it exists.
    ///
    /// # Errors
    ///
    /// See [`Session`].
    pub async fn remove(&self, key: impl Into<String>) -> Result<(), AuthError> {
        self.edit(&DataEdits::new().remove(key)).await
    }

    /// Makes several changes atomically.
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
        // The revocation check happens here, so that values can be read without `await`. A failure is stored,
        // and reported by the method that needs the missing value.
        let _ = auth.state.identified().await;
        Ok(Self { auth })
    }
}
