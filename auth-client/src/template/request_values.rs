//! Holds the values of a request in order, some of them secret: [`RequestValues`].

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

#[derive(Clone, Default)]
pub(super) struct RequestValues(Vec<(String, Field)>);

#[derive(Clone)]
enum Field {
    Open(Value),
    Secret(SecretString),
}

impl RequestValues {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.put(name, Field::Open(value));
    }

    pub(super) fn set_secret(&mut self, name: &str, value: SecretString) {
        self.put(name, Field::Secret(value));
    }

    fn put(&mut self, name: &str, value: Field) {
        match self.0.iter_mut().find(|(old, _)| old == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Returns the name of a secret value.
    pub(super) fn first_secret(&self) -> Option<&str> {
        self.0.iter().find(|(_, value)| matches!(value, Field::Secret(_))).map(|(name, _)| name.as_str())
    }

    /// Returns the values as texts, for forms and queries.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.text()))
    }

    pub(super) fn into_object(self) -> Value {
        Value::Object(self.0.into_iter().map(|(name, value)| (name, value.into_json())).collect())
    }
}

impl Field {
    fn text(&self) -> String {
        match self {
            Self::Open(Value::String(text)) => text.clone(),
            Self::Open(value) => value.to_string(),
            Self::Secret(secret) => secret.expose_secret().to_owned(),
        }
    }

    fn into_json(self) -> Value {
        match self {
            Self::Open(value) => value,
            Self::Secret(secret) => Value::from(secret.expose_secret()),
        }
    }
}
