//! Stores keys in databases of `sqlx`: `SqliteKeyStore` and `PostgresKeyStore`.

/// Declares a store with a pool. The statements are those of SQLite and PostgreSQL alike.
macro_rules! sql_key_store {
    ($(#[$doc:meta])* $name:ident, $pool:ty, $text:literal, $lock:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            pool: $pool,
            name: String,
        }

        impl $name {
            /// Creates a store in this database, for the ring named `default`.
            #[must_use]
            pub fn new(pool: $pool) -> Self {
                Self { pool, name: "default".to_owned() }
            }

            /// Sets the name of the ring, for several rings in one table. The default is `default`.
            #[must_use]
            pub fn with_name(mut self, name: impl Into<String>) -> Self {
                self.name = name.into();
                self
            }

            /// Creates the table `auth_keys` unless it exists.
            ///
            /// # Errors
            ///
            /// Fails if the database cannot be written.
            pub async fn create_table(&self) -> Result<(), crate::BoxError> {
                let schema = concat!(
                    "CREATE TABLE IF NOT EXISTS auth_keys (name ", $text, " NOT NULL PRIMARY KEY, ",
                    "revision BIGINT NOT NULL, document TEXT NOT NULL)"
                );
                let lock: Option<&str> = $lock;
                let mut transaction = self.pool.begin().await?;
                for text in lock.into_iter().chain([schema]) {
                    sqlx::query(text).execute(&mut *transaction).await?;
                }
                transaction.commit().await?;
                Ok(())
            }
        }

        #[async_trait::async_trait]
        impl crate::key_store::KeyStore for $name {
            async fn load(&self) -> Result<Option<crate::key_store::StoredKeys>, crate::BoxError> {
                let query = "SELECT revision, document FROM auth_keys WHERE name = $1";
                let query = sqlx::query_as::<_, (i64, String)>(query).bind(&self.name);
                let Some((revision, text)) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
                Ok(Some(crate::key_store::StoredKeys::new(u64::try_from(revision)?, text)))
            }

            async fn replace(
                &self,
                expected: Option<u64>,
                keys: &crate::key_store::StoredKeys,
            ) -> Result<bool, crate::BoxError> {
                let revision = i64::try_from(keys.revision())?;
                let query = match expected {
                    None => sqlx::query(
                        "INSERT INTO auth_keys (revision, document, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                    ),
                    Some(_) => sqlx::query(
                        "UPDATE auth_keys SET revision = $1, document = $2 WHERE name = $3 AND revision = $4",
                    ),
                };
                let mut query = query.bind(revision).bind(keys.text()).bind(&self.name);
                if let Some(expected) = expected {
                    query = query.bind(i64::try_from(expected)?);
                }
                Ok(query.execute(&self.pool).await?.rows_affected() == 1)
            }
        }
    };
}

#[cfg(feature = "key-store-sqlite")]
sql_key_store! {
    /// Stores shared keys in a table of SQLite, for the processes that share the file.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use auth_runtime::clock::{Clock, SystemClock};
    /// use auth_runtime::key_store::{SharedKeyRing, SqliteKeyStore};
    /// use auth_runtime::{BoxError, Key, keys::Rotation};
    ///
    /// # async fn example(pool: sqlx::SqlitePool, root: Key) -> Result<(), BoxError> {
    /// let store = SqliteKeyStore::new(pool);
    /// store.create_table().await?;
    /// let rotation = Rotation::every("30d")?;
    /// let keys = SharedKeyRing::open_with_root_key(store, root, rotation, SystemClock.now()).await?;
    /// # let _ = keys;
    /// # Ok(()) }
    /// ```
    ///
    /// # Security
    ///
    /// What is in the table are the keys themselves, unless a root key is needed as well, as above: with one, a copy of the
    /// database does not allow signing.
    SqliteKeyStore, sqlx::SqlitePool, "TEXT", None
}

#[cfg(feature = "key-store-postgres")]
sql_key_store! {
    /// Stores shared keys in a table of PostgreSQL, for any number of instances.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use auth_runtime::clock::{Clock, SystemClock};
    /// use auth_runtime::key_store::{PostgresKeyStore, SharedKeyRing};
    /// use auth_runtime::{BoxError, Key, keys::Rotation};
    ///
    /// # async fn example(pool: sqlx::PgPool, root: Key) -> Result<(), BoxError> {
    /// let store = PostgresKeyStore::new(pool);
    /// store.create_table().await?;
    /// let rotation = Rotation::every("30d")?;
    /// let keys = SharedKeyRing::open_with_root_key(store, root, rotation, SystemClock.now()).await?;
    /// # let _ = keys;
    /// # Ok(()) }
    /// ```
    ///
    /// # Security
    ///
    /// What is in the table are the keys themselves, unless a root key is needed as well, as above: with one, a backup or a
    /// replica does not allow signing. Connect to the primary: a replica that lags has old keys.
    PostgresKeyStore, sqlx::PgPool, "TEXT COLLATE \"C\"", Some(
        // Keeps two instances from creating the table at the same time: the letters `authkeys`.
        "SELECT pg_advisory_xact_lock(7022647185781389683)"
    )
}
