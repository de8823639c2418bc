//! Keys of people for the JSON API, in the table `api_keys`: [`find`], [`of`], [`add`], [`revoke`] and [`revoke_all`].
//!
//! The database has the hash of a key. Each request looks its key up, so a revoked one ends at once, on all instances.

use auth_runtime::{
    BoxError, Identity,
    clock::UnixTime,
    identity::{ApiKeyRecord, CredentialId},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{pages::time, store::Store};

/// What the text of each key begins with, by which scanners for secrets find it.
pub(crate) const PREFIX: &str = "newsroom";

/// What a key may be for, and what people read about it.
pub(crate) const SCOPES: [(&str, &str); 4] = [
    ("articles:read", "Read articles, those included that only you may see"),
    ("articles:write", "Begin articles, change their text, and hand them to the editors"),
    ("articles:review", "Publish articles, and send them back"),
    ("comments:write", "Write comments, and delete them"),
];

/// A key as its owner sees it.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) scopes: String,
    pub(crate) expires: i64,
    pub(crate) last_used: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Stored {
    hash: String,
    owner: String,
    scopes: String,
    created: i64,
    expires: i64,
    revoked: Option<i64>,
}

/// Returns the record of a key, for the policy, which compares the hash and the time.
pub(super) async fn find(store: &Store, id: CredentialId) -> Result<Option<ApiKeyRecord>, BoxError> {
    let found: Option<Stored> =
        sqlx::query_as("SELECT hash, owner, scopes, created, expires, revoked FROM api_keys WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&store.pool)
            .await?;
    let Some(stored) = found else { return Ok(None) };
    let hash = <[u8; 32]>::try_from(STANDARD.decode(stored.hash)?).map_err(|_| "a hash has 32 bytes")?;
    let record = ApiKeyRecord::new(id, hash, Identity::new(stored.owner)?, time::from_row(stored.created))
        .with_scopes(stored.scopes.parse()?)
        .with_expiry(time::from_row(stored.expires));
    Ok(Some(match stored.revoked {
        Some(revoked) => record.with_revocation(time::from_row(revoked)),
        None => record,
    }))
}

/// Returns the keys of a person that have not ended.
pub(super) async fn of(store: &Store, owner: &str, now: UnixTime) -> Result<Vec<Key>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, scopes, expires, last_used FROM api_keys \
         WHERE owner = $1 AND revoked IS NULL AND expires > $2 ORDER BY created DESC, id",
    )
    .bind(owner)
    .bind(time::to_row(now))
    .fetch_all(&store.pool)
    .await
}

pub(super) async fn add(
    store: &Store,
    record: &ApiKeyRecord,
    name: &str,
    expires: UnixTime,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO api_keys (id, hash, owner, name, scopes, created, expires) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(record.id().as_str())
    .bind(STANDARD.encode(record.hash()))
    .bind(record.owner().as_str())
    .bind(name)
    .bind(record.scopes().to_string())
    .bind(time::to_row(record.created()))
    .bind(time::to_row(expires))
    .execute(&store.pool)
    .await?;
    Ok(())
}

/// Notes that a key was used.
pub(super) async fn note_use(store: &Store, id: &CredentialId, now: UnixTime) -> Result<(), sqlx::Error> {
    // Once a minute is enough: a busy key would write all the time.
    sqlx::query(
        "UPDATE api_keys SET last_used = $1 WHERE id = $2 AND (last_used IS NULL OR last_used <= $1 - 60)",
    )
    .bind(time::to_row(now))
    .bind(id.as_str())
    .execute(&store.pool)
    .await?;
    Ok(())
}

/// Revokes a key. Returns whether this person has it.
pub(super) async fn revoke(store: &Store, owner: &str, id: &str, now: UnixTime) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query("UPDATE api_keys SET revoked = $1 WHERE id = $2 AND owner = $3 AND revoked IS NULL")
            .bind(time::to_row(now))
            .bind(id)
            .bind(owner)
            .execute(&store.pool)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes all keys of a person.
pub(crate) async fn revoke_all(store: &Store, owner: &str, now: UnixTime) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE api_keys SET revoked = $1 WHERE owner = $2 AND revoked IS NULL")
        .bind(time::to_row(now))
        .bind(owner)
        .execute(&store.pool)
        .await?;
    Ok(())
}
