//! Why a request was denied: what the rules say about a person, a permission and an article.

use auth_runtime::{
    Groups, Permission as _, Principals,
    acl::{Explanation, Hit, explain_for},
    acl_required,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::{Markup, html};

use crate::{
    articles,
    error::Failure,
    pages::frame::Frame,
    people::person,
    roles::{Can, NEWSROOM, NEWSROOM_NEXT},
    state::Newsroom,
};

#[derive(Default, serde::Deserialize)]
pub(super) struct Question {
    #[serde(default)]
    email: String,
    #[serde(default)]
    can: String,
    #[serde(default)]
    article: String,
}

#[acl_required(Can::Operate, NEWSROOM, shadow = NEWSROOM_NEXT)]
pub(super) async fn page(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Query(question): Query<Question>,
) -> Result<Response, Failure> {
    let answer = if let Some(can) = Can::parse(&question.can) {
        answer(&newsroom, &question, can).await?
    } else {
        html! {}
    };
    let content = html! {
        h1 { "Why was this denied" }
        p { "Ask as the guards do. Nothing is logged about the person." }
        (question.form())
        div role="status" { (answer) }
    };
    Ok(frame.page("Why was this denied", &content))
}

impl Question {
    fn form(&self) -> Markup {
        html! {
            form.card method="get" {
                label for="email" { "E-mail address of the person" }
                input #email name="email" type="email" value=(self.email) aria-describedby="email-hint";
                p.hint #email-hint { "Empty for a visitor who is not logged in" }
                label for="can" { "Permission" }
                select #can name="can" {
                    @for can in Can::ALL {
                        option value=(can.name()) selected[self.can == can.name().to_string()] { (can.name()) }
                    }
                }
                label for="article" { "Id of an article" }
                input #article name="article" value=(self.article) aria-describedby="article-hint";
                p.hint #article-hint { "Empty for what does not depend on an article" }
                button.primary { "Explain" }
            }
        }
    }
}

async fn answer(newsroom: &Newsroom, question: &Question, can: Can) -> Result<Markup, Failure> {
    let Some((id, groups)) = who(newsroom, question.email.trim()).await? else {
        return Ok(html! { p.error { "No person has this address." } });
    };
    let principals = match (&id, &groups) {
        (None, _) => Principals::anonymous(),
        (Some(_), None) => Principals::blocked(),
        (Some(id), Some(groups)) => Principals::user(id, groups),
    };
    let explanation = match question.article.trim() {
        "" => NEWSROOM.explain(can.name(), &principals),
        id => match articles::find(newsroom, id).await? {
            Some(article) => explain_for(&article, can.name(), &principals),
            None => return Ok(html! { p.error { "There is no such article." } }),
        },
    };
    Ok(steps(&explanation))
}

/// Returns the id and the groups of the person with this address: no id for an anonymous visitor, no groups for a
/// blocked person, and nothing if the address is unknown.
async fn who(newsroom: &Newsroom, email: &str) -> Result<Option<(Option<String>, Option<Groups>)>, Failure> {
    if email.is_empty() {
        return Ok(Some((None, Some(Groups::none()))));
    }
    let Some((id, person)) = person::find_by_email(&newsroom.store, email).await? else { return Ok(None) };
    let groups = (!person.is_blocked()).then(|| person.groups());
    Ok(Some((Some(id), groups)))
}

fn steps(explanation: &Explanation) -> Markup {
    let is_allowed = explanation.decision().is_allow();
    html! {
        h2 { @if is_allowed { "Allowed" } @else { "Denied" } }
        div.wide tabindex="0" role="region" aria-labelledby="rules" {
            table {
                caption #rules { "The rules in order; the first that matches decides" }
                thead { tr { th scope="col" { "Rule" } th scope="col" { "Id" } th scope="col" { "Effect" } } }
                tbody {
                    @for step in explanation.steps() {
                        tr {
                            th scope="row" { code { (step.rule()) } }
                            td { (step.id().unwrap_or_default()) }
                            td {
                                @if step.hit() == Hit::Decides { strong { (step.hit()) } } @else { (step.hit()) }
                                @if let Some(note) = step.note() { " (" (note) ")" }
                            }
                        }
                    }
                }
            }
        }
        @if !explanation.remedies().is_empty() {
            p { "It would be enough to " (explanation.remedies().join(", or to ")) "." }
        }
    }
}
