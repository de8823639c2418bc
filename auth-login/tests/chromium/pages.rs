//! How the pages look and read: light and dark, on a desktop and a phone, by keyboard and screen reader.
//!
//! Pictures of them are in `target/screenshots` afterwards.

use std::path::Path;

use auth_login::{
    Page,
    testing::{FakeProvider, FakeUser},
};
use auth_runtime::{LocalPath, identity::cookie::SameSite};
use serde_json::{Value, json};
use thirtyfour::Key;

use super::{
    app_and_fake_provider::{APP, HOST, application},
    chromium_driver::Chromium,
    tls_server::serve,
};

/// Contrast, by WCAG 2.2, and height of each text; how far the page reaches beyond its window.
const MEASURE: &str = r"
    const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = (colour) => {
        const [r, g, b] = parts(colour).map((part) => {
            const x = part / 255;
            return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        const colour = getComputedStyle(element).backgroundColor;
        return parts(colour)[3] === 0 ? ground(element.parentElement) : colour;
    };
    const texts = [...document.querySelectorAll('h1, p, code, button, a')].map((element) => {
        const of = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort();
        return {
            text: element.textContent,
            contrast: (of[1] + 0.05) / (of[0] + 0.05),
            height: element.matches('button, a') ? element.getBoundingClientRect().height : 44,
        };
    });
    const overhang = document.documentElement.scrollWidth - window.innerWidth;
    return {texts, overhang, ground: luminance(getComputedStyle(document.body).backgroundColor)};
";

const LONG: &str = "the Department of Redundancy Department of an Extraordinarily Long Company Name Ltd.";

/// A browser, at an application with three ways to log in.
async fn start() -> Option<(Chromium, FakeProvider)> {
    let provider = FakeProvider::start([FakeUser::new("alice")]).await.unwrap();
    let ways = [("one", "Example"), ("two", "Another Example"), ("three", LONG)];
    let ways = ways.map(|(id, label)| provider.login(id).unwrap().with_label(label));
    let app = application(ways, SameSite::Lax, &std::sync::Arc::default());
    Some((Chromium::start(&[(HOST, serve(app).await)]).await?, provider))
}

async fn picture(browser: &Chromium, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    browser.web.screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
}

async fn run(browser: &Chromium, script: &str) -> Value {
    browser.web.execute(script, Vec::new()).await.unwrap().json().clone()
}

/// The names of the nodes with this role, as a screen reader reads them out.
async fn names(browser: &Chromium, role: &str) -> Vec<String> {
    let tree = browser.tell("Accessibility.getFullAXTree", json!({})).await;
    let nodes = tree["nodes"].as_array().unwrap().iter();
    let nodes = nodes.filter(|node| node["ignored"] == json!(false) && node["role"]["value"] == role);
    nodes.map(|node| node["name"]["value"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_pages_are_readable_on_desktop_and_phone_in_light_and_dark() {
    let Some((browser, _provider)) = start().await else { return };
    // Without its refresh, so that it stays.
    let continues = Page::Continue { target: LocalPath::from_static("/me") }.to_html();
    let continues =
        format!("data:text/html,{}", continues.replace("http-equiv", "data-none").replace('#', "%23"));
    for (name, address) in [
        ("choice", format!("{APP}/login?next=/me")),
        ("confirmation", format!("{APP}/login/one")),
        ("confirmation-of-long-name", format!("{APP}/login/three")),
        ("failure", format!("{APP}/login/one/callback?error=access_denied&state=x")),
        ("unknown-provider", format!("{APP}/login/other")),
        ("logout", format!("{APP}/logout")),
        ("continue", continues),
    ] {
        browser.open(&address).await;
        for (device, width, height) in
            [("desktop", 1280, 800), ("phone", 390, 844), ("small-phone", 320, 568)]
        {
            let metrics =
                json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
            browser.tell("Emulation.setDeviceMetricsOverride", metrics).await;
            for scheme in ["light", "dark"] {
                let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
                browser.tell("Emulation.setEmulatedMedia", media).await;
                let what = format!("{name}-{device}-{scheme}");
                picture(&browser, &what).await;
                let measured = run(&browser, MEASURE).await;
                assert!(measured["overhang"].as_f64().unwrap() <= 0.0, "{what}: {measured}");
                assert_eq!(
                    measured["ground"].as_f64().unwrap() < 0.2,
                    scheme == "dark",
                    "{what}: {measured}"
                );
                let texts = measured["texts"].as_array().unwrap();
                assert!(texts.len() >= 2, "{what}: {measured}");
                for text in texts {
                    assert!(text["contrast"].as_f64().unwrap() >= 4.5, "{what}: {text}");
                    assert!(text["height"].as_f64().unwrap() >= 44.0, "{what}: {text}");
                }
            }
        }
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_screen_reader_finds_title_landmark_heading_and_labels() {
    let Some((browser, _provider)) = start().await else { return };
    for (path, title, buttons, links) in [
        ("/login", "Log in", vec!["Example", "Another Example", LONG], vec![]),
        ("/login/one", "Log in", vec!["Example"], vec![]),
        (
            "/login/one/callback?code=x&state=x",
            "Not logged in",
            vec!["Try again"],
            vec!["Other ways to log in"],
        ),
        ("/login/other", "Not logged in", vec![], vec!["Other ways to log in"]),
        ("/logout", "Log out", vec!["Log out"], vec![]),
    ] {
        browser.open(&format!("{APP}{path}")).await;
        let named = |label: &&str| match *label {
            "Try again" | "Log out" => (*label).to_owned(),
            label => format!("Continue with {label}"),
        };
        assert_eq!(run(&browser, "return document.documentElement.lang").await, "en", "{path}");
        assert_eq!(names(&browser, "RootWebArea").await, [title], "{path}");
        assert_eq!(names(&browser, "main").await.len(), 1, "{path}");
        assert_eq!(names(&browser, "heading").await, [title], "{path}");
        assert_eq!(names(&browser, "button").await, buttons.iter().map(named).collect::<Vec<_>>(), "{path}");
        assert_eq!(names(&browser, "link").await, links, "{path}");
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_login_works_by_keyboard_with_a_visible_focus() {
    const FOCUSED: &str = "
        const style = getComputedStyle(document.activeElement);
        return [document.activeElement.textContent, style.outlineStyle, parseFloat(style.outlineWidth) >= 2];
    ";
    let Some((browser, provider)) = start().await else { return };
    browser.open(&format!("{APP}/login?next=/me")).await;
    for label in ["Example", "Another Example", LONG] {
        browser.web.action_chain().send_keys(Key::Tab).perform().await.unwrap();
        let expected = json!([format!("Continue with {label}"), "solid", true]);
        assert_eq!(run(&browser, FOCUSED).await, expected);
    }
    picture(&browser, "focus").await;
    browser.web.action_chain().send_keys(Key::Enter).perform().await.unwrap();
    browser.sees("Fake provider").await;
    assert!(browser.address().await.starts_with(provider.issuer()));
    browser.quit().await;
}
