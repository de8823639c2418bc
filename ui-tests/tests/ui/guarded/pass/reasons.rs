use auth_runtime::{
    allow_anonymous,
    guarded::{Router, get},
};

#[allow_anonymous(reason = "the door is open", until = "2028-02-29")]
async fn door() {}

#[allow_anonymous(until = "2027-12-31", reason = r#"they say "come in""#, crate = ::auth_runtime)]
async fn window() {}

#[allow_anonymous(reason = "it is a public house")]
async fn house() {}

pub(crate) fn main() {
    let routes: Router = Router::new().route("/", get(door).post(window).put(house));
    let reasons: Vec<_> = routes.routes().iter().map(|route| (route.reason(), route.until())).collect();
    assert_eq!(
        reasons,
        [
            (Some("the door is open"), Some("2028-02-29")),
            (Some(r#"they say "come in""#), Some("2027-12-31")),
            (Some("it is a public house"), None),
        ]
    );
}
