//! The page of the user's account.

use auth_runtime::{Auth, CurrentUser, auth_required};
use axum::{extract::State, response::Response};
use maud::html;

use super::{devices, person::Person};
use crate::{error::Failure, pages::frame::Frame, state::Newsroom};

#[auth_required]
pub(crate) async fn page(
    auth: Auth,
    frame: Frame,
    person: CurrentUser<Person>,
    State(newsroom): State<Newsroom>,
) -> Result<Response, Failure> {
    let devices = devices::list(&auth, &newsroom).await?;
    let content = html! {
        h1 { "Your account" }
        dl {
            dt { "Name" } dd { (person.name) }
            dt { "E-mail address" } dd { (person.email) }
            dt { "Role" } dd { (person.role().map_or("none", crate::Role::as_str)) }
        }
        p.actions {
            a.button href="/account/password" { "Change the password" }
            a.button href="/account/email" { "Change the address" }
            a.button href="/account/keys" { "Keys for programs" }
        }
        (devices)
    };
    Ok(frame.page("Your account", &content))
}
