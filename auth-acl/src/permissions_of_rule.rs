//! Holds the permissions of one rule: [`Permissions`].

use alloc::{string::ToString as _, vec::Vec};
use core::fmt;

use super::{Name, permission_and_group::Permission};

/// The permissions that a rule applies to.
///
/// Made of a reference to an array or a vector of strings, integers or enum variants, or [`ALL`](crate::ALL).
#[derive(Clone, Copy)]
pub enum Permissions<'a> {
    /// Every permission
    All,
    /// These, by name
    Names(&'a [Name<'a>]),
    /// Those of a set that the application implements
    Set(&'a dyn PermissionSet),
}

/// Every permission, in rules.
pub const ALL: Permissions<'static> = Permissions::All;

impl Permissions<'_> {
    /// Returns whether `permission` is among them.
    #[must_use]
    pub fn hold(&self, permission: Name<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Names(names) => names.contains(&permission),
            Self::Set(set) => set.holds(permission),
        }
    }

    /// Calls `visit` with each name; [`All`](Self::All) names none.
    pub fn each(&self, visit: &mut dyn FnMut(Name<'_>)) {
        match self {
            Self::All => {}
            Self::Names(names) => names.iter().for_each(|name| visit(*name)),
            Self::Set(set) => set.each(visit),
        }
    }

    /// A bit for each name: a name whose bit is missing is not in the set.
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "`at` stays below the length; constants have no iterators"
    )]
    pub(super) const fn bits(&self) -> u64 {
        let Self::Names(names) = self else { return u64::MAX };
        let (mut bits, mut at) = (0, 0);
        while at < names.len() {
            bits |= names[at].bit();
            at += 1;
        }
        bits
    }
}

impl fmt::Debug for Permissions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(self, Self::All) {
            return f.write_str("ALL");
        }
        let mut list = f.debug_list();
        self.each(&mut |name| {
            list.entry(&name.to_string());
        });
        list.finish()
    }
}

/// A set of permissions that the application implements, for rules made at run time.
pub trait PermissionSet: Send + Sync {
    /// Returns whether `permission` is in the set.
    fn holds(&self, permission: Name<'_>) -> bool;

    /// Calls `visit` with the name of each.
    fn each(&self, visit: &mut dyn FnMut(Name<'_>));
}

macro_rules! sequence {
    ($([$($generics:tt)*] $type:ty;)*) => {
        $(
            impl<T: Permission + Send + Sync, $($generics)*> PermissionSet for $type {
                fn holds(&self, permission: Name<'_>) -> bool {
                    self.iter().any(|own| own.name() == permission)
                }

                fn each(&self, visit: &mut dyn FnMut(Name<'_>)) {
                    for own in self {
                        visit(own.name());
                    }
                }
            }

            impl<'a, T: Permission + Send + Sync, $($generics)*> From<&'a $type> for Permissions<'a> {
                fn from(names: &'a $type) -> Self {
                    Self::Set(names)
                }
            }
        )*
    };
}

sequence! {
    [const N: usize] [T; N];
    [] Vec<T>;
}

impl<'a> From<&'a [Name<'a>]> for Permissions<'a> {
    fn from(names: &'a [Name<'a>]) -> Self {
        Self::Names(names)
    }
}
