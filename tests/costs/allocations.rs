//! What a guard allocates, to the last one. Times vary from machine to machine; these numbers do not.
//!
//! Only the allocations of the counting thread are counted, so tests that run at the same time do not matter.

use std::{hint::black_box, time::Duration};

use auth_runtime::{
    __private::{Index, Slot, index, slots},
    Acl, Groups, Identity, KeyRing, Name, Principals, acl,
    clock::UnixTime,
    decide,
    ticket::{Ticket, TicketScope, TicketSealer},
};
use tokio::runtime::{Builder, Runtime};

use crate::cases::{self, Case, READY, STRICT, STRICT_READY, WHOLE};

/// The layer's two boxes, the request's state and its place among the extensions, the future of the groups
/// callback, and one time that axum's extensions, three until then, find their table full.
const WHOLE_GUARD: u64 = 6;

fn allocated(act: impl FnOnce()) -> u64 {
    allocation_counter::measure(act).count_total
}

struct Measured {
    runtime: Runtime,
    cases: Vec<Case>,
}

impl Measured {
    #[expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
    fn new() -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        Self { runtime, cases: cases::all().unwrap() }
    }

    #[cfg(feature = "full")]
    #[expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
    fn identities() -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let cases = runtime.block_on(crate::identities::all()).unwrap();
        Self { runtime, cases }
    }

    /// The number of allocations of a case above those of the unguarded route with the same headers, which comes first.
    #[expect(clippy::unwrap_used, reason = "every name is one of a case, and every case has a floor")]
    fn above_unguarded(&mut self, name: &str) -> u64 {
        let headers = self.cases.iter().find(|case| case.name == name).unwrap().headers;
        let above = self.count(|case| case.name == name).unwrap();
        above.saturating_sub(self.count(|case| case.headers == headers).unwrap())
    }

    /// Counts at the third call; what is kept between requests is there by then.
    fn count(&mut self, is_it: impl Fn(&Case) -> bool) -> Option<u64> {
        let case = self.cases.iter_mut().find(|case| is_it(case))?;
        let mut call = || {
            let response = self.runtime.block_on(case.call());
            assert_eq!(response.status(), case.status, "{}", case.name);
        };
        call();
        call();
        Some(allocated(call))
    }
}

#[test]
fn guards_allocate_no_more_than_this() {
    let mut measured = Measured::new();
    for (name, most) in [
        ("AuthLayer, nothing asked", 5),
        ("allow_anonymous", 5),
        ("auth_required: ticket", 5),
        (WHOLE, WHOLE_GUARD),
        (READY, 5),
        ("the same, handler takes UserId", 5),
        ("async groups, handler takes UserId", 6),
        ("acl_required, anonymous: 401", 6),
        ("acl_required, forged: 401", 6),
        ("acl_required, no rule: 403", 6),
        ("auth_required: async policy", 7),
        ("acl_required: async policy, async groups", 7),
    ] {
        let above = measured.above_unguarded(name);
        assert!(above <= most, "{name}: {above} allocations above the unguarded route instead of {most}");
    }
}

#[cfg(feature = "full")]
#[test]
fn identities_allocate_no_more_than_this() {
    let mut measured = Measured::identities();
    // `serde_json/preserve_order`, which a test of `auth-login` brings into a build of the whole workspace:
    // three allocations more for the claims of a token.
    let preserves_order = serde_json::json!({"b": 0, "a": 0}).to_string().starts_with(r#"{"b""#);
    let claims = if preserves_order { 3 } else { 0 };
    for (name, most) in [
        ("session in memory", 6),
        ("encrypted cookie", 13),
        ("ticket", 5),
        ("ticket, list of revocations", 8),
        ("FirstOf(ticket, jwt): ticket", 8),
        ("FirstOf(ticket, jwt): jwt", 29 + claims),
        ("JWT HS256, keys of a ring", 26 + claims),
        ("JWT HS256", 25 + claims),
        ("JWT EdDSA", 25 + claims),
        ("JWT ES256", 25 + claims),
        ("JWT RS256", 25 + claims),
        ("Basic, answer at once", 10),
        ("API key, in memory", 7),
    ] {
        let above = measured.above_unguarded(name);
        assert!(above <= most, "{name}: {above} allocations above the unguarded route instead of {most}");
    }
}

#[test]
fn guarded_routers_do_without_the_two_boxes_of_a_layer() {
    let mut measured = Measured::new();
    for (strict, layered) in [(STRICT_READY, READY), (STRICT, WHOLE)] {
        assert_eq!(measured.above_unguarded(strict) + 2, measured.above_unguarded(layered), "{strict}");
    }
    assert_eq!(measured.above_unguarded(STRICT_READY), 3);
}

#[test]
fn a_route_that_asks_nothing_pays_for_the_layer_and_one_extension() {
    let mut measured = Measured::new();
    let nothing = measured.above_unguarded("layer that does nothing");
    let ours = measured.above_unguarded("AuthLayer, nothing asked");
    // The request's state, the extension itself, and the table of extensions that it is the fourth in.
    assert!(ours <= nothing + 3, "{ours} instead of {nothing} and three");
}

#[test]
fn a_refusal_allocates_no_more_than_a_permission() {
    let mut measured = Measured::new();
    let allowed = measured.above_unguarded(WHOLE);
    for name in ["acl_required, anonymous: 401", "acl_required, forged: 401", "acl_required, no rule: 403"] {
        let refused = measured.above_unguarded(name);
        assert!(refused <= allowed, "{name}: {refused} allocations instead of {allowed}");
    }
}

#[test]
fn a_decision_allocates_nothing() {
    const ARTICLES: Acl = acl![
        (Allow, Everyone, ["view"]),
        (Deny, User("mallory"), ["edit"]),
        (Deny, Group("guests"), ["edit"]),
        (Allow, Group("editors"), ["edit"]),
    ];
    const EDIT: Name<'static> = Name::Text("edit");
    const TABLE: [Slot; slots(&ARTICLES, EDIT)] = index(&ARTICLES, EDIT);
    let guard = Index::new(&ARTICLES, EDIT, &TABLE);

    let groups = Groups::from(["authors", "editors", "a group with a name that is rather long", "x", "y"]);
    let alice = Principals::user("alice", &groups);
    assert_eq!(allocated(|| assert!(black_box(guard.decide(&alice)).is_allow())), 0);
    assert_eq!(allocated(|| assert!(black_box(decide(ARTICLES, EDIT, &alice)).is_allow())), 0);
    assert_eq!(allocated(|| assert!(!guard.decide(&Principals::anonymous()).is_allow())), 0);
}

#[test]
fn opening_a_common_ticket_allocates_nothing() {
    let scope = TicketScope { purpose: "identity", application: "", name: "__Host-auth" };
    let sealer = TicketSealer::new(KeyRing::random(), &scope);
    let noon = UnixTime::from_secs(1_700_000_000);
    for identity in ["alice", "alice@example.org", "a-name-with-23-letters."] {
        let identity = Identity::new(identity).unwrap();
        let text =
            sealer.seal(&Ticket::new(identity, noon, noon.plus(Duration::from_hours(8))), None).unwrap();
        let forged = text.to_uppercase();
        assert_eq!(allocated(|| assert!(sealer.open(black_box(&text), None).is_ok())), 0);
        assert_eq!(allocated(|| assert!(sealer.open(black_box(&forged), None).is_err())), 0);
    }
}
