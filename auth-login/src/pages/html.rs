//! The default HTML of the pages. `maud` escapes every text.

use auth_runtime::LocalPath;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Button, Page};
use crate::failure_code::FailureCode;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:4rem auto;padding:0 1rem}\
    button,a.button{display:block;box-sizing:border-box;width:100%;margin:.5rem 0;padding:.6rem;font:inherit;\
    text-align:center;border:1px solid #888;border-radius:.4rem;background:#fff;color:#000;\
    text-decoration:none}\
    button:focus-visible,a:focus-visible{outline:3px solid #06c}code{color:#555}";

pub(super) fn page(page: &Page) -> Markup {
    match page {
        Page::LogIn { buttons, target } => frame(
            "Log in",
            None,
            &html! {
                @for button in buttons {
                    (start(button, target, None, &format!("Continue with {}", button.label)))
                }
            },
        ),
        Page::Confirm { button, target } => frame(
            "Log in",
            None,
            &html! {
                p { "Do you want to log in with " (button.label) "?" }
                (start(button, target, None, &format!("Continue with {}", button.label)))
            },
        ),
        Page::Failed { code, button, target, login_path, .. } => {
            failed(*code, button.as_ref(), target, login_path)
        }
        Page::Continue { target } => frame(
            "Logged in",
            Some(target),
            &html! {
                p { "You are logged in." }
                a.button href=(target) { "Continue" }
            },
        ),
        Page::LogOut { action } => frame(
            "Log out",
            None,
            &html! {
                p { "Do you want to log out?" }
                form method="post" action=(action) { button type="submit" { "Log out" } }
            },
        ),
    }
}

fn failed(code: FailureCode, button: Option<&Button>, target: &LocalPath, login_path: &LocalPath) -> Markup {
    let (prompt, label) = match code {
        FailureCode::AccountRejected => (Some("select_account"), "Use another account"),
        FailureCode::CrossSite => (None, "Continue"),
        _ => (None, "Try again"),
    };
    frame(
        "Log in",
        None,
        &html! {
            p { (code.message()) }
            @if code == FailureCode::AttemptUsed {
                a.button href=(target) { "Continue" }
            } @else if let Some(button) = button {
                (start(button, target, prompt, label))
            }
            a.button href={ (login_path) "?next=" (target.to_query_value()) } { "Other ways to log in" }
            p { "Code: " code { (code.as_str()) } }
        },
    )
}

/// The form of a button.
fn start(button: &Button, target: &LocalPath, prompt: Option<&str>, label: &str) -> Markup {
    html! {
        form method="post" action=(button.action) {
            input type="hidden" name="next" value=(target);
            @if let Some(prompt) = prompt { input type="hidden" name="prompt" value=(prompt); }
            button type="submit" { (label) }
        }
    }
}

fn frame(title: &str, refresh: Option<&LocalPath>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                @if let Some(target) = refresh { meta http-equiv="refresh" content={ "0;url=" (target) }; }
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (content) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn button() -> Button {
        Button {
            id: "fake".to_owned(),
            label: "<b>\"Fake\"</b>".to_owned(),
            action: LocalPath::from_static("/login/fake"),
        }
    }

    fn all() -> Vec<Page> {
        let target = LocalPath::from_static("/a?b=\"><script>alert('1')</script>&c='");
        let mut pages = vec![
            Page::LogIn { buttons: vec![button()], target: target.clone() },
            Page::Confirm { button: button(), target: target.clone() },
            Page::Continue { target: target.clone() },
            Page::LogOut { action: LocalPath::from_static("/logout") },
        ];
        pages.extend(FailureCode::ALL.map(|code| Page::Failed {
            code,
            button: Some(button()),
            target: target.clone(),
            retry_after: None,
            login_path: LocalPath::from_static("/login"),
        }));
        pages
    }

    #[test]
    fn texts_are_escaped_and_no_page_has_a_script() {
        for page in all() {
            let html = page.to_html();
            assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
            assert!(!html.contains("value=\"/a?b=\"") && !html.contains("href=\"/a?b=\""), "{html}");
        }
    }

    #[test]
    fn a_failed_login_is_never_started_by_the_page_itself() {
        for page in all() {
            let html = page.to_html();
            let leads_on = html.contains("http-equiv=\"refresh\"");
            assert_eq!(leads_on, matches!(page, Page::Continue { .. }), "{html}");
            if let Page::Failed { code, .. } = page {
                assert!(html.contains(&format!("<code>{code}</code>")), "{html}");
            }
        }
    }
}
