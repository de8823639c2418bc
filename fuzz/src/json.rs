//! JSON as written: members in order, including repeated ones.

use std::{collections::BTreeSet, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

pub enum Tree {
    Leaf(Value),
    List(Vec<Self>),
    Members(Vec<(String, Self)>),
}

impl Tree {
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The nesting depth.
    pub fn depth(&self) -> usize {
        match self {
            Self::Leaf(_) => 0,
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Members(members) => 1 + members.iter().map(|(_, tree)| tree.depth()).max().unwrap_or(0),
        }
    }

    pub fn repeats_a_member(&self) -> bool {
        match self {
            Self::Leaf(_) => false,
            Self::List(items) => items.iter().any(Self::repeats_a_member),
            Self::Members(members) => {
                let names: BTreeSet<_> = members.iter().map(|(name, _)| name).collect();
                names.len() < members.len() || members.iter().any(|(_, tree)| tree.repeats_a_member())
            }
        }
    }

    /// Returns whether a member has a name that is private to `serde_json`, which would read it as a number.
    pub fn has_reserved_name(&self) -> bool {
        match self {
            Self::Leaf(_) => false,
            Self::List(items) => items.iter().any(Self::has_reserved_name),
            Self::Members(members) => members
                .iter()
                .any(|(name, tree)| name.starts_with("$serde_json::private::") || tree.has_reserved_name()),
        }
    }

    /// An object at most eight levels deep, without repeated or reserved names.
    pub fn is_strict_object(&self) -> bool {
        matches!(self, Self::Members(_))
            && self.depth() <= 8
            && !self.repeats_a_member()
            && !self.has_reserved_name()
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Leaf(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = from.next_entry()? {
            members.push(member);
        }
        Ok(Tree::Members(members))
    }
}
