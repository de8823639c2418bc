//! The decision: what is asked for, where, and by whom, to what is answered.

use crate::error_kind::AuthErrorKind;

/// Where a request goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// A path of which the gate was told nothing
    Elsewhere,
    /// The log-in page; with a way back, a guard may have sent somebody there who is signed in, for a fresh log-in
    LoginPage { has_way_back: bool },
    /// A path of an API, where nobody gets a page
    Protected,
    /// A path that is none of the gate's business
    Public,
}

/// Returns `Ok` for a user, and for the others why a guard that demands a user would reject them.
pub(super) type Visitor = Result<(), AuthErrorKind>;

/// What is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    /// What the router answers; where it has no route, the page
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

/// The answer to what does not depend on who asks.
pub(super) const PASS: Answer = Answer::Inner { or: None };

/// Returns whether the answer depends on who asks.
pub(super) const fn asks(is_navigation: bool, place: Place) -> bool {
    match place {
        Place::Public => false,
        Place::Protected => true,
        Place::Elsewhere | Place::LoginPage { .. } => is_navigation,
    }
}

/// Decides.
pub(super) fn decide(is_navigation: bool, place: Place, visitor: Visitor) -> Answer {
    if !asks(is_navigation, place) {
        return PASS;
    }
    match (place, visitor) {
        (Place::Public, _) | (Place::Protected, Ok(())) => PASS,
        (Place::Elsewhere, Ok(())) => Answer::Inner { or: Some(Page::Main) },
        (Place::LoginPage { has_way_back: false }, Ok(())) => Answer::Show(Page::Main),
        // It helps those whose credential is not valid, those who are blocked and may have another account, and those
        // who have to log in again.
        (
            Place::Elsewhere | Place::LoginPage { .. },
            Err(AuthErrorKind::Unauthenticated | AuthErrorKind::InvalidCredential),
        )
        | (Place::LoginPage { .. }, Err(AuthErrorKind::Forbidden))
        | (Place::LoginPage { has_way_back: true }, Ok(())) => Answer::Show(Page::Login),
        (_, Err(kind)) => Answer::Refuse(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: Place = Place::LoginPage { has_way_back: false };
    const LOGIN_AND_BACK: Place = Place::LoginPage { has_way_back: true };

    /// Each row: what is asked for, where, and the answers to each kind of visitor, in the order of the heads.
    const TABLE: [(&str, Place, [&str; 9]); 10] = [
        //                               known     nobody  blocked  bad     down    wrong   foreign large   late
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

    fn word(answer: Answer) -> &'static str {
        match answer {
            Answer::Inner { or: None } => "inner",
            Answer::Inner { or: Some(Page::Main) } => "inner/main",
            Answer::Inner { or: Some(Page::Login) } => "inner/login",
            Answer::Show(Page::Login) => "login",
            Answer::Show(Page::Main) => "main",
            Answer::Refuse(AuthErrorKind::CrossOrigin) => "403x",
            Answer::Refuse(AuthErrorKind::Forbidden) => "403",
            Answer::Refuse(AuthErrorKind::InvalidCredential) => "401i",
            Answer::Refuse(
                AuthErrorKind::Misconfigured
                | AuthErrorKind::TooLarge
                | AuthErrorKind::ResponseAlreadyStarted,
            ) => "500",
            Answer::Refuse(AuthErrorKind::Unauthenticated) => "401",
            Answer::Refuse(AuthErrorKind::Unavailable) => "503",
            Answer::Refuse(_) => "another refusal",
        }
    }

    // Z-30
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
    fn whoever_is_not_asked_for_makes_no_difference() {
        for (asked, place, _) in TABLE {
            let answers = VISITORS.map(|visitor| decide(asked == "page", place, visitor));
            let differ = answers.iter().any(|answer| *answer != PASS);
            assert_eq!(asks(asked == "page", place), differ, "{asked} {place:?}");
        }
    }

    #[test]
    fn what_is_not_answered_is_never_taken_for_nobody() {
        for place in [Place::Elsewhere, LOGIN, LOGIN_AND_BACK, Place::Protected] {
            for failure in
                [AuthErrorKind::Unavailable, AuthErrorKind::Misconfigured, AuthErrorKind::CrossOrigin]
            {
                let answer = decide(true, place, Err(failure));
                assert!(matches!(answer, Answer::Refuse(_)), "{place:?} {failure:?}");
            }
        }
    }
}
