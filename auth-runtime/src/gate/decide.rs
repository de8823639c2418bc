//! The decision: what is asked for, where, and by whom, to what is answered.

use crate::{
    auth::{AuthError, Failure},
    refusal::RefusalKind,
};

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

/// Who the request comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Visitor {
    /// A user to whom everything is denied: barred by the groups, or disabled
    Barred,
    /// A user
    Known,
    /// Nobody
    Nobody,
    /// There is no answer
    Unknown(Failure),
}

/// What is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    /// What the router answers; where it has no route, the page
    Inner {
        or: Option<Page>,
    },
    Refuse(RefusalKind),
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
        (Place::Public, _) | (Place::Protected, Visitor::Known) => PASS,
        (Place::Elsewhere, Visitor::Known) => Answer::Inner { or: Some(Page::Main) },
        (Place::LoginPage { has_way_back: false }, Visitor::Known) => Answer::Show(Page::Main),
        // It helps those whose credential is no good, those who are barred and may be somebody else as well, and those
        // who have to log in again.
        (
            Place::Elsewhere | Place::LoginPage { .. },
            Visitor::Nobody | Visitor::Unknown(Failure::Refused),
        )
        | (Place::LoginPage { .. }, Visitor::Barred)
        | (Place::LoginPage { has_way_back: true }, Visitor::Known) => Answer::Show(Page::Login),
        (Place::Protected, Visitor::Nobody) => Answer::Refuse(RefusalKind::Unauthenticated),
        (Place::Elsewhere | Place::Protected, Visitor::Barred) => Answer::Refuse(RefusalKind::Forbidden),
        (_, Visitor::Unknown(failure)) => Answer::Refuse(AuthError::from(failure).refusal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: Place = Place::LoginPage { has_way_back: false };
    const LOGIN_AND_BACK: Place = Place::LoginPage { has_way_back: true };

    /// Each row: what is asked for, where, and the answers to each kind of visitor, in the order of the heads.
    const TABLE: [(&str, Place, [&str; 9]); 10] = [
        //                               known     nobody  barred  bad     down    wrong   foreign large   late
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
        Visitor::Known,
        Visitor::Nobody,
        Visitor::Barred,
        Visitor::Unknown(Failure::Refused),
        Visitor::Unknown(Failure::Unavailable),
        Visitor::Unknown(Failure::Misconfigured),
        Visitor::Unknown(Failure::CrossOrigin),
        Visitor::Unknown(Failure::TooLarge),
        Visitor::Unknown(Failure::TooLate),
    ];

    fn word(answer: Answer) -> &'static str {
        match answer {
            Answer::Inner { or: None } => "inner",
            Answer::Inner { or: Some(Page::Main) } => "inner/main",
            Answer::Inner { or: Some(Page::Login) } => "inner/login",
            Answer::Show(Page::Login) => "login",
            Answer::Show(Page::Main) => "main",
            Answer::Refuse(RefusalKind::CrossOrigin) => "403x",
            Answer::Refuse(RefusalKind::Forbidden) => "403",
            Answer::Refuse(RefusalKind::InvalidCredential) => "401i",
            Answer::Refuse(RefusalKind::Misconfigured) => "500",
            Answer::Refuse(RefusalKind::Unauthenticated) => "401",
            Answer::Refuse(RefusalKind::Unavailable) => "503",
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
            for failure in [Failure::Unavailable, Failure::Misconfigured, Failure::CrossOrigin] {
                let answer = decide(true, place, Visitor::Unknown(failure));
                assert!(matches!(answer, Answer::Refuse(_)), "{place:?} {failure:?}");
            }
        }
    }
}
