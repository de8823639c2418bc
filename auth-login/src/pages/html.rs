//! Renders the default HTML of the pages. `maud` escapes every text.

use auth_runtime::{LocalPath, csrf::CsrfToken};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Button, LinkAction, Page};
use crate::failure_code::FailureCode;

/// The only stylesheet: light or dark as the system is, from a phone of 320 px on.
const STYLE: &str = "\
    :root{color-scheme:light dark;--ground:#f3f4f6;--card:#fff;--edge:#d5d9df;--text:#1b1e23;--quiet:#565e69;\
    --line:#7d8692;--accent:#0b57a4;--on-accent:#fff}\
    @media(prefers-color-scheme:dark){:root{--ground:#131518;--card:#1d2024;--edge:#343a42;--text:#eceef1;\
    --quiet:#a9b1bc;--line:#8b95a1;--accent:#8fbcf2;--on-accent:#10161d}}\
    *{box-sizing:border-box}\
    body{display:grid;place-items:center;min-height:100vh;margin:0;padding:1rem;\
    font:1rem/1.5 system-ui,sans-serif;background:var(--ground);color:var(--text)}\
    main{width:100%;max-width:24rem;padding:2rem 1.5rem;border:1px solid var(--edge);border-radius:.75rem;\
    background:var(--card);overflow-wrap:anywhere}\
    h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}\
    p{margin:0 0 1rem}\
    button,a{display:block;width:100%;min-height:2.75rem;margin-top:.75rem;padding:.55rem 1rem;font:inherit;\
    font-weight:600;text-align:center;text-decoration:none;border:1px solid var(--line);border-radius:.5rem;\
    background:var(--card);color:var(--text);cursor:pointer}\
    form:only-of-type button{border-color:var(--accent);background:var(--accent);color:var(--on-accent)}\
    button:hover,a:hover{border-color:var(--text)}\
    :focus-visible{outline:3px solid var(--accent);outline-offset:2px}\
    p.code{margin:1.5rem 0 0;font-size:.875rem;color:var(--quiet)}";

const STEP_UP: &str = "The page that you want to see asks you to confirm who you are.";

pub(super) fn page(page: &Page) -> Markup {
    match page {
        Page::LogIn { is_step_up, buttons, target, csrf_token } => frame(
            "Log in",
            None,
            &html! {
                @if *is_step_up { p { (STEP_UP) } }
                @for button in buttons {
                    (start(button, target, csrf_token.as_ref(), None, &format!("Continue with {}", button.label)))
                }
            },
        ),
        Page::Confirm { is_step_up, button, target, csrf_token } => frame(
            "Log in",
            None,
            &html! {
                @if *is_step_up { p { (STEP_UP) } }
                p { "Do you want to log in with " (button.label) "?" }
                (start(button, target, csrf_token.as_ref(), None, &format!("Continue with {}", button.label)))
            },
        ),
        Page::Failed { code, button, target, other_ways, csrf_token, .. } => {
            failed(*code, button.as_ref(), target, other_ways.as_ref(), csrf_token.as_ref())
        }
        Page::Continue { target } => frame(
            "Logged in",
            Some(target),
            &html! {
                p { "You are logged in." }
                a href=(target) { "Continue" }
            },
        ),
        Page::ConfirmLink { action, label, address, issuer, subject, target, csrf_token } => {
            let (title, question) = match action {
                LinkAction::Link => ("Link an account", "Do you want to log in here with this account, too?"),
                LinkAction::Unlink => ("Unlink an account", "Do you want to log in here with it no more?"),
            };
            frame(
                title,
                None,
                &html! {
                    p { (label) ": " (question) }
                    form method="post" action=(address) {
                        input type="hidden" name="next" value=(target);
                        @if let Some(issuer) = issuer { input type="hidden" name="issuer" value=(issuer); }
                        @if let Some(subject) = subject { input type="hidden" name="subject" value=(subject); }
                        (hidden(csrf_token.as_ref()))
                        button type="submit" { (title) }
                    }
                    a href=(target) { "Cancel" }
                },
            )
        }
        Page::Resume { action, is_post, fields, csrf_token } => frame(
            "Link an account",
            None,
            &html! {
                p { "You are back. Please continue." }
                form method=(if *is_post { "post" } else { "get" }) action=(action) {
                    @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                    (hidden(csrf_token.as_ref()))
                    button type="submit" { "Continue" }
                }
            },
        ),
        Page::LogOut { action, csrf_token } => frame(
            "Log out",
            None,
            &html! {
                p { "Do you want to log out?" }
                form method="post" action=(action) {
                    (hidden(csrf_token.as_ref()))
                    button type="submit" { "Log out" }
                }
            },
        ),
        Page::LogOutAtProvider { form, home } => frame(
            "Logged out",
            None,
            &html! {
                p { "You are logged out here. Do you want to log out at the provider, too?" }
                form method="post" action=(form.action) {
                    @for (name, value) in &form.fields { input type="hidden" name=(name) value=(value); }
                    button type="submit" { "Log out there, too" }
                }
                a.button href=(home) { "Continue" }
            },
        ),
    }
}

fn failed(
    code: FailureCode,
    button: Option<&Button>,
    target: &LocalPath,
    other_ways: Option<&LocalPath>,
    csrf_token: Option<&CsrfToken>,
) -> Markup {
    let (prompt, label) = match code {
        FailureCode::AccountRejected | FailureCode::OtherUser => {
            (Some("select_account"), "Use another account")
        }
        FailureCode::CrossSite => (None, "Continue"),
        _ => (None, "Try again"),
    };
    let title = match code {
        FailureCode::AttemptUsed | FailureCode::CrossSite => "Log in",
        _ if other_ways.is_none() => "Not changed",
        _ => "Not logged in",
    };
    frame(
        title,
        None,
        &html! {
            p { (code.message()) }
            @if code == FailureCode::AttemptUsed || other_ways.is_none() {
                a href=(target) { "Continue" }
            } @else if let Some(button) = button {
                (start(button, target, csrf_token, prompt, label))
            }
            @if let Some(other_ways) = other_ways { a href=(other_ways) { "Other ways to log in" } }
            p.code { "Code: " code { (code.as_str()) } }
        },
    )
}

/// The form of a button.
fn start(
    button: &Button,
    target: &LocalPath,
    csrf_token: Option<&CsrfToken>,
    prompt: Option<&str>,
    label: &str,
) -> Markup {
    html! {
        form method="post" action=(button.action) {
            input type="hidden" name="next" value=(target);
            @if let Some(prompt) = prompt { input type="hidden" name="prompt" value=(prompt); }
            (hidden(csrf_token))
            button type="submit" { (label) }
        }
    }
}

/// The field with a CSRF token, whose text is HTML.
fn hidden(csrf_token: Option<&CsrfToken>) -> Markup {
    html! { @if let Some(token) = csrf_token { (PreEscaped(token.to_string())) } }
}

fn frame(title: &str, refresh: Option<&LocalPath>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
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
    use crate::pages::LogoutForm;

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
            Page::LogIn {
                is_step_up: true,
                buttons: vec![button()],
                target: target.clone(),
                csrf_token: None,
            },
            Page::Confirm { is_step_up: true, button: button(), target: target.clone(), csrf_token: None },
            Page::Continue { target: target.clone() },
            Page::LogOut { action: LocalPath::from_static("/logout"), csrf_token: None },
            Page::ConfirmLink {
                action: LinkAction::Link,
                label: "<b>Fake</b>".to_owned(),
                address: LocalPath::from_static("/login/fake/link"),
                issuer: Some("\"><script>".to_owned()),
                subject: Some("'><b>".to_owned()),
                target: target.clone(),
                csrf_token: None,
            },
            Page::Resume {
                action: LocalPath::from_static("/login/fake/callback"),
                is_post: false,
                fields: vec![("code".to_owned(), "\"><script>".to_owned())],
                csrf_token: None,
            },
            Page::LogOutAtProvider {
                form: LogoutForm {
                    action: "https://op.example/end?a=\"><script>".to_owned(),
                    fields: vec![("id_token_hint", "\"><script>alert('1')</script><b>".to_owned())],
                },
                home: target.clone(),
            },
        ];
        pages.extend(FailureCode::ALL.map(|code| Page::Failed {
            code,
            button: Some(button()),
            target: target.clone(),
            retry_after: None,
            other_ways: Some(LocalPath::from_static("/login")),
            csrf_token: None,
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
