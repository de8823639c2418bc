//! ACLs of any length, as constants and built at run time.
//!
//! Rule number i allows `group-i` one of two permissions in turn, so half of the rules match each permission,
//! however long the ACL is.

use auth_runtime::{
    __private::{First, Index, Slot, firsts, index, places, slots},
    Acl, Action, Name, Permissions, Principal, Rule,
};

/// The requested permission; the rules with odd numbers match it.
pub(crate) const EDIT: Name<'static> = Name::Text("edit");
const VIEW: Name<'static> = Name::Text("view");

const PREFIX: [u8; 10] = *b"group-0000";

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a wrong place would stop the build; constants have no iterators"
)]
const fn names<const N: usize>() -> [[u8; 10]; N] {
    let mut names = [PREFIX; N];
    let mut at = 0;
    while at < N {
        let (mut rest, mut digit) = (at, 9);
        while rest > 0 {
            names[at][digit] = b'0' + (rest % 10) as u8;
            rest /= 10;
            digit -= 1;
        }
        at += 1;
    }
    names
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a wrong place would stop the build; constants have no iterators"
)]
const fn rules<const N: usize>(names: &'static [[u8; 10]; N]) -> [Rule<'static>; N] {
    let mut rules = [Rule::__new(Action::Deny, Principal::Everyone, Permissions::All, 0); N];
    let mut at = 0;
    while at < N {
        let Ok(name) = str::from_utf8(&names[at]) else { panic!("names are ASCII") };
        let permissions: &[Name<'_>] = if at % 2 == 1 { &[EDIT] } else { &[VIEW] };
        let group = Principal::Group(Name::Text(name));
        rules[at] = Rule::__new(Action::Allow, group, Permissions::Names(permissions), 0);
        at += 1;
    }
    rules
}

/// A constant ACL and the guard of a handler.
pub(crate) trait List {
    const ACL: Acl;
    const GUARD: Index;
}

macro_rules! list {
    ($name:ident, $length:literal) => {
        pub(crate) struct $name;

        impl List for $name {
            const ACL: Acl = {
                static NAMES: [[u8; 10]; $length] = names();
                static RULES: [Rule<'static>; $length] = rules(&NAMES);
                static FIRSTS: [First; places(&RULES)] = firsts(&RULES);
                Acl::__new(&RULES, &FIRSTS, file!())
            };
            const GUARD: Index = {
                static TABLE: [Slot; slots(&$name::ACL, EDIT)] = index(&$name::ACL, EDIT);
                Index::new(&$name::ACL, EDIT, &TABLE)
            };
        }
    };
}

list!(Short, 4);
list!(Middle, 100);
list!(Long, 10_000);
