//! A thousand log-ins at once, of a thousand users.

use std::sync::Arc;

use tokio::{
    sync::{Barrier, Semaphore},
    task::JoinSet,
};

use super::{
    super::browser_with_cookies::Browser, Peer as _, Setup, agent::Agent, oidc_provider::OidcProvider,
};

const USERS: usize = 1000;
/// How many user agents the provider serves at a time.
const SERVED: usize = 32;

/// All of them have started before the first one comes back, and all of them come back at once.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes a while; CI runs it by `--ignored`"]
async fn a_thousand_parallel_logins_at_a_certified_provider_neither_cross_nor_get_lost() {
    let Some(setup) = Setup::<OidcProvider>::new().await else { return };
    let setup = Arc::new(setup);
    let (barrier, served) = (Arc::new(Barrier::new(USERS)), Arc::new(Semaphore::new(SERVED)));
    let agent = Agent::new();
    let mut tasks = JoinSet::new();
    for number in 0..USERS {
        let (setup, mut agent) = (Arc::clone(&setup), agent.clone());
        let (barrier, served) = (Arc::clone(&barrier), Arc::clone(&served));
        tasks.spawn(async move {
            let user = format!("user-{number}");
            let mut browser = Browser::new(&setup.app);
            let started = browser.post("/login/peer", &format!("next=/me?number={number}")).await;
            barrier.wait().await;
            let callback = {
                let _permit = served.acquire().await.unwrap();
                setup.peer.sign_in(&mut agent, started.location(), &user).await
            };
            barrier.wait().await;
            let done = browser.come_back(&callback).await;
            assert_eq!(done.location(), format!("/me?number={number}"), "{}", done.text);
            assert_eq!(browser.get("/me").await.text, user);
        });
    }
    tasks.join_all().await;
    assert_eq!(setup.sent.count("/token"), USERS);
    assert_eq!(setup.sent.count("/.well-known/openid-configuration"), 1);
    assert_eq!(setup.profiles.lock().unwrap().len(), USERS);
}
