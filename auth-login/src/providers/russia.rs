//! Describes Odnoklassniki, VK and Yandex.

use super::CHECKED;
use crate::{
    descriptor::{
        Body, Call, CallValue, ClientMethod, Descriptor, ErrorForm, Issuer, Placeholder, TokenPlace,
    },
    profile::{EmailSource, Mapping, Picture, Subject, Verified},
};

/// Odnoklassniki. Requests are signed with `application_key`, which its page of applications shows.
pub const ODNOKLASSNIKI: Descriptor = Descriptor::oauth2(
    "odnoklassniki",
    "Odnoklassniki",
    "https://connect.ok.ru/oauth/authorize",
    "https://api.ok.ru/oauth/token.do",
)
.with_placeholders(&[Placeholder::part("application_key", "")])
.with_issuer(Issuer::Namespace("https://ok.ru"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["VALUABLE_ACCESS", "GET_EMAIL"])
.with_scope_separator(";")
.with_error_forms(&[ErrorForm::ErrorCode])
.with_calls(&[Call::get("user", "https://api.ok.ru/fb.do").with_token(TokenPlace::Odnoklassniki).with_query(
    &[
        ("application_key", CallValue::Placeholder("application_key")),
        ("format", CallValue::Text("json")),
        ("method", CallValue::Text("users.getCurrentUser")),
    ],
)])
.with_mapping(
    Mapping::new(Subject::Member("/user/uid"))
        .with_email(&[EmailSource::new("/user/email", Verified::Unknown)])
        .with_names(&["/user/first_name"], &["/user/last_name"])
        .with_full_name(&["/user/name"])
        .with_picture(Picture::Member(&["/user/pic_3", "/user/pic_2", "/user/pic_1"]))
        .with_locale(&["/user/locale"])
        .with_place(&["/user/location/city"], &["/user/location/country"])
        .with_gender(&["/user/gender"]),
)
.with_api("https://api.ok.ru")
.checked_on(CHECKED, "social-core; SocialiteProviders")
.validated();

/// VK ID. The token request repeats `device_id` and `state` of the callback.
pub const VK: Descriptor =
    Descriptor::oauth2("vk", "VK", "https://id.vk.ru/authorize", "https://id.vk.ru/oauth2/auth")
        .with_issuer(Issuer::Namespace("https://id.vk.ru"))
        .with_client_method(ClientMethod::Post)
        .with_scopes(&["email"])
        .with_callback_parameters(&["device_id", "state"])
        .with_calls(&[Call::post(
            "user",
            "https://id.vk.ru/oauth2/user_info",
            Body::Form(&[("client_id", CallValue::ClientId)]),
        )
        .with_token(TokenPlace::Form("access_token"))])
        .with_mapping(
            Mapping::new(Subject::Member("/user/user/user_id"))
                .with_email(&[EmailSource::new("/user/user/email", Verified::Unknown)])
                .with_names(&["/user/user/first_name"], &["/user/user/last_name"])
                .with_picture(Picture::Member(&["/user/user/avatar"])),
        )
        .with_api("https://api.vk.ru")
        .checked_on(CHECKED, "django-allauth; logto; SocialiteProviders")
        .validated();

/// Yandex.
pub const YANDEX: Descriptor = Descriptor::oauth2(
    "yandex",
    "Yandex",
    "https://oauth.yandex.com/authorize",
    "https://oauth.yandex.com/token",
)
.with_issuer(Issuer::Namespace("https://oauth.yandex.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["login:info", "login:email", "login:avatar"])
.with_calls(&[Call::get("user", "https://login.yandex.ru/info")
    .with_token(TokenPlace::Header("OAuth"))
    .with_query(&[("format", CallValue::Text("json"))])])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_email(&[EmailSource::new("/user/default_email", Verified::Unknown)])
        .with_names(&["/user/first_name"], &["/user/last_name"])
        .with_full_name(&["/user/real_name"])
        .with_username(&["/user/login"])
        .with_picture(Picture::Built(
            "https://avatars.yandex.net/get-yapic/{/user/default_avatar_id}/islands-200",
        ))
        .with_gender(&["/user/sex"]),
)
.with_api("https://login.yandex.ru")
.checked_on(CHECKED, "django-allauth; openiddict-core; logto")
.validated();
