//! Adapts session stores that implement `tower-sessions-core` 0.14: [`TowerSessions014`].

use async_trait::async_trait;
use tower_sessions_core::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};
use tower_sessions_core_014 as v0_14;

/// Adapts a store of `tower-sessions-core` 0.14 to 0.15; records and ids are the same.
///
/// Most stores on crates.io implement version 0.14.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, SessionIdentity, identity::session::{MemorySessions, TowerSessions014}};
/// use tower_sessions_moka_store::MokaStore;
///
/// let store = TowerSessions014::new(MokaStore::new(None));
/// let policy = SessionIdentity::new(store).with_index(MemorySessions::new());
/// let app: axum::Router = axum::Router::new().layer(AuthLayer::new(policy));
/// # let _ = app;
/// ```
///
/// # Security
///
/// A store must do what [the contract](crate::session#what-a-store-has-to-do) demands. One that drops records to make
/// room ends sessions early, which logs users out and admits no one.
#[derive(Clone, Debug)]
pub struct TowerSessions014<S>(S);

impl<S> TowerSessions014<S> {
    /// Adapts a store.
    #[must_use]
    pub const fn new(store: S) -> Self {
        Self(store)
    }
}

#[async_trait]
impl<S: v0_14::SessionStore> SessionStore for TowerSessions014<S> {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let mut asked = to_v0_14(record);
        self.0.create(&mut asked).await.map_err(error)?;
        record.id = Id(asked.id.0);
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.0.save(&to_v0_14(record)).await.map_err(error)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.0.load(&v0_14::session::Id(id.0)).await.map_err(error)?;
        Ok(found.map(|found| Record { id: Id(found.id.0), data: found.data, expiry_date: found.expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.delete(&v0_14::session::Id(id.0)).await.map_err(error)
    }
}

fn to_v0_14(record: &Record) -> v0_14::session::Record {
    v0_14::session::Record {
        id: v0_14::session::Id(record.id.0),
        data: record.data.clone(),
        expiry_date: record.expiry_date,
    }
}

fn error(error: v0_14::session_store::Error) -> Error {
    use v0_14::session_store::Error as OldError;
    match error {
        OldError::Backend(text) => Error::Backend(text),
        OldError::Decode(text) => Error::Decode(text),
        OldError::Encode(text) => Error::Encode(text),
    }
}
