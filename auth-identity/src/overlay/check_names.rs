//! Checks the names in rules of overlays: [`KnownNames`].

use std::collections::{BTreeMap, BTreeSet};

use auth_acl::__private::{OwnedName, near};

use super::OverlayError;
use crate::acl::{Acl, ListOverlay, Name, Permissions, Principal};

/// The overlays that lists declare, with the names that their rules may use.
pub(super) struct KnownNames {
    overlays: BTreeMap<&'static str, Known>,
    /// Further permissions, of all lists
    permissions: Vec<&'static str>,
    /// Further groups, of all lists
    groups: Vec<OwnedName>,
}

struct Known {
    overlay: ListOverlay,
    permissions: BTreeSet<Name<'static>>,
    groups: BTreeSet<Name<'static>>,
}

impl KnownNames {
    pub(super) const fn new(permissions: Vec<&'static str>, groups: Vec<OwnedName>) -> Self {
        Self { overlays: BTreeMap::new(), permissions, groups }
    }

    /// Adds the overlays of a list.
    pub(super) fn add(&mut self, list: &Acl) -> Result<(), OverlayError> {
        if !list.is_overlaid() {
            let file = list.file();
            return Err(OverlayError::declaration(format!(
                "a list of {file} declares no overlay; write `overlay = \"…\"` before its rules"
            )));
        }
        for rule in list.rules() {
            let Some(overlay) = rule.overlay().copied() else { continue };
            let known = self.overlays.entry(overlay.name()).or_insert_with(|| Known {
                overlay,
                permissions: BTreeSet::new(),
                groups: BTreeSet::new(),
            });
            if known.overlay != overlay {
                let name = overlay.name();
                return Err(OverlayError::declaration(format!(
                    "one list declares that its overlay `{name}` may widen it, and another does not; write the same in both"
                )));
            }
            if let Permissions::Names(names) = rule.permissions() {
                known.permissions.extend(names);
            }
            if let Principal::Group(name) = rule.principal() {
                known.groups.insert(name);
            }
        }
        Ok(())
    }

    /// Returns the overlays.
    pub(super) fn declared(&self) -> impl Iterator<Item = ListOverlay> {
        self.overlays.values().map(|known| known.overlay)
    }

    pub(super) fn declares(&self, overlay: ListOverlay) -> bool {
        self.overlays.get(overlay.name()).is_some_and(|known| known.overlay == overlay)
    }

    /// Returns the overlay with this name, or the message about one that is not declared.
    pub(super) fn overlay(&self, name: &str) -> Result<ListOverlay, String> {
        let names = || self.overlays.keys().copied();
        self.overlays.get(name).map(|known| known.overlay).ok_or_else(|| {
            let remedy = suggestion(name, names()).unwrap_or_else(|| expected(names()));
            format!("no list declares the overlay `{name}`; {remedy}")
        })
    }

    /// Returns the message about a permission that the list does not mention.
    pub(super) fn check_permission(&self, list: &str, name: Name<'_>) -> Result<(), String> {
        let known = self.overlays.get(list).map(|known| &known.permissions);
        let own = || known.into_iter().flatten().copied();
        let others = || self.permissions.iter().copied().map(Name::Text);
        if own().chain(others()).any(|known| known == name) {
            return Ok(());
        }
        let remedy = remedy(name, own().chain(others()));
        Err(format!("no rule of `{list}` mentions the permission `{name}`; {remedy}"))
    }

    /// Returns the message about a group that the list does not name.
    pub(super) fn check_group(&self, list: &str, name: Name<'_>) -> Result<(), String> {
        let known = self.overlays.get(list).map(|known| &known.groups);
        let own = || known.into_iter().flatten().copied();
        let others = || self.groups.iter().map(OwnedName::as_name);
        if own().chain(others()).any(|known| known == name) {
            return Ok(());
        }
        let remedy = remedy(name, own().chain(others()));
        Err(format!("no rule of `{list}` names the group `{name}`; {remedy}"))
    }
}

fn remedy<'a>(name: Name<'_>, known: impl Iterator<Item = Name<'a>> + Clone) -> String {
    let texts = known.clone().filter_map(|name| match name {
        Name::Text(text) => Some(text),
        Name::Number(_) => None,
    });
    let near = match name {
        Name::Text(text) => suggestion(text, texts),
        Name::Number(_) => None,
    };
    near.unwrap_or_else(|| expected(known.map(|name| name.to_string())))
}

/// Returns `did you mean …?` for the nearest name, if one is near.
pub(super) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let nearest = known.filter_map(|known| Some((near(name, known)?, known))).min()?;
    Some(format!("did you mean `{}`?", nearest.1))
}

fn expected(known: impl Iterator<Item = impl std::fmt::Display>) -> String {
    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    if known.is_empty() { "none is declared".to_owned() } else { format!("known: {}", known.join(", ")) }
}
