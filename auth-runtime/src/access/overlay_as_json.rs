//! Formats the part of the access table that an overlay adds as JSON.

use serde::Serialize;

use super::{AccessTable, OverlayChange, table_as_json::CellOut};
use crate::acl::OverlayRule;

/// The rules of overlays, and the answers that they change
#[derive(Serialize)]
pub(super) struct OverlayOut<'a> {
    rules: Vec<OverlayRuleOut<'a>>,
    changes: Vec<OverlayChangeOut<'a>>,
}

#[derive(Serialize)]
struct OverlayRuleOut<'a> {
    list: &'a str,
    id: &'a str,
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'a str>,
}

#[derive(Serialize)]
struct OverlayChangeOut<'a> {
    route: &'a str,
    caller: &'a str,
    constant: CellOut,
    now: CellOut,
    rules: &'a str,
}

impl<'a> OverlayOut<'a> {
    /// Returns the part, if the table has one.
    pub(super) fn of(table: &'a AccessTable) -> Option<Self> {
        table.overlay.as_ref().map(|_| Self {
            rules: table.overlay_rules().iter().map(OverlayRuleOut::of).collect(),
            changes: table.overlay_changes().iter().map(OverlayChangeOut::of).collect(),
        })
    }
}

impl<'a> OverlayRuleOut<'a> {
    fn of(rule: &'a OverlayRule) -> Self {
        Self {
            list: rule.list(),
            id: rule.id(),
            rule: rule.to_string(),
            note: rule.note(),
            owner: rule.owner(),
            until: rule.until(),
        }
    }
}

impl<'a> OverlayChangeOut<'a> {
    fn of(change: &'a OverlayChange) -> Self {
        Self {
            route: change.route(),
            caller: change.caller(),
            constant: CellOut::of(change.constant()),
            now: CellOut::of(change.now()),
            rules: change.rule(),
        }
    }
}
