//! Describes providers of music, video, blogs and sports, such as Spotify and Twitch.

use super::CHECKED;
use crate::{
    descriptor::{Call, ClientMethod, Descriptor, ErrorForm, Issuer},
    profile::{EmailSource, Mapping, Picture, Subject, Verified},
};

/// Spotify. Its redirect addresses may name 127.0.0.1, but not `localhost`.
pub const SPOTIFY: Descriptor = Descriptor::oauth2(
    "spotify",
    "Spotify",
    "https://accounts.spotify.com/authorize",
    "https://accounts.spotify.com/api/token",
)
.with_issuer(Issuer::Namespace("https://accounts.spotify.com"))
.with_scopes(&["user-read-email"])
.with_error_forms(&[ErrorForm::ErrorObject])
.with_calls(&[Call::get("user", "https://api.spotify.com/v1/me")])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_email(&[EmailSource::new("/user/email", Verified::Unknown)])
        .with_full_name(&["/user/display_name"])
        .with_picture(Picture::Member(&["/user/images/0/url"]))
        .with_link(&["/user/external_urls/spotify"])
        .with_place(&[], &["/user/country"]),
)
.with_api("https://api.spotify.com/v1")
.checked_on(CHECKED, "next-auth; openiddict-core; spotify#296; spotipy#1217")
.validated();

/// Strava.
pub const STRAVA: Descriptor = Descriptor::oauth2(
    "strava",
    "Strava",
    "https://www.strava.com/oauth/authorize",
    "https://www.strava.com/oauth/token",
)
.with_issuer(Issuer::Namespace("https://www.strava.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["read"])
.with_scope_separator(",")
.with_calls(&[Call::get("user", "https://www.strava.com/api/v3/athlete")])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_names(&["/user/firstname"], &["/user/lastname"])
        .with_username(&["/user/username"])
        .with_picture(Picture::Member(&["/user/profile"]))
        .with_place(&["/user/city"], &["/user/country"])
        .with_gender(&["/user/sex"]),
)
.with_api("https://www.strava.com/api/v3")
.checked_on(CHECKED, "django-allauth; social-core; SocialiteProviders")
.validated();

/// Tumblr, by OAuth 2.0. It names no user, so the unchanging id of the first blog is the subject. The token
/// response has `id_token: false`.
pub const TUMBLR: Descriptor = Descriptor::oauth2(
    "tumblr",
    "Tumblr",
    "https://www.tumblr.com/oauth2/authorize",
    "https://api.tumblr.com/v2/oauth2/token",
)
.with_issuer(Issuer::Namespace("https://www.tumblr.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["basic"])
.with_calls(&[Call::get("user", "https://api.tumblr.com/v2/user/info")])
.with_mapping(
    Mapping::new(Subject::Member("/user/response/user/blogs/0/uuid"))
        .with_username(&["/user/response/user/name"])
        .with_link(&["/user/response/user/blogs/0/url"]),
)
.with_api("https://api.tumblr.com/v2")
.checked_on(CHECKED, "openiddict-core; grant")
.validated();

/// Twitch. The e-mail address comes only if it is asked for by the parameter `claims`.
pub const TWITCH: Descriptor = Descriptor::openid("twitch", "Twitch", "https://id.twitch.tv/oauth2")
    .with_client_method(ClientMethod::Post)
    .with_scopes(&["openid", "user:read:email"])
    .with_authorize_parameters(&[(
        "claims",
        r#"{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}"#,
    )])
    .with_error_forms(&[ErrorForm::Status])
    .with_revocation("https://id.twitch.tv/oauth2/revoke")
    .with_api("https://api.twitch.tv/helix")
    .checked_on(CHECKED, "next-auth; openiddict-core")
    .validated();

/// Vimeo. The subject is the number at the end of `uri`.
pub const VIMEO: Descriptor = Descriptor::oauth2(
    "vimeo",
    "Vimeo",
    "https://api.vimeo.com/oauth/authorize",
    "https://api.vimeo.com/oauth/access_token",
)
.with_issuer(Issuer::Namespace("https://vimeo.com"))
.with_scopes(&["public"])
.with_calls(&[Call::get("user", "https://api.vimeo.com/me")])
.with_mapping(
    Mapping::new(Subject::LastSegment("/user/uri"))
        .with_full_name(&["/user/name"])
        .with_picture(Picture::Member(&["/user/pictures/sizes/0/link"]))
        .with_link(&["/user/link"])
        .with_gender(&["/user/gender"]),
)
.with_api("https://api.vimeo.com")
.checked_on(CHECKED, "openiddict-core; SocialiteProviders; django-allauth")
.validated();
