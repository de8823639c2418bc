use auth_runtime::{
    auth_required,
    guarded::{
        MethodFilter, MethodRouter, Router, any, connect, delete, get, head, on, options, patch, post, put,
        trace,
    },
};

#[auth_required]
async fn handler() {}

pub(crate) fn main() {
    let all: MethodRouter = connect(handler)
        .delete(handler)
        .get(handler)
        .head(handler)
        .options(handler)
        .patch(handler)
        .post(handler)
        .put(handler)
        .trace(handler)
        .fallback(handler);
    let routes: Router = Router::new()
        .route("/all", all)
        .route("/on", on(MethodFilter::GET.or(MethodFilter::PUT), handler))
        .route("/any", any(handler).get(handler))
        .route("/functions", delete(handler).merge(get(handler)).merge(head(handler)).merge(options(handler)))
        .route("/more", patch(handler).merge(post(handler)).merge(put(handler)).merge(trace(handler)));
    let methods: Vec<String> = routes.routes().iter().map(|route| route.methods().to_string()).collect();
    assert_eq!(
        methods.join(" "),
        "CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE any GET, PUT any GET \
         DELETE GET HEAD OPTIONS PATCH POST PUT TRACE"
    );
}
