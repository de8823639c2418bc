//! Rows of people, and what the library asks about them: [`Person`], [`loader`] and [`groups`].

use auth_runtime::{
    Groups, UserId,
    authorization::{GroupQuestion, GroupSource, by_request},
    users::{UserLoader, Users},
};

use crate::{Role, store::Store};

/// A person as the database has it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) name: String,
    role: String,
    blocked: Option<i64>,
    /// Counts changes of password and address
    pub(crate) revision: i64,
}

impl Person {
    /// Returns the role; `None` if the database has a name that this version does not know, which grants
    /// nothing.
    pub(crate) fn role(&self) -> Option<Role> {
        Role::parse(&self.role)
    }

    /// Returns the groups: that of the role.
    pub(crate) fn groups(&self) -> Groups {
        self.role().map(|role| Groups::from([role])).unwrap_or_default()
    }

    /// Returns whether everything is denied to the person.
    pub(crate) const fn is_blocked(&self) -> bool {
        self.blocked.is_some()
    }
}

/// Returns the columns of [`Person`], for queries.
pub(crate) const COLUMNS: &str = "email, name, role, blocked, revision";

/// Returns the person with this id.
pub(crate) async fn find(store: &Store, id: &str) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as(&format!("SELECT {COLUMNS} FROM people WHERE id = $1"))
        .bind(id)
        .fetch_optional(&store.pool)
        .await
}

/// Returns the id and the person with this address.
pub(crate) async fn find_by_email(
    store: &Store,
    typed: &str,
) -> Result<Option<(String, Person)>, sqlx::Error> {
    let id: Option<(String,)> = sqlx::query_as("SELECT id FROM people WHERE email = $1")
        .bind(normal_email(typed))
        .fetch_optional(&store.pool)
        .await?;
    let Some((id,)) = id else { return Ok(None) };
    Ok(find(store, &id).await?.map(|person| (id, person)))
}

/// Loads the person of each request. A deleted person is logged out, and a blocked one is denied everything.
pub(crate) fn loader(store: Store) -> impl UserLoader<User = Person> {
    Users::new(move |user: UserId| {
        let store = store.clone();
        async move { Ok(find(&store, user.as_str()).await?) }
    })
    .disabled_when(Person::is_blocked)
}

/// Returns the group of a person: the role.
pub(crate) fn groups() -> impl GroupSource {
    by_request(|question: GroupQuestion<'_>| {
        Ok(Some(question.loaded_user::<Person>().map(Person::groups).unwrap_or_default()))
    })
}

/// Returns an address as the database has it.
pub(crate) fn normal_email(typed: &str) -> String {
    typed.trim().to_lowercase()
}
