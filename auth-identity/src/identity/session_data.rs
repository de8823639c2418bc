//! Holds session data and its changes: [`Data`] and [`DataEdits`].

use std::{collections::BTreeMap, fmt};

/// Values by key, each as JSON text.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Data(BTreeMap<String, String>);

/// Changes of [`Data`]: a new value as JSON text for each key, or its removal.
#[derive(Clone, Default, Eq, PartialEq)]
#[must_use]
pub struct DataEdits(BTreeMap<String, Option<String>>);

impl Data {
    /// Returns the value of a key, as JSON text.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Returns the keys and values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Returns whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Applies changes.
    pub fn edit(&mut self, edits: &DataEdits) {
        for (key, value) in &edits.0 {
            match value {
                Some(value) => self.0.insert(key.clone(), value.clone()),
                None => self.0.remove(key),
            };
        }
    }
}

impl FromIterator<(String, String)> for Data {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl DataEdits {
    /// Creates an empty set of changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of a key to this JSON text.
    pub fn set(mut self, key: impl Into<String>, json: impl Into<String>) -> Self {
        self.0.insert(key.into(), Some(json.into()));
        self
    }

    /// Returns the keys that are set or removed, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Removes a key.
    pub fn remove(mut self, key: impl Into<String>) -> Self {
        self.0.insert(key.into(), None);
        self
    }
}

impl fmt::Debug for Data {
    /// Shows only the keys: values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl fmt::Debug for DataEdits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
