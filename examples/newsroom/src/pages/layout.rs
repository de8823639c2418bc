//! The HTML around the content of each page.

use maud::{DOCTYPE, Markup, html};

/// What htmx must not do under the policy of [`super::headers`]: evaluate text, and write styles into the
/// page.
const HTMX: &str = r#"{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true}"#;

/// Returns a page. `menu` stands at the top, `banner` above everything.
pub(super) fn layout(title: &str, banner: &Markup, menu: &Markup, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="htmx-config" content=(HTMX);
                title { (title) " · Newsroom" }
                link rel="stylesheet" href="/assets/style.css";
                script src="/assets/htmx.min.js" defer {}
                script src="/assets/feed.js" defer {}
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (banner)
                header {
                    a.brand href="/" { "The Newsroom" }
                    (menu)
                }
                main #content tabindex="-1" { (content) }
                footer { p { "A demo of route guards. Nothing here has happened." } }
            }
        }
    }
}
