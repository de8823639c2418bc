//! Reads groups from the data of a session: [`SessionGroups`].

use super::{GroupPath, GroupQuestion, GroupSource};
use crate::{BoxError, acl::Groups, answer_future::Answer, events, identity::Identified};

/// A group source that reads the data of the request's session, without a look-up.
///
/// The first name of the path is the key, and the others lead into its value. Anonymous requests are in no
/// groups. If the value is malformed, the user is blocked: everything is denied, and the log has the path.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthError, AuthLayer, KeyRing, EncryptedCookie, Session};
/// use auth_runtime::authorization::{GroupPath, SessionGroups};
///
/// /// After the log-in.
/// async fn remember_teams(session: Session) -> Result<(), AuthError> {
///     session.insert("teams", &["editors", "reviewers"]).await
/// }
///
/// const TEAMS: GroupPath = GroupPath::from_static("teams");
/// let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random())).with_groups(SessionGroups::new(TEAMS));
/// # let _ = auth;
/// ```
///
/// # Security
///
/// The groups are those of the last write to the session: a user who is removed from a group keeps it until
/// the session ends or is written again. A change takes effect from the next request on.
#[derive(Clone, Debug)]
#[must_use]
pub struct SessionGroups {
    path: GroupPath,
}

impl SessionGroups {
    /// Reads the groups at this path.
    pub const fn new(path: GroupPath) -> Self {
        Self { path }
    }

    fn read(&self, question: GroupQuestion<'_>) -> Option<Groups> {
        let data = question.user().and(question.credential()).and_then(Identified::data);
        let Some(json) = data.and_then(|data| data.get(&self.path.first())) else {
            return Some(Groups::none());
        };
        let Ok(value) = serde_json::from_str(json) else {
            events::malformed_groups(&self.path.first(), "no JSON");
            return None;
        };
        self.path.groups(Some(&value), "")
    }
}

impl GroupSource for SessionGroups {
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        Answer::Now(Ok(self.read(question)))
    }

    fn reads_request(&self) -> bool {
        true
    }
}
