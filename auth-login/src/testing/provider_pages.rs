//! Renders the pages of the fake provider.

use maud::{DOCTYPE, Markup, html};

use super::fake_user::FakeUser;

/// The choice of users. `query` is that of the authorization request.
pub(super) fn choice(users: &[FakeUser], client: &str, query: &str) -> Markup {
    frame(
        "Fake provider",
        &html! {
            p { "Log in to " code { (client) } " as" }
            @for user in users {
                (button(query, "user", &user.subject, &user.subject))
            }
            (button(query, "deny", "yes", "Cancel"))
        },
    )
}

/// A form that brings the response to the client by POST (OAuth 2.0 Form Post Response Mode).
pub(super) fn form_post(action: &str, pairs: &[(String, String)]) -> Markup {
    frame(
        "Fake provider",
        &html! {
            form method="post" action=(action) {
                @for (name, value) in pairs { input type="hidden" name=(name) value=(value); }
                button type="submit" { "Back to the application" }
            }
        },
    )
}

pub(super) fn error(message: &str) -> Markup {
    frame("Fake provider", &html! { p { (message) } })
}

fn button(query: &str, name: &str, value: &str, label: &str) -> Markup {
    html! {
        form method="post" action={ "authorize?" (query) } {
            button type="submit" name=(name) value=(value) { (label) }
        }
    }
}

fn frame(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style {
                    "body{max-width:30rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}"
                    "button{margin:.25rem 0;padding:.5rem 1rem;font:inherit}"
                }
            }
            body { h1 { (title) } (content) }
        }
    }
}
