//! Routes and layers of the newsroom: the one place where they are put together.

use std::{net::SocketAddr, sync::Arc};

use auth_runtime::{
    AuthLayer, BoxError, LocalPath,
    guarded::{App, Router},
    revocation::{MemoryRevocation, RedisRevocation, Revocation},
    throttle::{MemoryThrottle, RedisThrottle, Throttle},
    watch::Watches,
};
use axum::middleware;
use tokio::net::TcpListener;

use crate::{
    api, articles, comments,
    config::Config,
    feed::{self, Feed},
    mail::{Outbox, link::Links},
    operators::{self, Dashboard},
    pages, people, provider,
    state::Newsroom,
    store::{self, Store},
    task::Task,
    transfers,
};

/// Returns all routes but those of log-ins with providers, which depend on the configuration.
fn routes() -> Router<Newsroom> {
    Router::new()
        .merge(pages::routes())
        .merge(people::routes())
        .merge(articles::routes())
        .merge(api::routes())
        .merge(operators::routes())
        .merge(comments::routes())
        .merge(feed::routes())
        .merge(transfers::routes())
}

/// Returns an instance that is ready to be served.
///
/// # Errors
///
/// Fails if the database or the Redis server cannot be reached, or if a setting is not usable.
pub async fn app(config: Config) -> Result<App, BoxError> {
    let store = Store::open(&config.database, config.store_deadline).await?;
    store::demo::seed(&store, &config.passwords, config.clock.now()).await?;
    let keys = store.key_ring(config.root_key.as_deref()).await?;
    let policy = people::devices::policy(store.session_identity().await?, &config.base)?
        .with_store_deadline(config.store_deadline);
    let (ways, provider_routes) = provider::start(&config, &store, keys.clone()).await?;

    let throttle = match &config.redis {
        Some(address) => Throttle::new(RedisThrottle::new(store::redis::client(address).await?)),
        None => Throttle::new(MemoryThrottle::new()),
    };
    let sessions = policy.sessions().with_clock(config.clock());
    let policy = api::policy(policy, store.clone())?;
    let (auth, revocation) = revocation(AuthLayer::new(policy), &config).await?;
    let watches = Watches::new();
    let newsroom = Newsroom {
        _cleaning: Task::cleaning(sessions.clone()),
        sessions,
        passwords: config.passwords.clone(),
        mail: Outbox::new(config.mail.clone()),
        links: Links::new(&config.base, keys.clone()),
        revocation,
        watches: watches.clone(),
        feed: Feed::start(store.clone(), Arc::clone(&config.clock)),
        ways,
        store: store.clone(),
        clock: Arc::clone(&config.clock),
        dashboard: Dashboard::new(config.audit.clone()),
    };
    let dashboard = newsroom.dashboard.clone();
    let auth = auth
        .with_clock(config.clock())
        .with_users(people::person::loader(store))
        .with_groups(people::person::groups())
        .with_watches(watches)
        .with_throttle(throttle.with_known_devices(keys))
        .with_login_page(LocalPath::from_static("/login"))
        .with_refusal(pages::errors::refusal);
    let headers = pages::headers::Headers::new(&config.base, newsroom.ways.origin());
    let routes = routes().with_state(newsroom).merge(provider_routes);
    let app = routes.with_auth(auth);
    dashboard.show_access(app.access());
    Ok(app.layer(middleware::from_fn_with_state(headers, pages::headers::dress)))
}

/// Adds the list of revocations, which all instances share by Redis, and returns a handle to it.
async fn revocation(auth: AuthLayer, config: &Config) -> Result<(AuthLayer, Arc<dyn Revocation>), BoxError> {
    Ok(if let Some(address) = &config.redis {
        let shared = RedisRevocation::connect(address.as_str()).await?;
        (auth.with_revocation(shared.clone()), Arc::new(shared))
    } else {
        let own = MemoryRevocation::new().with_clock(config.clock());
        (auth.with_revocation(own.clone()), Arc::new(own))
    })
}

/// Serves an instance until the process ends.
///
/// # Errors
///
/// Fails if the listener does.
pub async fn serve(listener: TcpListener, app: App) -> Result<(), BoxError> {
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
