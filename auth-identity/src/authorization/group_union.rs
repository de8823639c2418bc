//! Unites the groups of two sources: [`Union`].

use super::{GroupQuestion, GroupSource};
use crate::{BoxError, acl::Groups, answer_future::Answer};

/// A source of the groups of two others; created by [`union`].
#[derive(Clone, Copy, Debug)]
pub struct Union<A, B>(A, B);

/// Creates a source of all groups of two others. A user that one of them blocks is blocked, and if one fails, both
/// do.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, EncryptedCookie, Groups, KeyRing, UserId};
/// use auth_runtime::authorization::{GroupPath, SessionGroups, union};
///
/// let table = |_user: Option<UserId>| async move { Ok(Some(Groups::from(["staff"]))) };
/// let session = SessionGroups::new(GroupPath::from_static("teams"));
/// let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random())).with_groups(union(session, table));
/// # let _ = auth;
/// ```
pub const fn union<A: GroupSource, B: GroupSource>(first: A, second: B) -> Union<A, B> {
    Union(first, second)
}

#[diagnostic::do_not_recommend]
impl<A: GroupSource, B: GroupSource> GroupSource for Union<A, B> {
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        self.0.groups(question).then(move |first| match first {
            Ok(Some(first)) => {
                self.1.groups(question).map(|second| Ok(second?.map(|second| both(first, &second))))
            }
            first => Answer::Now(first),
        })
    }

    fn reads_request(&self) -> bool {
        self.0.reads_request() || self.1.reads_request()
    }

    fn never_blocks(&self) -> bool {
        self.0.never_blocks() && self.1.never_blocks()
    }
}

fn both(mut first: Groups, second: &Groups) -> Groups {
    first.extend(second.iter());
    first
}
