//! Describes tools for work, such as Slack and Notion.

use super::CHECKED;
use crate::{
    descriptor::{Call, ClientMethod, Descriptor, ErrorForm, Issuer, TokenPlace},
    profile::{EmailSource, Mapping, Picture, Subject, Verified},
};

/// HubSpot. The response of its one call names the user; the token is in the path, which must not be logged.
pub const HUBSPOT: Descriptor = Descriptor::oauth2(
    "hubspot",
    "HubSpot",
    "https://app.hubspot.com/oauth/authorize",
    "https://api.hubapi.com/oauth/v1/token",
)
.with_issuer(Issuer::Namespace("https://app.hubspot.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["oauth"])
.with_calls(&[Call::get("user", "https://api.hubapi.com/oauth/v1/access-tokens/{access_token}")
    .with_token(TokenPlace::Path)])
.with_mapping(
    Mapping::new(Subject::Compound(&["/user/hub_id", "/user/user_id"]))
        .with_id(&["/user/user_id"])
        .with_email(&[EmailSource::new("/user/user", Verified::Unknown)]),
)
.with_api("https://api.hubapi.com")
.checked_on(CHECKED, "next-auth; django-allauth")
.validated();

/// Notion. It has no scopes.
pub const NOTION: Descriptor = Descriptor::oauth2(
    "notion",
    "Notion",
    "https://api.notion.com/v1/oauth/authorize",
    "https://api.notion.com/v1/oauth/token",
)
.with_issuer(Issuer::Namespace("https://api.notion.com"))
.without_scopes()
.with_authorize_parameters(&[("owner", "user")])
.with_calls(&[
    Call::get("user", "https://api.notion.com/v1/users/me").with_headers(&[("notion-version", "2022-06-28")])
])
.with_mapping(
    Mapping::new(Subject::Member("/user/bot/owner/user/id"))
        .with_email(&[EmailSource::new("/user/bot/owner/user/person/email", Verified::Unknown)])
        .with_full_name(&["/user/bot/owner/user/name"])
        .with_picture(Picture::Member(&["/user/bot/owner/user/avatar_url"])),
)
.with_api("https://api.notion.com/v1")
.checked_on(CHECKED, "next-auth; django-allauth")
.validated();

/// Slack, by "Sign in with Slack". The subject is the user within the team.
pub const SLACK: Descriptor = Descriptor::openid("slack", "Slack", "https://slack.com")
    .with_client_method(ClientMethod::Post)
    .with_error_forms(&[ErrorForm::OkFalse])
    .with_mapping(
        Mapping::OPENID
            .with_subject(Subject::Compound(&[
                "/id_token/https:~1~1slack.com~1team_id",
                "/id_token/https:~1~1slack.com~1user_id",
            ]))
            .with_id(&["/id_token/https:~1~1slack.com~1user_id"]),
    )
    .with_api("https://slack.com/api")
    .checked_on(CHECKED, "next-auth; django-allauth; holmesgpt#2106")
    .validated();

/// Todoist.
pub const TODOIST: Descriptor = Descriptor::oauth2(
    "todoist",
    "Todoist",
    "https://todoist.com/oauth/authorize",
    "https://todoist.com/oauth/access_token",
)
.with_issuer(Issuer::Namespace("https://todoist.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["data:read"])
.with_scope_separator(",")
.with_calls(&[Call::get("user", "https://api.todoist.com/api/v1/user")])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_email(&[EmailSource::new("/user/email", Verified::Unknown)])
        .with_full_name(&["/user/full_name"])
        .with_picture(Picture::Member(&["/user/avatar_big"]))
        .with_locale(&["/user/lang"]),
)
.with_api("https://api.todoist.com/api/v1")
.checked_on(CHECKED, "mcp-todoist#78")
.validated();

/// Zoom.
pub const ZOOM: Descriptor =
    Descriptor::oauth2("zoom", "Zoom", "https://zoom.us/oauth/authorize", "https://zoom.us/oauth/token")
        .with_issuer(Issuer::Namespace("https://zoom.us"))
        .with_scopes(&["user:read:user"])
        .with_calls(&[Call::get("user", "https://api.zoom.us/v2/users/me")])
        .with_mapping(
            Mapping::new(Subject::Member("/user/id"))
                .with_email(&[EmailSource::new("/user/email", Verified::Claims(&["/user/verified"]))])
                .with_names(&["/user/first_name"], &["/user/last_name"])
                .with_username(&["/user/display_name"])
                .with_picture(Picture::Member(&["/user/pic_url"]))
                .with_locale(&["/user/language"])
                .with_place(&["/user/location"], &[]),
        )
        .with_revocation("https://zoom.us/oauth/revoke")
        .with_api("https://api.zoom.us/v2")
        .checked_on(CHECKED, "next-auth; openiddict-core")
        .validated();
