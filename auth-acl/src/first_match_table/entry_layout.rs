//! Lays an entry of the table out as numbers, finds its place, and compares it with a principal and a permission.

use crate::{
    Name, Permissions, Principal, Rule,
    const_hash::{hash, hash_name},
};

/// Stands for "no rule"; a list cannot be that long.
pub(crate) const NONE: u32 = u32::MAX;

/// An element of the table. The table is an array of plain numbers because the compiler checks each field of
/// each struct again wherever a list is used, and does not do so for an array of numbers.
pub type First = u32;

/// How many numbers make up an entry; the place of an entry is the index of the first.
pub(super) const WIDTH: usize = 8;

// The fields of an entry, as offsets from its place.

pub(super) const FINGERPRINT: usize = 0;
/// The rule; [`NONE`] if the entry is vacant
pub(super) const RULE: usize = 1;
/// The name among the rule's permissions; [`NONE`] for `ALL` of them
pub(super) const NAME: usize = 2;
/// The next place about the same permission
pub(super) const NEXT: usize = 3;
/// The fields from here on are not part of the entry: they belong to a second table, of permissions, that
/// shares the array.
pub(super) const HEAD: usize = 4;
/// The index of the number that is the first rule with a condition, or [`NONE`]; no entry and no head uses it
pub(super) const FIRST_CONDITIONAL: usize = 7;

pub(crate) const fn principal_fingerprint(principal: Principal<'_>) -> u64 {
    match principal {
        Principal::Everyone => 1,
        Principal::Authenticated => 2,
        Principal::User(id) => hash(id.as_bytes(), 3),
        Principal::Group(name) => hash_name(name, 4),
    }
}

/// The preferred place of an entry, before collisions.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "fingerprints are below 2^32, and the length is at least a width"
)]
#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
pub(super) const fn home(table: &[First], fingerprint: u64) -> usize {
    (fingerprint * WIDTH as u64) as usize & (table.len() - 1)
}

/// The name at an index of a rule's permissions; `None` stands for `ALL`.
#[expect(clippy::indexing_slicing, reason = "a place of this very rule")]
pub(super) const fn name_of<'a>(rule: &Rule<'a>, at: u32) -> Option<Name<'a>> {
    match rule.permissions() {
        Permissions::Names(names) if at != NONE => Some(names[at as usize]),
        _ => None,
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a place of this very table, and a rule of this very list"
)]
pub(super) const fn is_of(
    table: &[First],
    place: usize,
    rules: &[Rule<'_>],
    fingerprint: u64,
    principal: Principal<'_>,
    permission: Option<Name<'_>>,
) -> bool {
    if table[place + FINGERPRINT] as u64 != fingerprint {
        return false;
    }
    let rule = &rules[table[place + RULE] as usize];
    if rule.is_conditional() || !same_principal(rule.principal(), principal) {
        return false;
    }
    match (name_of(rule, table[place + NAME]), permission) {
        (Some(a), Some(b)) => a.is(b),
        (None, None) => true,
        _ => false,
    }
}

/// Compares like `==`, but in constants.
pub(crate) const fn same_principal(a: Principal<'_>, b: Principal<'_>) -> bool {
    match (a, b) {
        (Principal::Everyone, Principal::Everyone) | (Principal::Authenticated, Principal::Authenticated) => {
            true
        }
        (Principal::User(a), Principal::User(b)) => Name::Text(a).is(Name::Text(b)),
        (Principal::Group(a), Principal::Group(b)) => a.is(b),
        _ => false,
    }
}

pub(crate) const fn least(a: u32, b: u32) -> u32 {
    if a < b { a } else { b }
}
