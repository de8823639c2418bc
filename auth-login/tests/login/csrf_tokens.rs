//! The pages of log-ins where the layer demands CSRF tokens: each form carries one, and needs it.

use auth_login::{
    Login, Logins, Tokens,
    accounts::{Accounts as _, MemoryAccounts},
    descriptor::{Descriptor, ResponseMode},
    profile::Profile,
    providers,
    testing::{FakeProvider, FakeUser},
};
use auth_runtime::{
    AuthLayer, EncryptedCookie, KeyRing, LocalPath, UserId, auth_required,
    csrf::CsrfTokens,
    guarded::{self, get},
    identity::cookie::SameSite,
    testing::FrozenClock,
};
use http::{Method, StatusCode};

use super::{
    app_and_fake_provider::NOON,
    browser_with_cookies::{Answer, Browser, Site},
};

const FORM_POST: Descriptor = providers::OPENID.with_response_mode(ResponseMode::FormPost);

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

/// An application with two providers, of which the second may respond by a form.
struct Setup {
    one: FakeProvider,
    two: FakeProvider,
    accounts: MemoryAccounts,
    clock: FrozenClock,
    app: guarded::App,
}

impl Setup {
    async fn new() -> Self {
        Self::with(false, true, SameSite::Lax).await
    }

    async fn with(is_form_post: bool, demands_tokens: bool, same_site: SameSite) -> Self {
        let clock = FrozenClock::at(NOON);
        let users = || ["alice", "bob"].map(FakeUser::new);
        let one = FakeProvider::start(users()).await.unwrap().with_clock(clock.clone());
        let two = FakeProvider::start(users()).await.unwrap().with_clock(clock.clone());
        let accounts = MemoryAccounts::new();
        let mut second = two.login("two").unwrap();
        if is_form_post {
            let (id, secret) = two.client();
            let resolved = FORM_POST.resolve(&[("issuer", two.issuer())]).unwrap();
            second = Login::resolved(resolved, id, secret).unwrap().with_id("two").unwrap();
        }
        let logins = Logins::new("https://app.example.com").unwrap().with_clock(clock.clone());
        let logins = logins.provider(one.login("one").unwrap()).unwrap().provider(second).unwrap();
        let found = accounts.clone();
        let login = logins.with_linking(accounts.clone()).on_login(move |profile: Profile, _: Tokens| {
            let accounts = found.clone();
            async move { accounts.find_or_create(profile.account()).await }
        });
        let policy = EncryptedCookie::new(KeyRing::random()).with_same_site(same_site).unwrap();
        let mut auth = AuthLayer::new(policy).with_clock(clock.clone());
        if demands_tokens {
            auth = auth.with_csrf_tokens(CsrfTokens::new(KeyRing::random()));
        }
        let auth = auth.with_login_page(LocalPath::from_static("/login"));
        let app = guarded::Router::new().route("/me", get(me)).merge(login.routes()).with_auth(auth);
        Self { one, two, accounts, clock, app }
    }

    /// A browser that is logged in by the form of the page with the choice of providers.
    async fn logged_in(&self, user: &str) -> Browser {
        let mut browser = Browser::new(&self.app);
        let page = browser.get("/login?next=/me").await;
        let started = submit(&mut browser, &page, 0).await;
        let callback = self.one.sign_in(started.location(), user).unwrap();
        browser.come_back(&callback).await;
        assert_eq!(browser.get("/me").await.status, StatusCode::OK);
        browser
    }

    async fn identities(&self, browser: &mut Browser) -> usize {
        let user = UserId::new(browser.get("/me").await.text).unwrap();
        self.accounts.identities(&user).await.unwrap().len()
    }
}

/// Method, address and hidden fields.
type Form = (String, String, Vec<(String, String)>);

fn forms(page: &Answer) -> Vec<Form> {
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split_once(&format!("{name}=\""))?.1;
        let text = rest.split_once('"')?.0;
        Some(text.replace("&amp;", "&").replace("&quot;", "\""))
    };
    let forms = page.text.split("<form").skip(1).map(|form| {
        let form = form.split("</form>").next().unwrap();
        let tag = form.split('>').next().unwrap();
        let fields = form.split("<input").skip(1).map(|input| {
            let input = input.split('>').next().unwrap();
            (attribute(input, "name").unwrap(), attribute(input, "value").unwrap())
        });
        (attribute(tag, "method").unwrap(), attribute(tag, "action").unwrap(), fields.collect())
    });
    forms.collect()
}

fn body(fields: &[(String, String)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    body.finish()
}

/// Submits a form of a page as a browser does.
async fn submit(browser: &mut Browser, page: &Answer, number: usize) -> Answer {
    let (method, action, fields) = forms(page).swap_remove(number);
    assert_eq!(method, "post", "{}", page.text);
    browser.post(&action, &body(&fields)).await
}

/// Submits it without the token.
async fn submit_without(browser: &mut Browser, page: &Answer) -> Answer {
    let (_, action, mut fields) = forms(page).swap_remove(0);
    let tokens = fields.extract_if(.., |(name, _)| name == "csrf_token").count();
    assert_eq!(tokens, 1, "{}", page.text);
    browser.post(&action, &body(&fields)).await
}

#[tokio::test]
async fn the_form_of_the_log_out_carries_a_token_and_needs_it() {
    let setup = Setup::new().await;
    let mut browser = setup.logged_in("alice").await;
    let page = browser.get("/logout").await;
    // The page asks again, with a token that counts.
    let again = submit_without(&mut browser, &page).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    let out = submit(&mut browser, &again, 0).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.text);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_forms_that_link_and_unlink_carry_a_token_and_need_it() {
    let setup = Setup::new().await;
    let mut browser = setup.logged_in("alice").await;
    let page = browser.get("/login/two/link?next=/me").await;
    assert_eq!(submit_without(&mut browser, &page).await.status, StatusCode::FORBIDDEN);
    let started = submit(&mut browser, &page, 0).await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
    assert!(!started.location().contains("csrf"), "no token goes to the provider: {}", started.location());
    let callback = setup.two.sign_in(started.location(), "bob").unwrap();
    browser.come_back(&callback).await;
    assert_eq!(setup.identities(&mut browser).await, 2);

    let page = browser.get("/login/two/unlink?next=/me").await;
    assert_eq!(submit_without(&mut browser, &page).await.status, StatusCode::FORBIDDEN);
    assert_eq!(setup.identities(&mut browser).await, 2);
    let done = submit(&mut browser, &page, 0).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(setup.identities(&mut browser).await, 1);
}

#[tokio::test]
async fn a_token_of_another_browser_or_from_before_the_log_in_is_none() {
    let setup = Setup::new().await;
    let (mut browser, mut other) = (setup.logged_in("alice").await, setup.logged_in("alice").await);
    for address in ["/logout", "/login/two/link?next=/me", "/login/two/unlink?next=/me"] {
        let foreign = other.get(address).await;
        let answer = submit(&mut browser, &foreign, 0).await;
        assert!(matches!(answer.status.as_u16(), 200 | 403), "{address} {}", answer.status);
    }
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    assert_eq!(setup.identities(&mut browser).await, 1);

    let mut browser = Browser::new(&setup.app);
    let before = browser.get("/logout").await;
    let started = browser.post("/login/one", "next=/me").await;
    browser.come_back(&setup.one.sign_in(started.location(), "alice").unwrap()).await;
    assert_eq!(submit(&mut browser, &before, 0).await.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn each_form_that_starts_a_log_in_carries_a_token() {
    let setup = Setup::new().await;
    let mut browser = Browser::new(&setup.app);
    for address in ["/login?next=/me", "/login/one?next=/me"] {
        let page = browser.get(address).await;
        for (number, (_, action, fields)) in forms(&page).into_iter().enumerate() {
            let tokens = fields.iter().filter(|(name, _)| name == "csrf_token").count();
            assert_eq!(tokens, 1, "{address} {action}");
            assert_eq!(submit(&mut browser, &page, number).await.status, StatusCode::SEE_OTHER);
        }
    }
    // Anonymous requests log in without one as well, as they do from forms of applications.
    assert_eq!(browser.post("/login/one", "next=/me").await.status, StatusCode::SEE_OTHER);
    // The page of a failure offers to begin again.
    let failed = browser.get("/login/one/callback?error=access_denied&state=x").await;
    let forms = forms(&failed);
    assert!(
        forms.iter().all(|(_, _, fields)| fields.iter().any(|(name, _)| name == "csrf_token")),
        "{forms:?}"
    );
}

/// The user that a step-up begins with is known by the token.
#[tokio::test]
async fn a_step_up_by_the_form_of_the_page_is_of_the_user_who_began_it() {
    let setup = Setup::new().await;
    let mut browser = setup.logged_in("alice").await;
    setup.clock.advance(std::time::Duration::from_mins(20));
    let page = browser.get("/login?next=/me&max_age=600").await;
    let started = submit(&mut browser, &page, 0).await;
    let out = browser.get("/logout").await;
    submit(&mut browser, &out, 0).await;
    let callback = setup.one.sign_in(started.location(), "bob").unwrap();
    let failed = browser.come_back(&callback).await;
    assert_eq!(failed.code(), "other_user", "{}", failed.text);
}

#[tokio::test]
async fn a_provider_that_responds_by_a_form_links_after_the_user_has_continued() {
    for same_site in [SameSite::Lax, SameSite::Strict] {
        let setup = Setup::with(true, true, same_site).await;
        let mut browser = setup.logged_in("alice").await;
        let page = browser.get("/login/two/link?next=/me").await;
        let started = submit(&mut browser, &page, 0).await;
        let callback = setup.two.sign_in(started.location(), "bob").unwrap();
        assert!(callback.form.is_some());
        let mut page = browser.come_back(&callback).await;
        assert!(!page.text.contains("csrf_token"), "a token of no session: {}", page.text);
        // The first form shows that the user is back in the application, and the second one has the token.
        for _ in 0..2 {
            assert_eq!((page.status, setup.identities(&mut browser).await), (StatusCode::OK, 1));
            page = submit(&mut browser, &page, 0).await;
        }
        assert!(page.status == StatusCode::SEE_OTHER || page.text.contains("Continue"), "{}", page.text);
        assert_eq!(setup.identities(&mut browser).await, 2);
    }
}

/// The browser leaves its cookie out there, and another one would make its open forms fail.
#[tokio::test]
async fn a_request_of_another_site_gets_no_token() {
    let setup = Setup::new().await;
    let mut browser = setup.logged_in("alice").await;
    let open = browser.get("/logout").await;
    let known = browser.value_of("__Host-csrf").unwrap().to_owned();
    for address in ["/logout", "/login/one", "/login/one/callback", "/login/two/link", "/login/nothing"] {
        let answer = browser.send(Method::POST, address, Site::Cross, "next=/me").await;
        assert!(!answer.text.contains("csrf_token"), "{address} {}", answer.text);
        assert_eq!(browser.value_of("__Host-csrf"), Some(known.as_str()), "{address}");
    }
    // The page that another site's form leads to asks once more, with a token.
    let asked = browser.send(Method::POST, "/logout", Site::Cross, "").await;
    let again = submit(&mut browser, &asked, 0).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.text.contains("csrf_token"));
    assert_eq!(submit(&mut browser, &open, 0).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn without_a_demand_there_is_neither_a_token_nor_a_cookie() {
    let setup = Setup::with(false, false, SameSite::Lax).await;
    let mut browser = setup.logged_in("alice").await;
    for address in ["/login", "/login/one", "/logout", "/login/two/link", "/login/two/unlink"] {
        let page = browser.get(address).await;
        assert!(!page.text.contains("csrf_token"), "{address} {}", page.text);
    }
    assert!(browser.value_of("__Host-csrf").is_none());
    // A field of this name makes no difference.
    let out = browser.post("/logout", "csrf_token=x").await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.text);
}
