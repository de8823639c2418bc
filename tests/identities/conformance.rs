//! One suite for every identity policy: it passes those of the crate and one of an application, and fails each broken one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::{BTreeSet, HashMap},
    hash::{BuildHasher, RandomState},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Answer, Identity, IdentityPolicy, KeyRing, LoginOptions, TicketCookie, async_trait,
    clock::UnixTime,
    identity::{
        Challenge, Challenges, ChangeContext, Data, DataEdits, Effects, Identification, Identified,
        IdentityError, Incoming, cookie::CookieConfig,
    },
    testing::{
        self, FakeIdentity, USER_HEADER,
        conformance::{self, Subject},
    },
};
use axum::http::{
    HeaderValue, Method, Request, header,
    request::{Builder, Parts},
};

testing::conformance!(ticket_cookie, || async {
    let other = TicketCookie::new(KeyRing::random());
    Subject::new(TicketCookie::new(KeyRing::random()))
        .stateless()
        .with_absolute_lifetime(Duration::from_hours(7 * 24))
        .with_other_application(other)
});

testing::conformance!(ticket_cookie_under_another_name, || async {
    let ring = KeyRing::random();
    let named = |name| TicketCookie::new(ring.clone()).with_cookie_name(name).unwrap();
    Subject::new(named("__Host-one")).stateless().with_other_application(named("__Host-two"))
});

testing::conformance!(ticket_cookie_that_is_short_lived, || async {
    let policy = TicketCookie::new(KeyRing::random())
        .with_lifetime(Duration::from_hours(1))
        .with_absolute_lifetime(Duration::from_hours(3));
    Subject::new(policy).stateless().with_absolute_lifetime(Duration::from_hours(3))
});

fn request(builder: Builder) -> Parts {
    builder.body(()).unwrap().into_parts().0
}

fn user_header(identity: &Identity) -> Option<Parts> {
    let value = HeaderValue::from_str(identity.as_str()).ok().filter(|value| value.to_str().is_ok())?;
    Some(request(Request::builder().header(USER_HEADER, value)))
}

/// Its own answers name the cookie, but a header says who it is.
#[derive(Debug)]
struct Fake(FakeIdentity);

#[async_trait]
impl IdentityPolicy for Fake {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        self.0.identify(request)
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        self.0.remember(context, identity, options).await
    }

    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.0.forget(context).await
    }

    fn is_ambient(&self) -> bool {
        self.0.is_ambient()
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static(USER_HEADER)
    }
}

testing::conformance!(fake_identity, || async {
    Subject::presenting(Fake(FakeIdentity::by_header()), |identity, _| async move { user_header(&identity) })
        .trusting()
});

testing::conformance!(fake_identity_that_waits, || async {
    let policy = Fake(FakeIdentity::by_header().waiting().not_ambient());
    Subject::presenting(policy, |identity, _| async move { user_header(&identity) }).trusting()
});

/// The subject of a client certificate, as a server puts it beside a request.
#[derive(Clone)]
struct Certificate(Identity);

/// Takes the user from the certificate of the connection.
struct MutualTls;

#[async_trait]
impl IdentityPolicy for MutualTls {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        Answer::Now(Ok(match request.extensions().get::<Certificate>() {
            Some(certificate) => Identified::known(certificate.0.clone()),
            None => Identified::anonymous(),
        }))
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("certificates are issued elsewhere"))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("certificates are revoked elsewhere"))
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("*")
    }
}

testing::conformance!(mutual_tls, || async {
    Subject::presenting(MutualTls, |identity, _| async move {
        Some(request(Request::builder().extension(Certificate(identity))))
    })
});

/// Takes a token for one method and path, as a signed request has it: `MAC alice GET /`.
struct Signed;

#[async_trait]
impl IdentityPolicy for Signed {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let mut lines = request.headers().get_all(header::AUTHORIZATION).iter();
        let (line, others) = (lines.next(), lines.next());
        let signed = line.and_then(|line| std::str::from_utf8(line.as_bytes()).ok()?.strip_prefix("MAC "));
        let of = |signed: &str| {
            let [name, method, target] = signed.split(' ').collect::<Vec<_>>().try_into().ok()?;
            let is_this = request.method().as_str() == method && *request.uri() == *target;
            Identity::new(name).ok().filter(|_| is_this)
        };
        Answer::Now(Ok(match (line, others) {
            (None, _) => Identified::anonymous(),
            (Some(_), None) => signed.and_then(of).map_or_else(Identified::bad_credential, Identified::known),
            (Some(_), Some(_)) => Identified::bad_credential(),
        }))
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("requests are signed by clients"))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("requests are signed by clients"))
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("authorization")
    }
}

/// Signs a request with a method and a query of its own.
fn signed() -> Subject {
    Subject::presenting(Signed, |identity, _| async move {
        let line = format!("MAC {} PUT /articles?id=7", identity.as_str());
        let line = HeaderValue::from_bytes(line.as_bytes()).ok()?;
        let is_one_word = !identity.as_str().contains(' ');
        is_one_word.then(|| request(Request::put("/articles?id=7").header(header::AUTHORIZATION, line)))
    })
    .trusting()
}

testing::conformance!(signed_requests, || async { signed().depending_on_target() });

#[test]
fn a_policy_that_depends_on_the_target_says_so() {
    let found =
        complaint(|| conformance::run(|| async { signed() }, conformance::the_request_line_changes_nothing));
    assert!(found.unwrap().contains("use `Subject::depending_on_target` if that is meant"));
}

testing::conformance!(shelf, || async { Shelf::subject(None) });

/// Sessions of an application's own, in memory.
#[derive(Clone)]
struct Shelf {
    rows: Arc<Mutex<HashMap<String, Row>>>,
    shared: Arc<Mutex<Data>>,
    down: Arc<AtomicBool>,
    cookie: CookieConfig,
    defect: Option<Defect>,
}

#[derive(Clone)]
struct Row {
    identity: Identity,
    since: UnixTime,
    until: UnixTime,
    data: Data,
}

/// The names of sessions that a request carries.
struct Carried(Vec<String>);

/// What can be wrong with a policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Defect {
    BelievesAnything,
    BelievesForwardedUsers,
    BelievesTheFirst,
    BelievesTheQuery,
    ChallengesNobody,
    ChallengesWithoutAScheme,
    EndsWatches,
    FailsOnLongCookies,
    FailsOnOddCredentials,
    FailsWithoutACredential,
    FailsWithoutAnAddress,
    ForgetsNothing,
    IsGoodOnce,
    IsNobodyWhenDown,
    KeepsDataOfOthers,
    KeepsOneValueOnly,
    KeepsTheOldName,
    KeepsTheOldSession,
    KnowsNoLimit,
    KnowsOneUserOnly,
    LogsInHalfWay,
    LogsOutInTheCookieOnly,
    LosesWhatIsDropped,
    MarksNoCookies,
    NamesAnotherHeader,
    NeverAnswersAlike,
    NoAmbience,
    PrintsCredentials,
    ReadsOneCookieHeader,
    ReadsRequestsOfOneMethod,
    RenewalIsALogIn,
    RotatesNothing,
    RotationLosesData,
    SeemsToForgetWhenDown,
    SharesItsData,
    SharesItsStore,
    TellsHowItIsBad,
    TruncatesIdentities,
}

impl Shelf {
    fn new(defect: Option<Defect>) -> Self {
        Self {
            rows: Arc::default(),
            shared: Arc::default(),
            down: Arc::default(),
            cookie: CookieConfig::new(),
            defect,
        }
    }

    fn subject(defect: Option<Defect>) -> Subject {
        let shelf = Self::new(defect);
        let other = if defect == Some(Defect::SharesItsStore) { shelf.clone() } else { Self::new(defect) };
        let down = Arc::clone(&shelf.down);
        Subject::new(shelf)
            .keeping_data()
            .with_absolute_lifetime(Duration::from_hours(10))
            .with_failing_store(move || down.store(true, Ordering::SeqCst))
            .with_other_application(other)
            .with_bad_credentials([request(
                Request::builder().header("cookie", "__Host-auth=00000000000000000000000000000000"),
            )])
    }

    fn is(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    fn check_up(&self) -> Result<(), IdentityError> {
        if self.down.load(Ordering::SeqCst) { Err(IdentityError::unavailable("no shelf")) } else { Ok(()) }
    }

    fn carried(&self, request: &Incoming<'_>) -> Vec<String> {
        let most = if self.is(Defect::ReadsOneCookieHeader) { 1 } else { usize::MAX };
        let lines = request.headers().get_all(header::COOKIE).iter().take(most);
        let pairs =
            lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii));
        let prefix = format!("{}=", self.cookie.name()).into_bytes();
        pairs
            .filter_map(|pair| pair.strip_prefix(prefix.as_slice()))
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect()
    }

    /// What a policy with a defect answers without a look at its sessions.
    fn mistaken(&self, request: &Incoming<'_>) -> Option<Result<Identified, IdentityError>> {
        let bob = || Ok(Identified::known(Identity::new("bob").unwrap()));
        match self.defect? {
            Defect::BelievesForwardedUsers => request.headers().get("x-forwarded-user").map(|_| bob()),
            Defect::BelievesTheQuery => request.uri().query()?.contains("user=bob").then(bob),
            Defect::EndsWatches => request.is_asked_again().then(|| Ok(Identified::anonymous())),
            Defect::FailsOnLongCookies => {
                let length: usize =
                    request.headers().get_all(header::COOKIE).iter().map(HeaderValue::len).sum();
                (length > 16_384).then(|| Err(IdentityError::unavailable("the cookies are too long")))
            }
            Defect::FailsWithoutAnAddress => {
                request.peer().is_none().then(|| Err(IdentityError::misconfigured("there is no address")))
            }
            Defect::ReadsRequestsOfOneMethod => (request.method() != Method::GET
                && request.method() != Method::POST)
                .then(|| Ok(Identified::anonymous())),
            _ => None,
        }
    }

    fn find(&self, request: &Incoming<'_>) -> Result<Identified, IdentityError> {
        if let Some(mistaken) = self.mistaken(request) {
            return mistaken;
        }
        let carried = self.carried(request);
        if carried.is_empty() {
            let fails = self.is(Defect::FailsWithoutACredential);
            return if fails { Err(IdentityError::refuse("no cookie")) } else { Ok(Identified::anonymous()) };
        }
        if self.is(Defect::IsNobodyWhenDown) && self.check_up().is_err() {
            return Ok(Identified::anonymous());
        }
        self.check_up()?;
        let rows = self.rows.lock().unwrap();
        let valid = |name: &String| {
            let row = rows.get(name)?;
            (request.now() <= row.until || self.is(Defect::KnowsNoLimit)).then_some(row)
        };
        let found: Vec<&Row> = carried.iter().filter_map(valid).collect();
        let who: BTreeSet<&str> = found.iter().map(|row| row.identity.as_str()).collect();
        let memo = Arc::new(Carried(carried.clone()));
        match (found.first(), who.len()) {
            (Some(row), 1) => Ok(self.known(row, request.now()).with_memo(memo)),
            (Some(row), _) if self.is(Defect::BelievesTheFirst) => Ok(self.known(row, request.now())),
            (Some(_), _) => Ok(Identified::contradictory().with_memo(memo)),
            (None, _) => self.bad(&carried, memo),
        }
    }

    fn known(&self, row: &Row, now: UnixTime) -> Identified {
        let identity = match self.defect {
            Some(Defect::KnowsOneUserOnly) => Identity::new("alice").unwrap(),
            _ => row.identity.clone(),
        };
        let since = if self.is(Defect::RenewalIsALogIn) { now } else { row.since };
        let data = match self.defect {
            Some(Defect::SharesItsData) => {
                let rows = self.shared.lock().unwrap();
                Data::clone(&rows)
            }
            _ => row.data.clone(),
        };
        Identified::known(identity)
            .with_authenticated_at(since)
            .with_renewal_due(true)
            .with_data(Arc::new(data))
    }

    fn bad(&self, carried: &[String], memo: Arc<Carried>) -> Result<Identified, IdentityError> {
        let odd = carried.iter().any(|name| !name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        match self.defect {
            Some(Defect::BelievesAnything) => Ok(Identified::known(Identity::new("alice").unwrap())),
            Some(Defect::FailsOnOddCredentials) if odd => Err(IdentityError::misconfigured("odd")),
            Some(Defect::PrintsCredentials) => {
                Err(IdentityError::unavailable(format!("there is no session {}", carried.concat())))
            }
            Some(Defect::TellsHowItIsBad) if odd => Err(IdentityError::refuse("odd")),
            _ => Ok(Identified::bad_credential().with_memo(memo)),
        }
    }

    /// The session that the request stands for.
    fn row(&self, context: &ChangeContext<'_>) -> Option<(String, Row)> {
        let carried = context.current().memo::<Carried>()?;
        let rows = self.rows.lock().unwrap();
        carried.0.iter().find_map(|name| Some((name.clone(), rows.get(name)?.clone())))
    }

    fn remove(&self, context: &ChangeContext<'_>) {
        for found in [context.identified(), context.current()] {
            for name in found.memo::<Carried>().iter().flat_map(|carried| &carried.0) {
                self.rows.lock().unwrap().remove(name);
            }
        }
    }
}

fn random_name() -> String {
    let half = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", half(), half())
}

#[async_trait]
impl IdentityPolicy for Shelf {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        Answer::later(async move {
            if self.is(Defect::LosesWhatIsDropped) {
                let all = std::mem::take(&mut *self.rows.lock().unwrap());
                tokio::task::yield_now().await;
                *self.rows.lock().unwrap() = all;
            }
            tokio::task::yield_now().await;
            let found = self.find(request);
            if self.is(Defect::IsGoodOnce) {
                self.rows.lock().unwrap().retain(|name, _| !self.carried(request).contains(name));
            }
            found
        })
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        self.check_up()?;
        if self.is(Defect::LogsInHalfWay)
            && let Some((name, row)) = self.row(context)
        {
            self.rows.lock().unwrap().insert(name, Row { identity: identity.clone(), ..row });
            tokio::task::yield_now().await;
        }
        let earlier = self.row(context).filter(|_| self.is(Defect::KeepsDataOfOthers));
        let data = earlier.map(|(_, row)| row.data).unwrap_or_default();
        if !self.is(Defect::KeepsTheOldSession) {
            self.remove(context);
        }
        let identity = match self.defect {
            Some(Defect::TruncatesIdentities) => {
                Identity::new(identity.as_str().chars().take(20).collect::<String>().trim()).unwrap()
            }
            _ => identity.clone(),
        };
        let (name, since) = (random_name(), context.now());
        let row = Row { identity, since, until: since.plus(Duration::from_hours(10)), data };
        self.rows.lock().unwrap().insert(name.clone(), row);
        if self.is(Defect::MarksNoCookies) {
            let line = format!("{}={name}; Path=/", self.cookie.name());
            return Ok(Effects::set_cookie(self.cookie.name(), HeaderValue::try_from(line).unwrap()));
        }
        self.cookie.set(&name, Some(Duration::from_hours(10)))
    }

    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        if !self.is(Defect::SeemsToForgetWhenDown) {
            self.check_up()?;
        }
        if self.is(Defect::ForgetsNothing) {
            return Ok(Effects::none());
        }
        if !self.is(Defect::LogsOutInTheCookieOnly) {
            self.remove(context);
        }
        self.cookie.remove()
    }

    async fn rotate(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let Some((name, mut row)) = self.row(context).filter(|_| !self.is(Defect::RotatesNothing)) else {
            return Ok(Effects::none());
        };
        if !self.is(Defect::KeepsTheOldName) {
            self.rows.lock().unwrap().remove(&name);
        }
        if self.is(Defect::RotationLosesData) {
            row.data = Data::default();
        }
        let name = random_name();
        self.rows.lock().unwrap().insert(name.clone(), row);
        self.cookie.set(&name, Some(Duration::from_hours(10)))
    }

    async fn store(&self, context: &ChangeContext<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        let (name, _) = self.row(context).ok_or(IdentityError::refuse("anonymous"))?;
        if self.is(Defect::SharesItsData) {
            self.shared.lock().unwrap().edit(edits);
        }
        let mut rows = self.rows.lock().unwrap();
        let row = rows.get_mut(&name).unwrap();
        if self.is(Defect::KeepsOneValueOnly) {
            row.data = Data::default();
        }
        row.data.edit(edits);
        Ok(Effects::none())
    }

    fn is_ambient(&self) -> bool {
        !self.is(Defect::NoAmbience)
    }

    fn challenges(&self, why: Challenge<'_>) -> Challenges {
        match (self.defect, why) {
            (Some(Defect::ChallengesNobody), _) | (_, Challenge::InsufficientScope { .. }) => {
                Challenges::none()
            }
            (Some(Defect::ChallengesWithoutAScheme), _) => HeaderValue::from_static("realm=\"x").into(),
            (Some(Defect::NeverAnswersAlike), _) => HeaderValue::try_from(random_name()).unwrap().into(),
            _ => self.challenge().into(),
        }
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static(if self.is(Defect::NamesAnotherHeader) { "authorization" } else { "cookie" })
    }
}

/// Each defect, and the test that finds it.
macro_rules! defects {
    ($($defect:ident: $check:ident, $says:literal;)*) => {
        #[test]
        fn each_defect_is_found_by_its_test() {
            $(
                let found = complaint(|| conformance::run(
                    || async { Shelf::subject(Some(Defect::$defect)) },
                    conformance::$check,
                ));
                let name = stringify!($defect);
                let found = found.unwrap_or_else(|| panic!("{name} is not found by `{}`", stringify!($check)));
                assert!(found.contains($says), "{name}: {found}");
            )*
        }
    };
}

defects! {
    BelievesAnything: invalid_credentials_are_anonymous_and_indistinguishable, "is taken for a valid one";
    BelievesForwardedUsers: headers_that_vary_does_not_name_change_nothing, "with the header `x-forwarded-user`";
    BelievesTheFirst: two_valid_credentials_are_no_choice, "of two valid credentials one was chosen";
    BelievesTheQuery: the_request_line_changes_nothing, "user=bob";
    ChallengesNobody: challenges_ask_for_what_there_is, "a 401 has at least one challenge";
    ChallengesWithoutAScheme: challenges_ask_for_what_there_is, "begins with a scheme";
    EndsWatches: identifying_changes_nothing, "a watch gets another answer";
    FailsOnLongCookies: hostile_headers_cause_no_server_error, "makes the answer Err(Unavailable)";
    FailsOnOddCredentials: invalid_credentials_are_anonymous_and_indistinguishable, "an error of the kind Misconfigured";
    FailsWithoutACredential: a_request_without_a_credential_is_anonymous, "must be anonymous";
    FailsWithoutAnAddress: the_address_of_the_client_changes_nothing, "for a request from None the answer is Err";
    ForgetsNothing: effects_are_on_every_kind_of_response, "a log-out is lost";
    ForgetsNothing: what_is_forgotten_is_gone, "the user is known after a log-out";
    IsGoodOnce: identifying_changes_nothing, "gets another answer the next time";
    IsNobodyWhenDown: a_store_that_fails_is_unavailable, "the store fails, and the answer is Ok";
    KeepsDataOfOthers: a_log_in_drops_what_another_user_kept, "is there for the next";
    KeepsOneValueOnly: what_is_stored_is_found_again, "was stored, and is lost";
    KeepsTheOldName: a_rotation_gives_another_credential, "from before a rotation is still valid";
    KeepsTheOldSession: another_log_in_replaces_the_first, "is still valid";
    KnowsNoLimit: renewal_changes_no_user_and_no_limit, "past its absolute lifetime";
    KnowsOneUserOnly: all_identities_come_back_as_they_were, "keep its bytes as they are";
    KnowsOneUserOnly: two_users_at_once_stay_apart, "was taken for";
    LogsInHalfWay: a_dropped_request_leaves_nothing_behind, "a log-in that was dropped half-way leaves";
    LogsOutInTheCookieOnly: what_is_forgotten_is_gone, "a credential is valid after the log-out";
    LosesWhatIsDropped: a_dropped_request_leaves_nothing_behind, "after a request that was dropped half-way";
    MarksNoCookies: cookies_are_safe, "lacks the attribute `httponly`";
    NamesAnotherHeader: vary_names_what_is_read, "a cache would mix users up";
    NeverAnswersAlike: invalid_credentials_are_anonymous_and_indistinguishable, "are answered differently";
    NoAmbience: ambience_is_declared_correctly, "`is_ambient` must say so";
    PrintsCredentials: nothing_secret_is_printed, "prints a credential";
    PrintsCredentials: invalid_credentials_are_anonymous_and_indistinguishable, "an error of the kind Unavailable";
    ReadsOneCookieHeader: a_cookie_is_found_in_every_header, "read all of them, with `CookieValues`";
    ReadsRequestsOfOneMethod: the_request_line_changes_nothing, "for `CONNECT / HTTP/1.1` the answer is";
    RenewalIsALogIn: renewal_changes_no_user_and_no_limit, "keep `authenticated_at`";
    RotatesNothing: a_rotation_gives_another_credential, "leaves the credential as it was";
    RotationLosesData: a_rotation_gives_another_credential, "loses what was kept";
    SeemsToForgetWhenDown: a_store_that_fails_is_unavailable, "seems to be fulfilled";
    SharesItsData: what_is_stored_is_found_again, "is found by another client";
    SharesItsStore: another_application_takes_no_credentials, "another application takes the credential";
    TruncatesIdentities: all_identities_come_back_as_they_were, "keep its bytes as they are";
}

#[test]
fn a_policy_without_a_log_in_gets_a_hint() {
    let says = complaint(|| {
        conformance::run(
            || async { Subject::new(FakeIdentity::failing()) },
            conformance::vary_names_what_is_read,
        );
    });
    assert!(says.unwrap().contains("`remember` failed for the identity `alice`"));
    let says = complaint(|| {
        conformance::run(
            || async { Subject::presenting(FakeIdentity::by_header(), |_, _| async { None }) },
            conformance::vary_names_what_is_read,
        );
    });
    assert!(says.unwrap().contains("`Subject::presenting` has no credential for `alice`; issue one"));
}

/// A bad credential of one kind may be answered otherwise than one of another kind: a token that cannot be read, and a
/// cookie that is not there.
#[test]
fn refusing_some_bad_credentials_is_a_choice() {
    let found = complaint(|| {
        conformance::run(
            || async { Shelf::subject(Some(Defect::TellsHowItIsBad)) },
            conformance::invalid_credentials_are_anonymous_and_indistinguishable,
        );
    });
    assert_eq!(found, None);
}

/// What a test says when it fails.
fn complaint(check: impl FnOnce()) -> Option<String> {
    let thrown = catch_unwind(AssertUnwindSafe(check)).err()?;
    let long = thrown.downcast_ref::<String>().cloned();
    Some(long.or_else(|| thrown.downcast_ref::<&str>().map(|short| (*short).to_owned())).unwrap_or_default())
}
