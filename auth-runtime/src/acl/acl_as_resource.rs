//! Implements [`Resource`] for lists of rules, for [`Auth::permits`](crate::Auth::permits) and its like.

use super::{Acl, Resource, Rule};

#[diagnostic::do_not_recommend]
impl Resource for Acl {
    type Permission = ();

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        self
    }
}

macro_rules! lists {
    ($([$($generics:tt)*] $list:ty;)*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($generics)*> Resource for $list {
                type Permission = ();

                fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
                    let rules: &[Rule<'_>] = self;
                    rules.iter().copied()
                }
            }
        )*
    };
}

lists! {
    ['r, const N: usize] [Rule<'r>; N];
    ['r] [Rule<'r>];
    ['r] Vec<Rule<'r>>;
}
