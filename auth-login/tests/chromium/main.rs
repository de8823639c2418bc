//! Log-ins in Chromium, headless, driven through `ChromeDriver`: what cookies, history, caches and forms of a
//! real browser do with the pages.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test stops where it finds what it does not expect"
)]

mod app_and_fake_provider;
mod back_and_reload;
mod browser_without_scripts;
mod chromium_driver;
mod cross_site;
mod independent_provider;
mod login;
mod login_with_accounts_example;
mod logout;
mod pages;
mod same_site_strict;
mod tls_server;
