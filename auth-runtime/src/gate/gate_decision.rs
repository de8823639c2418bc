//! Decides from the target, the place and the visitor what the gate responds: [`GateDecision`].

use crate::error_kind::AuthErrorKind;

/// The place of a request's path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// Any other path
    Elsewhere,
    /// The log-in page; if the query has a return path, a guard may have redirected a signed-in user here for
    /// step-up authentication
    LoginRedirect { has_way_back: bool },
    /// A path of an API, which never gets a page
    Protected,
    /// A path that the gate ignores
    Public,
}

/// Returns `Ok` for a user, and otherwise the reason for which a guard that requires a user would reject the
/// request.
pub(super) type Visitor = Result<(), AuthErrorKind>;

/// The response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum GateDecision {
    /// That of the router; if it has no route, the page
    Inner {
        or: Option<Page>,
    },
    Refuse(AuthErrorKind),
    Show(Page),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Page {
    Login,
    Main,
}

/// The response to a request that does not depend on the visitor.
pub(super) const PASS: GateDecision = GateDecision::Inner { or: None };

/// Returns whether the response depends on the visitor.
pub(super) const fn asks(is_navigation: bool, place: Place) -> bool {
    match place {
        Place::Public => false,
        Place::Protected => true,
        Place::Elsewhere | Place::LoginRedirect { .. } => is_navigation,
    }
}

/// Decides.
pub(super) fn decide(is_navigation: bool, place: Place, visitor: Visitor) -> GateDecision {
    if !asks(is_navigation, place) {
        return PASS;
    }
    match (place, visitor) {
        (Place::Public, _) | (Place::Protected, Ok(())) => PASS,
        (Place::Elsewhere, Ok(())) => GateDecision::Inner { or: Some(Page::Main) },
        (Place::LoginRedirect { has_way_back: false }, Ok(())) => GateDecision::Show(Page::Main),
        // It helps visitors with an invalid credential, blocked ones who may have another account, and those
        // who have to log in again.
        (
            Place::Elsewhere | Place::LoginRedirect { .. },
            Err(AuthErrorKind::Unauthenticated | AuthErrorKind::InvalidCredential),
        )
        | (Place::LoginRedirect { .. }, Err(AuthErrorKind::Forbidden))
        | (Place::LoginRedirect { has_way_back: true }, Ok(())) => GateDecision::Show(Page::Login),
        (_, Err(kind)) => GateDecision::Refuse(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: Place = Place::LoginRedirect { has_way_back: false };
    const LOGIN_AND_BACK: Place = Place::LoginRedirect { has_way_back: true };

    /// Each row: the target, the place, and the responses for each kind of visitor, in the order of the
    /// heads.
    const TABLE: [(&str, Place, [&str; 9]); 10] = [
        //                               known     anon    blocked  bad     down    wrong   foreign large   late
        (
            "page",
            Place::Elsewhere,
            ["inner/main", "login", "403", "login", "503", "500", "403x", "500", "500"],
        ),
        ("page", LOGIN, ["main", "login", "login", "login", "503", "500", "403x", "500", "500"]),
        ("page", LOGIN_AND_BACK, ["login", "login", "login", "login", "503", "500", "403x", "500", "500"]),
        ("page", Place::Protected, ["inner", "401", "403", "401i", "503", "500", "403x", "500", "500"]),
        ("page", Place::Public, ["inner"; 9]),
        ("data", Place::Elsewhere, ["inner"; 9]),
        ("data", LOGIN, ["inner"; 9]),
        ("data", LOGIN_AND_BACK, ["inner"; 9]),
        ("data", Place::Protected, ["inner", "401", "403", "401i", "503", "500", "403x", "500", "500"]),
        ("data", Place::Public, ["inner"; 9]),
    ];

    const VISITORS: [Visitor; 9] = [
        Ok(()),
        Err(AuthErrorKind::Unauthenticated),
        Err(AuthErrorKind::Forbidden),
        Err(AuthErrorKind::InvalidCredential),
        Err(AuthErrorKind::Unavailable),
        Err(AuthErrorKind::Misconfigured),
        Err(AuthErrorKind::CrossOrigin),
        Err(AuthErrorKind::TooLarge),
        Err(AuthErrorKind::ResponseAlreadyStarted),
    ];

    fn word(answer: GateDecision) -> &'static str {
        match answer {
            GateDecision::Inner { or: None } => "inner",
            GateDecision::Inner { or: Some(Page::Main) } => "inner/main",
            GateDecision::Inner { or: Some(Page::Login) } => "inner/login",
            GateDecision::Show(Page::Login) => "login",
            GateDecision::Show(Page::Main) => "main",
            GateDecision::Refuse(AuthErrorKind::CrossOrigin) => "403x",
            GateDecision::Refuse(AuthErrorKind::Forbidden) => "403",
            GateDecision::Refuse(AuthErrorKind::InvalidCredential) => "401i",
            GateDecision::Refuse(
                AuthErrorKind::Misconfigured
                | AuthErrorKind::TooLarge
                | AuthErrorKind::ResponseAlreadyStarted,
            ) => "500",
            GateDecision::Refuse(AuthErrorKind::Unauthenticated) => "401",
            GateDecision::Refuse(AuthErrorKind::Unavailable) => "503",
            GateDecision::Refuse(_) => "another refusal",
        }
    }

    #[test]
    fn the_table_is_what_is_written_here() {
        for (asked, place, expected) in TABLE {
            for (visitor, expected) in VISITORS.into_iter().zip(expected) {
                let answer = decide(asked == "page", place, visitor);
                assert_eq!(word(answer), expected, "{asked} {place:?} {visitor:?}");
            }
        }
    }

    #[test]
    fn an_unresolved_visitor_makes_no_difference() {
        for (asked, place, _) in TABLE {
            let answers = VISITORS.map(|visitor| decide(asked == "page", place, visitor));
            let differ = answers.iter().any(|answer| *answer != PASS);
            assert_eq!(asks(asked == "page", place), differ, "{asked} {place:?}");
        }
    }

    #[test]
    fn a_failed_look_up_is_never_taken_for_anonymous() {
        for place in [Place::Elsewhere, LOGIN, LOGIN_AND_BACK, Place::Protected] {
            for failure in
                [AuthErrorKind::Unavailable, AuthErrorKind::Misconfigured, AuthErrorKind::CrossOrigin]
            {
                let answer = decide(true, place, Err(failure));
                assert!(matches!(answer, GateDecision::Refuse(_)), "{place:?} {failure:?}");
            }
        }
    }
}
