use auth_runtime::guarded::{Router, get, unguarded};
use axum::extract::Path;

async fn imprint(Path(language): Path<String>) -> String {
    language
}

pub(crate) fn main() {
    let live = unguarded("the load balancer has no account", || async { "up" });
    let routes: Router = Router::new()
        .route("/live", get(live).head(unguarded("the load balancer has no account", async || ())))
        .route("/imprint/{language}", get(unguarded("it says who we are", imprint)))
        .fallback(unguarded("there is nothing to protect", || async { "not here" }));
    let reasons: Vec<_> = routes.routes().iter().map(|route| (route.path(), route.reason())).collect();
    assert_eq!(
        reasons,
        [
            ("/live", Some("the load balancer has no account")),
            ("/live", Some("the load balancer has no account")),
            ("/imprint/{language}", Some("it says who we are")),
            ("/", Some("there is nothing to protect")),
        ]
    );
}
