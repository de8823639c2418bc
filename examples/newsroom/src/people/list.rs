//! All people: for chiefs, who give roles and block, and for support, which impersonates.

use auth_runtime::{Auth, Identity, UserId, acl_required};
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::{devices, impersonate::Target};
use crate::{
    Role,
    error::Failure,
    pages::{frame::Frame, time},
    roles::{Can, NEWSROOM},
    state::Newsroom,
};

#[derive(sqlx::FromRow)]
struct Line {
    id: String,
    name: String,
    email: String,
    role: String,
    blocked: Option<i64>,
}

#[derive(serde::Deserialize)]
pub(crate) struct NewRole {
    role: String,
}

/// A step-up, so that its forms, which want one as well, find it done.
#[acl_required(any(Can::ManagePeople, Can::Impersonate), NEWSROOM, fresh = "10m")]
pub(crate) async fn page(
    auth: Auth,
    user: UserId,
    frame: Frame,
    State(newsroom): State<Newsroom>,
) -> Result<Response, Failure> {
    let people: Vec<Line> =
        sqlx::query_as("SELECT id, name, email, role, blocked FROM people ORDER BY name, id LIMIT 200")
            .fetch_all(&newsroom.store.pool)
            .await?;
    let manages = auth.permits(Can::ManagePeople, NEWSROOM).await?;
    let impersonates = auth.permits(Can::Impersonate, NEWSROOM).await?;
    let content = html! {
        h1 { "People" }
        ul.rows {
            @for person in &people {
                li {
                    div { strong { (person.name) } br; small { (person.email) ", " (person.role) } }
                    div.actions {
                        @if manages && *user != *person.id { (manage(person)) }
                        @if impersonates && !matches!(person.role.as_str(), "chief" | "support") {
                            form method="post" action={ "/people/" (person.id) "/impersonate" } {
                                button { "Act as " (person.name) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(frame.page("People", &content))
}

fn manage(person: &Line) -> Markup {
    let path = format!("/people/{}", person.id);
    let field = format!("role-{}", person.id);
    html! {
        form.line method="post" action={ (path) "/role" } {
            label.hidden for=(field) { "Role of " (person.name) }
            select id=(field) name="role" {
                @for role in Role::ALL {
                    option value=(role.as_str()) selected[role.as_str() == person.role] { (role.as_str()) }
                }
            }
            button { "Set" span.hidden { " the role of " (person.name) } }
        }
        @if person.blocked.is_some() {
            form method="post" action={ (path) "/unblock" } {
                button { "Unblock" span.hidden { " " (person.name) } }
            }
        } @else {
            form method="post" action={ (path) "/block" } {
                button { "Block" span.hidden { " " (person.name) } }
            }
        }
    }
}

#[acl_required(Can::ManagePeople, target, fresh = "10m")]
pub(crate) async fn set_role(
    target: Target,
    State(newsroom): State<Newsroom>,
    Form(new): Form<NewRole>,
) -> Result<Response, Failure> {
    let Some(role) = Role::parse(&new.role) else {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY.into_response());
    };
    sqlx::query("UPDATE people SET role = $1 WHERE id = $2")
        .bind(role.as_str())
        .bind(&target.id)
        .execute(&newsroom.store.pool)
        .await?;
    let identity = Identity::new(&target.id).map_err(auth_runtime::AuthError::from)?;
    // A session of support would have the new role of the person, or outlive the role that it was begun with.
    let was_support = target.person.role() == Some(Role::Support);
    devices::end_impersonations(&newsroom, &identity, was_support).await?;
    newsroom.check_streams(&target.id);
    Ok(Redirect::to("/people?done=role-set").into_response())
}

/// Denies everything to a person, and ends the sessions, so that the person notices.
#[acl_required(Can::ManagePeople, target, fresh = "10m")]
pub(crate) async fn block(target: Target, State(newsroom): State<Newsroom>) -> Result<Redirect, Failure> {
    sqlx::query("UPDATE people SET blocked = $1 WHERE id = $2")
        .bind(time::to_row(newsroom.now()))
        .bind(&target.id)
        .execute(&newsroom.store.pool)
        .await?;
    let identity = Identity::new(&target.id).map_err(auth_runtime::AuthError::from)?;
    devices::end_everything(&newsroom, &identity).await?;
    Ok(Redirect::to("/people?done=blocked"))
}

#[acl_required(Can::ManagePeople, target, fresh = "10m")]
pub(crate) async fn unblock(target: Target, State(newsroom): State<Newsroom>) -> Result<Redirect, Failure> {
    sqlx::query("UPDATE people SET blocked = NULL WHERE id = $1")
        .bind(&target.id)
        .execute(&newsroom.store.pool)
        .await?;
    Ok(Redirect::to("/people?done=unblocked"))
}
