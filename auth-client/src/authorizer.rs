//! Defines [`Authorizer`], the trait that supplies the headers of outgoing requests.

use std::{fmt, pin::Pin, sync::Arc};

use async_trait::async_trait;

use crate::{Credentials, Error};

/// Supplies the headers that authorize requests to a service.
///
/// An implementation needs one method, `authorize`. Override [`reject`](Self::reject) if a second call can
/// return better credentials.
///
/// ```
/// use auth_client::{Authorizer, Credentials, Error};
///
/// #[derive(Debug)]
/// struct Badge(u32);
///
/// #[async_trait::async_trait]
/// impl Authorizer for Badge {
///     async fn authorize(&self) -> Result<Credentials, Error> {
///         Credentials::header("x-badge".parse().unwrap(), self.0.to_string())
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
///
/// let badge: &dyn Authorizer = &Badge(7);
/// assert_eq!(badge.await?.headers()["x-badge"], "7");
/// # Ok(()) }
/// ```
///
/// A reference to an authorizer can be awaited directly, as above; it is the same as
/// `authorizer.authorize().await`.
#[async_trait]
pub trait Authorizer: fmt::Debug + Send + Sync {
    /// Returns the headers for a request.
    ///
    /// # Errors
    ///
    /// Returns the reason why there are no credentials; see [`ErrorKind`](crate::ErrorKind).
    async fn authorize(&self) -> Result<Credentials, Error>;

    /// Records that the service responded 401 to these credentials. Returns whether the next call of
    /// [`authorize`](Self::authorize) may return others.
    ///
    /// Credentials that have been replaced already are ignored, so a late 401 does not discard a valid token.
    async fn reject(&self, _rejected: &Credentials) -> bool {
        false
    }

    /// Returns the service's name for messages. The default is `unknown service`.
    #[expect(clippy::unnecessary_literal_bound, reason = "others have names of their own")]
    fn service_name(&self) -> &str {
        "unknown service"
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<A: Authorizer + ?Sized> Authorizer for $pointer {
            async fn authorize(&self) -> Result<Credentials, Error> {
                (**self).authorize().await
            }

            async fn reject(&self, rejected: &Credentials) -> bool {
                (**self).reject(rejected).await
            }

            fn service_name(&self) -> &str {
                (**self).service_name()
            }
        }
    )*};
}

forward!(Arc<A>, Box<A>);

type AuthorizeFuture<'a> = Pin<Box<dyn Future<Output = Result<Credentials, Error>> + Send + 'a>>;

impl<'a> IntoFuture for &'a dyn Authorizer {
    type Output = Result<Credentials, Error>;
    type IntoFuture = AuthorizeFuture<'a>;

    fn into_future(self) -> Self::IntoFuture {
        self.authorize()
    }
}

/// Implements `(&authorizer).await` for a type of this crate.
macro_rules! awaitable {
    ($name:ident $(<$generic:ident: $bound:path>)?) => {
        impl<'a $(, $generic: $bound)?> IntoFuture for &'a $name $(<$generic>)? {
            type Output = Result<$crate::Credentials, $crate::Error>;
            type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

            fn into_future(self) -> Self::IntoFuture {
                $crate::Authorizer::authorize(self)
            }
        }
    };
}
pub(crate) use awaitable;
