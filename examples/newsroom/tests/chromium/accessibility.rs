//! Each page of the newsroom has a picture, and no finding of axe-core: in a light and a dark theme, and on a phone.

use serde_json::json;

use crate::{axe, site::Site, visitor::Visitor};

/// Pages by who visits them. Those of the chief and of support contain what editors and authors see.
const PAGES: [(&str, &[&str]); 5] = [
    (
        "",
        &[
            "/",
            "/articles/harbour-bridge",
            "/login",
            "/register",
            "/password/forgotten",
            "/nowhere",
            "/logout",
        ],
    ),
    (
        "rita",
        &[
            "/",
            "/articles/harbour-bridge",
            "/account",
            "/account/password",
            "/account/email",
            "/account/keys",
            "/feed",
            "/operators",
        ],
    ),
    ("edda", &["/desk", "/articles/new", "/articles/swimming-pool", "/articles/swimming-pool/edit"]),
    ("carla", &["/people", "/transfers", "/operators", "/operators/access", "/operators/next-rules"]),
    ("sam", &["/people", "/operators/denied?email=rita%40newsroom.example&can=write", "/operators/audit"]),
];

#[tokio::test]
async fn each_page_is_accessible_in_both_themes_and_on_a_phone() {
    let site = Site::start().await;
    let Some(axe) = axe::source() else { return };
    let mut findings = Vec::new();
    for (person, pages) in PAGES {
        let Some(visitor) = Visitor::arrive(&site.base).await else { return };
        if !person.is_empty() {
            visitor.log_in(person).await;
        }
        for (theme, width) in [("light", 1200), ("dark", 1200), ("light", 360)] {
            let browser = &visitor.browser;
            let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
            browser.tell("Emulation.setEmulatedMedia", features).await;
            let metrics =
                json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
            browser.tell("Emulation.setDeviceMetricsOverride", metrics).await;
            for page in pages {
                visitor.open(page).await;
                let path = page.split('?').next().unwrap().trim_matches('/').replace('/', "-");
                let who = if person.is_empty() { "visitor" } else { person };
                let name = format!("{who}-{}-{theme}-{width}", if path.is_empty() { "front" } else { &path });
                visitor.photograph(&name).await;
                let found = axe::findings(browser, &axe).await;
                findings.extend(found.into_iter().map(|finding| format!("{name}: {finding}")));
                // Nothing but tables, which scroll by themselves, is wider than the screen.
                let script =
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
                let beyond = browser.web.execute(script, Vec::new()).await.unwrap();
                if beyond.json().as_i64() != Some(0) {
                    findings.push(format!("{name}: the page is {} pixels too wide", beyond.json()));
                }
            }
        }
        visitor.browser.quit().await;
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
