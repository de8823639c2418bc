//! What every response has: security headers, and pages for errors.

use reqwest::StatusCode;

use crate::site::Site;

#[tokio::test]
async fn every_page_has_a_strict_policy_and_no_script_of_its_own() {
    let site = Site::start().await;
    let mut carla = site.browser_of("carla").await;
    for path in [
        "/",
        "/login",
        "/logout",
        "/account",
        "/desk",
        "/articles/new",
        "/articles/tram-seven",
        "/people",
        "/feed",
        "/transfers",
        "/register",
        "/password/forgotten",
        "/account/password",
        "/account/email",
        "/nowhere",
    ] {
        let got = carla.get(path).await;
        let policy = got.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{path}");
        assert!(got.body.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{path}");
        assert_eq!(got.body.matches("<h1").count(), 1, "{path}");
        for inline in [" style=", "<style", " onclick=", "javascript:", "<script>"] {
            assert!(!got.body.contains(inline), "{path} has {inline}");
        }
        // Each script and style is one of the newsroom's files.
        for file in ["/assets/style.css", "/assets/htmx.min.js"] {
            assert!(got.body.contains(file), "{path}");
        }
    }
    for (file, kind) in [("style.css", "text/css"), ("htmx.min.js", "text/javascript")] {
        let got = carla.get(&format!("/assets/{file}")).await;
        assert!(got.status.is_success() && got.header("content-type").starts_with(kind), "{file}");
    }
}

#[tokio::test]
async fn every_field_has_a_label() {
    let site = Site::start().await;
    let mut carla = site.browser_of("carla").await;
    for path in [
        "/login",
        "/register",
        "/password/forgotten",
        "/account/password",
        "/account/email",
        "/people",
        "/transfers",
        "/articles/tram-seven",
        "/articles/new",
        "/articles/swimming-pool",
        "/articles/swimming-pool/edit",
    ] {
        let got = carla.get(path).await;
        let fields = got.body.split("<input ").skip(1).chain(got.body.split("<textarea ").skip(1));
        for field in fields.map(|field| field.split('>').next().unwrap()) {
            let Some((_, rest)) = field.split_once("id=\"") else {
                assert!(field.contains("type=\"hidden\""), "{path}: {field}");
                continue;
            };
            let label = format!("<label for=\"{}\">", rest.split('"').next().unwrap());
            assert!(got.body.contains(&label), "{path}: {label}");
        }
    }
}

#[tokio::test]
async fn errors_are_pages() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    let missing = rita.get("/nowhere").await;
    assert_eq!((missing.status, missing.title()), (StatusCode::NOT_FOUND, "There is no such page"));
    let denied = rita.get("/desk").await;
    assert_eq!((denied.status, denied.title()), (StatusCode::FORBIDDEN, "You may not do this"));
    let wrong = rita.post("/account", &[]).await;
    assert_eq!((wrong.status, wrong.title()), (StatusCode::METHOD_NOT_ALLOWED, "This does not work here"));
    let unreadable = rita.post("/login", &[("email", "rita")]).await;
    assert_eq!(unreadable.title(), "The request cannot be read");
}

#[tokio::test]
async fn pages_of_people_are_not_cached() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    for path in ["/", "/account", "/articles/tram-seven"] {
        let control = rita.get(path).await.header("cache-control").to_owned();
        assert!(control.contains("no-store"), "{path}: {control}");
    }
}
