//! Builds the table of a list: [`firsts`] in constants, and [`firsts_of`] at run time.

use super::{
    deciding_rules_by_permission::append,
    entry_layout::{
        FINGERPRINT, FIRST_CONDITIONAL, First, NAME, NONE, RULE, WIDTH, home, is_of, name_of,
        principal_fingerprint,
    },
};
use crate::{Permissions, Rule, const_hash::hash_name};

/// Returns how many numbers the table of these rules needs: a power of two, with room for twice the entries.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
pub const fn places(rules: &[Rule<'_>]) -> usize {
    let mut entries = 1;
    let mut at = 0;
    while at < rules.len() {
        entries += match rules[at].permissions() {
            Permissions::Names(names) => names.len(),
            Permissions::All | Permissions::Set(_) => 1,
        };
        at += 1;
    }
    (entries * 2usize).next_power_of_two() * WIDTH
}

/// Builds the table.
#[must_use]
pub const fn firsts<const NUMBERS: usize>(rules: &[Rule<'_>]) -> [First; NUMBERS] {
    let mut table = [NONE; NUMBERS];
    fill(&mut table, rules);
    table
}

/// Builds the table for rules that are combined at run time.
#[must_use]
pub fn firsts_of(rules: &[Rule<'_>]) -> alloc::vec::Vec<First> {
    let mut table = alloc::vec![NONE; places(rules)];
    fill(&mut table, rules);
    table
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
#[expect(clippy::cast_possible_truncation, reason = "a list of 2^32 rules does not fit into a program")]
const fn fill(table: &mut [First], rules: &[Rule<'_>]) {
    let mut at = 0;
    while at < rules.len() {
        let seed = principal_fingerprint(rules[at].principal());
        if rules[at].is_conditional() && table[FIRST_CONDITIONAL] == NONE {
            table[FIRST_CONDITIONAL] = at as u32;
        }
        match rules[at].permissions() {
            Permissions::All => {
                insert(table, rules, seed, at as u32, NONE);
            }
            Permissions::Names(names) => {
                let mut n = 0;
                while n < names.len() {
                    let fingerprint = hash_name(names[n], seed);
                    insert(table, rules, fingerprint, at as u32, n as u32);
                    n += 1;
                }
            }
            Permissions::Set(_) => {}
        }
        at += 1;
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the mask keeps `place` below the length, a power of two"
)]
#[expect(clippy::cast_possible_truncation, reason = "fingerprints are below 2^32")]
const fn insert(table: &mut [First], rules: &[Rule<'_>], fingerprint: u64, rule: u32, name: u32) {
    let principal = rules[rule as usize].principal();
    let permission = name_of(&rules[rule as usize], name);
    let mut place = home(table, fingerprint);
    let is_conditional = rules[rule as usize].is_conditional();
    while table[place + RULE] != NONE {
        if !is_conditional && is_of(table, place, rules, fingerprint, principal, permission) {
            return;
        }
        place = (place + WIDTH) & (table.len() - 1);
    }
    table[place + FINGERPRINT] = fingerprint as u32;
    table[place + RULE] = rule;
    table[place + NAME] = name;
    append(table, rules, place as u32, permission);
}
