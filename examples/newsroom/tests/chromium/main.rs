//! The newsroom in Chromium, headless, driven through `ChromeDriver`: the day of each role, what tabs, history and
//! other sites do, and an accessibility check with a screenshot of each page.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test stops where it finds what it does not expect"
)]

mod accessibility;
mod axe;
#[expect(dead_code, reason = "a browser that visits pages without Chromium is part of the site of tests")]
#[path = "../newsroom/browser.rs"]
mod browser;
#[expect(dead_code, reason = "tests of log-ins use more of it")]
#[path = "../../../../auth-login/tests/chromium/chromium_driver.rs"]
mod chromium_driver;
mod cross_site;
mod days;
mod interrupted;
mod keyboard;
#[expect(dead_code, reason = "tests without a browser use more of it")]
#[path = "../newsroom/site.rs"]
mod site;
mod visitor;
