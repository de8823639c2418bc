//! A person at a browser: [`Visitor`].

use std::{fs, path::PathBuf};

use newsroom::DEMO_PASSWORD;
use thirtyfour::{By, extensions::query::ElementQueryable as _};

use crate::chromium_driver::Chromium;

/// A browser at the newsroom.
pub(crate) struct Visitor {
    pub(crate) browser: Chromium,
    base: String,
}

impl Visitor {
    /// Opens a browser; `None` if there is none.
    pub(crate) async fn arrive(base: &str) -> Option<Self> {
        Some(Self::with(Chromium::start(&[]).await?, base))
    }

    pub(crate) fn with(browser: Chromium, base: &str) -> Self {
        Self { browser, base: base.to_owned() }
    }

    pub(crate) async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.base)).await;
    }

    /// Opens a browser and logs a person of the demo in.
    pub(crate) async fn logged_in(base: &str, name: &str) -> Option<Self> {
        let visitor = Self::arrive(base).await?;
        visitor.log_in(name).await;
        Some(visitor)
    }

    /// Opens the log-in page and logs in.
    pub(crate) async fn log_in(&self, name: &str) {
        self.open("/login").await;
        self.type_in("email", &format!("{name}@newsroom.example")).await;
        self.type_in("password", DEMO_PASSWORD).await;
        self.press("Log in").await;
        self.sees("Log out").await;
    }

    /// Replaces the content of a field.
    pub(crate) async fn type_in(&self, id: &str, text: &str) {
        let field = self.browser.web.query(By::Id(id)).first().await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Returns the content of a field.
    pub(crate) async fn value(&self, id: &str) -> String {
        let field = self.browser.web.query(By::Id(id)).first().await.unwrap();
        field.value().await.unwrap().unwrap_or_default()
    }

    /// Presses a button of the content.
    pub(crate) async fn press(&self, label: &str) {
        let path = format!("//main//*[self::button or self::a][normalize-space()='{label}']");
        self.browser.web.query(By::XPath(path)).first().await.unwrap().click().await.unwrap();
    }

    /// Presses a button or link of the menu.
    pub(crate) async fn menu(&self, label: &str) {
        let path = format!("//header//*[self::button or self::a][normalize-space()='{label}']");
        self.browser.web.query(By::XPath(path)).first().await.unwrap().click().await.unwrap();
    }

    pub(crate) async fn sees(&self, text: &str) {
        self.browser.sees(text).await;
    }

    /// Returns whether the page has this text now.
    pub(crate) async fn has(&self, text: &str) -> bool {
        // An element would be stale if the page is about to change.
        let shown = self.browser.web.execute("return document.body.innerText", Vec::new()).await.unwrap();
        shown.json().as_str().unwrap().contains(text)
    }

    /// Returns the path of the page.
    pub(crate) async fn path(&self) -> String {
        let address = self.browser.address().await;
        address.strip_prefix(&self.base).unwrap_or(&address).to_owned()
    }

    /// Keeps a picture of the page as `target/tmp/newsroom-screenshots/NAME.png`.
    pub(crate) async fn photograph(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("newsroom-screenshots");
        fs::create_dir_all(&folder).unwrap();
        self.browser.web.screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
    }
}
