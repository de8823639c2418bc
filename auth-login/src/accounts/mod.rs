//! Maps identities at providers to users of the application, and links identities: the trait [`Accounts`].
//!
//! [`Accounts`] finds a user by issuer and subject alone. [`MemoryAccounts`] is for tests and examples; the
//! features `sqlite` and `postgres` add `SqliteAccounts` and `PostgresAccounts`, which
//! bring their tables along.
//!
//! ```
//! use auth_login::{accounts::{Accounts as _, MemoryAccounts}, profile::AccountKey};
//!
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let accounts = MemoryAccounts::new();
//! let identity = AccountKey::new("https://accounts.google.com", "10769150350006150715113082367")?;
//! let user = accounts.find_or_create(&identity).await?;
//! assert_eq!(accounts.find_or_create(&identity).await?, user);
//! # Ok(()) }
//! ```
//!
//! # Security
//!
//! - Nothing here looks at an e-mail address. An automatic link by address would hand an account to
//!   any user of a provider that lets its users write that address.
//! - A further identity is linked only for a [`ReauthenticatedUser`]: a user who is signed in, has logged in recently
//!   and is not impersonated. The caller must have asked this user, with a POST that started the attempt, as the
//!   routes of [`Logins::with_linking`](crate::Logins::with_linking) do.
//! - An identity that belongs to another user is never moved.
//! - The last identity of a user is not unlinked, unless the caller knows of another way in.
//! - Races are decided by unique constraints and row locks of the database, so they hold across instances.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[macro_use]
mod sql;

mod error;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod reauthenticated_user;
#[cfg(feature = "sqlite")]
mod sqlite;

use async_trait::async_trait;
use auth_runtime::UserId;

pub use error::{AccountsError, AccountsErrorKind};
pub use memory::MemoryAccounts;
#[cfg(feature = "postgres")]
pub use postgres::PostgresAccounts;
pub use reauthenticated_user::{ReauthenticatedUser, ReauthenticatedUserError};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteAccounts;

use crate::profile::AccountKey;

/// Knows which user each identity belongs to. An identity belongs to one user; a user may have several.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Returns the user of an identity; `None` if no user has it.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be asked.
    async fn find(&self, identity: &AccountKey) -> Result<Option<UserId>, AccountsError>;

    /// Returns the user of an identity, and creates one, with a random id, if there is none. Simultaneous
    /// calls for one identity return one user.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be asked.
    async fn find_or_create(&self, identity: &AccountKey) -> Result<UserId, AccountsError>;

    /// Returns the identities of a user, by issuer and subject.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be asked.
    async fn identities(&self, user: &UserId) -> Result<Vec<AccountKey>, AccountsError>;

    /// Links a further identity to a user.
    ///
    /// # Errors
    ///
    /// Fails with [`Taken`](AccountsErrorKind::Taken) if the identity belongs to another user: it is never
    /// moved. Fails if the store cannot be asked.
    async fn link(&self, user: &ReauthenticatedUser, identity: &AccountKey) -> Result<Linked, AccountsError>;

    /// Takes an identity from a user, who cannot log in with it any more.
    ///
    /// It ends no session. The route of [`Logins::with_linking`](crate::Logins::with_linking) does, where
    /// log-ins are recorded.
    ///
    /// # Errors
    ///
    /// Fails with [`NotLinked`](AccountsErrorKind::NotLinked) if it is not one of the user's, and with
    /// [`LastIdentity`](AccountsErrorKind::LastIdentity) if it is the user's last one and `last` keeps it.
    /// Fails if the store cannot be asked.
    async fn unlink(
        &self,
        user: &ReauthenticatedUser,
        identity: &AccountKey,
        last: LastIdentity,
    ) -> Result<(), AccountsError>;

    /// Removes a user with all identities. If one of them comes again, it gets a new user.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be asked.
    async fn remove(&self, user: &UserId) -> Result<(), AccountsError>;
}

/// What linking an identity changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// The identity is linked now.
    Now,
    /// The identity was linked to this user before.
    Already,
}

/// Whether a user's last identity may be unlinked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastIdentity {
    /// It must stay: the user could not log in any more.
    Keep,
    /// It may go: the application has checked that the user has another way in, such as a password.
    MayGo,
}

/// Returns the id of a new user: 128 random bits, in hexadecimal.
fn new_user() -> Result<UserId, AccountsError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| AccountsError::unavailable(error.into()))?;
    let id = format!("{:032x}", u128::from_be_bytes(bytes));
    UserId::new(id).map_err(|error| AccountsError::unavailable(error.into()))
}
