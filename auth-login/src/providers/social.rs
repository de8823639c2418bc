//! Describes social networks and communities, such as Facebook and Discord.

use super::CHECKED;
use crate::{
    descriptor::{
        Body, Call, CallValue, ClientMethod, Descriptor, ErrorForm, Issuer, Nonce, Pkce, Placeholder, Status,
        TokenPlace,
    },
    profile::{EmailSource, Mapping, Picture, Subject, Verified},
};

/// Discord, by OAuth 2.0: its OpenID Connect is incomplete.
pub const DISCORD: Descriptor = Descriptor::oauth2(
    "discord",
    "Discord",
    "https://discord.com/oauth2/authorize",
    "https://discord.com/api/oauth2/token",
)
.with_issuer(Issuer::Namespace("https://discord.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["identify", "email"])
.with_calls(&[Call::get("user", "https://discord.com/api/users/@me")])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_email(&[EmailSource::new("/user/email", Verified::Claims(&["/user/verified"]))])
        .with_full_name(&["/user/global_name"])
        .with_username(&["/user/username"])
        .with_picture(Picture::Built("https://cdn.discordapp.com/avatars/{/user/id}/{/user/avatar}.png"))
        .with_locale(&["/user/locale"]),
)
.with_revocation("https://discord.com/api/oauth2/token/revoke")
.with_api("https://discord.com/api")
.checked_on(CHECKED, "openiddict-core; next-auth; discord-api-docs#7377, #7460, #8534")
.validated();

/// Facebook. The subject is a different one for each application. It rejects verifiers of PKCE.
pub const FACEBOOK: Descriptor = Descriptor::oauth2(
    "facebook",
    "Facebook",
    "https://www.facebook.com/v24.0/dialog/oauth",
    "https://graph.facebook.com/v24.0/oauth/access_token",
)
.with_issuer(Issuer::Namespace("https://www.facebook.com"))
.with_client_method(ClientMethod::Post)
.with_pkce(Pkce::Unsupported)
.with_scopes(&["email", "public_profile"])
.with_scope_separator(",")
.with_error_forms(&[ErrorForm::ErrorObject, ErrorForm::ErrorCode])
.with_calls(&[Call::get("user", "https://graph.facebook.com/v24.0/me").with_query(&[
    ("fields", CallValue::Text("id,name,first_name,last_name,email,picture")),
    ("appsecret_proof", CallValue::AppSecretProof),
])])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_email(&[EmailSource::new("/user/email", Verified::Unknown)])
        .with_names(&["/user/first_name"], &["/user/last_name"])
        .with_full_name(&["/user/name"])
        .with_picture(Picture::Member(&["/user/picture/data/url"])),
)
.with_api("https://graph.facebook.com/v24.0")
.checked_on(CHECKED, "SocialiteProviders; django-allauth; nango#7156")
.validated();

/// Foursquare.
pub const FOURSQUARE: Descriptor = Descriptor::oauth2(
    "foursquare",
    "Foursquare",
    "https://foursquare.com/oauth2/authenticate",
    "https://foursquare.com/oauth2/access_token",
)
.with_issuer(Issuer::Namespace("https://foursquare.com"))
.with_client_method(ClientMethod::Post)
.without_scopes()
.with_calls(&[Call::get("user", "https://api.foursquare.com/v2/users/self")
    .with_token(TokenPlace::Query("oauth_token"))
    .with_query(&[("v", CallValue::Text("20220601"))])])
.with_mapping(
    Mapping::new(Subject::Member("/user/response/user/id"))
        .with_email(&[EmailSource::new("/user/response/user/contact/email", Verified::Unknown)])
        .with_names(&["/user/response/user/firstName"], &["/user/response/user/lastName"])
        .with_gender(&["/user/response/user/gender"]),
)
.with_api("https://api.foursquare.com/v2")
.with_status(Status::Doubtful("version 2 of the API has been closed to new projects since 2022"))
.checked_on(CHECKED, "foursquare#100")
.validated();

/// LinkedIn. It rejects verifiers of PKCE, and its `id_token` has no nonce.
pub const LINKEDIN: Descriptor = Descriptor::openid("linkedin", "LinkedIn", "https://www.linkedin.com/oauth")
    .with_client_method(ClientMethod::Post)
    .with_pkce(Pkce::Unsupported)
    .with_nonce(Nonce::NotEchoed)
    .with_api("https://api.linkedin.com")
    .checked_on(CHECKED, "next-auth#8831; directus#23645; authlib#763; linkedin-api-python-client#63")
    .validated();

/// A Mastodon server, at `base`. The application has to be registered at each server.
pub const MASTODON: Descriptor =
    Descriptor::oauth2("mastodon", "Mastodon", "{base}/oauth/authorize", "{base}/oauth/token")
        .with_placeholders(&[Placeholder::base("base", "")])
        .with_issuer(Issuer::Namespace("{base}"))
        .with_client_method(ClientMethod::Post)
        .with_scopes(&["read:accounts"])
        .with_calls(&[Call::get("user", "{base}/api/v1/accounts/verify_credentials")])
        .with_mapping(
            Mapping::new(Subject::Member("/user/id"))
                .with_full_name(&["/user/display_name"])
                .with_username(&["/user/username"])
                .with_picture(Picture::Member(&["/user/avatar"]))
                .with_link(&["/user/url"]),
        )
        .with_revocation("{base}/oauth/revoke")
        .with_api("{base}/api/v1")
        .checked_on(CHECKED, "next-auth; openiddict-core; mastodon#32548")
        .validated();

/// Meetup, by GraphQL. A new client needs a paid account.
pub const MEETUP: Descriptor = Descriptor::oauth2(
    "meetup",
    "Meetup",
    "https://secure.meetup.com/oauth2/authorize",
    "https://secure.meetup.com/oauth2/access",
)
.with_issuer(Issuer::Namespace("https://www.meetup.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["basic"])
.with_calls(&[Call::post(
    "user",
    "https://api.meetup.com/gql-ext",
    Body::Json(r#"{"query":"query { self { id name } }"}"#),
)])
.with_mapping(Mapping::new(Subject::Member("/user/data/self/id")).with_full_name(&["/user/data/self/name"]))
.with_api("https://api.meetup.com")
.checked_on(CHECKED, "meetupr#150; meetuparchive/api#338; grimoirelab-perceval#774")
.validated();

/// Patreon.
pub const PATREON: Descriptor = Descriptor::oauth2(
    "patreon",
    "Patreon",
    "https://www.patreon.com/oauth2/authorize",
    "https://www.patreon.com/api/oauth2/token",
)
.with_issuer(Issuer::Namespace("https://www.patreon.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["identity", "identity[email]"])
.with_calls(&[Call::get("user", "https://www.patreon.com/api/oauth2/v2/identity").with_query(&[(
    "fields[user]",
    CallValue::Text("email,first_name,full_name,image_url,is_email_verified,last_name,url,vanity"),
)])])
.with_mapping(
    Mapping::new(Subject::Member("/user/data/id"))
        .with_email(&[EmailSource::new(
            "/user/data/attributes/email",
            Verified::Claims(&["/user/data/attributes/is_email_verified"]),
        )])
        .with_names(&["/user/data/attributes/first_name"], &["/user/data/attributes/last_name"])
        .with_full_name(&["/user/data/attributes/full_name"])
        .with_username(&["/user/data/attributes/vanity"])
        .with_picture(Picture::Member(&["/user/data/attributes/image_url"]))
        .with_link(&["/user/data/attributes/url"]),
)
.with_revocation("https://www.patreon.com/oauth2/revoke")
.with_api("https://www.patreon.com/api/oauth2/v2")
.checked_on(CHECKED, "django-allauth; next-auth; openiddict-core; social-core")
.validated();

/// Pinterest.
pub const PINTEREST: Descriptor = Descriptor::oauth2(
    "pinterest",
    "Pinterest",
    "https://www.pinterest.com/oauth/",
    "https://api.pinterest.com/v5/oauth/token",
)
.with_issuer(Issuer::Namespace("https://www.pinterest.com"))
.with_scopes(&["user_accounts:read"])
.with_scope_separator(",")
.with_calls(&[Call::get("user", "https://api.pinterest.com/v5/user_account")])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_username(&["/user/username"])
        .with_picture(Picture::Member(&["/user/profile_image"]))
        .with_link(&["/user/website_url"]),
)
.with_api("https://api.pinterest.com/v5")
.checked_on(CHECKED, "next-auth; SocialiteProviders; django-allauth")
.validated();

/// Reddit. It answers 429 to clients without a `User-Agent` of their own.
pub const REDDIT: Descriptor = Descriptor::oauth2(
    "reddit",
    "Reddit",
    "https://www.reddit.com/api/v1/authorize",
    "https://www.reddit.com/api/v1/access_token",
)
.with_issuer(Issuer::Namespace("https://www.reddit.com"))
.with_scopes(&["identity"])
.with_calls(&[Call::get("user", "https://oauth.reddit.com/api/v1/me")])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_username(&["/user/name"])
        .with_picture(Picture::Member(&["/user/snoovatar_img", "/user/icon_img"])),
)
.with_revocation("https://www.reddit.com/api/v1/revoke_token")
.with_api("https://oauth.reddit.com/api/v1")
.checked_on(CHECKED, "social-core; next-auth; openiddict-core; n8n-docs#4510")
.validated();

/// Threads.
pub const THREADS: Descriptor = Descriptor::oauth2(
    "threads",
    "Threads",
    "https://threads.net/oauth/authorize",
    "https://graph.threads.net/oauth/access_token",
)
.with_issuer(Issuer::Namespace("https://threads.net"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["threads_basic"])
.with_error_forms(&[ErrorForm::ErrorObject])
.with_calls(&[Call::get("user", "https://graph.threads.net/v1.0/me")
    .with_query(&[("fields", CallValue::Text("id,username,name,threads_profile_picture_url"))])])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_full_name(&["/user/name"])
        .with_username(&["/user/username"])
        .with_picture(Picture::Member(&["/user/threads_profile_picture_url"])),
)
.with_api("https://graph.threads.net/v1.0")
.checked_on(CHECKED, "next-auth")
.validated();

/// X, formerly Twitter. The e-mail address comes if the application's settings at X allow it, and is a
/// confirmed one.
pub const TWITTER: Descriptor = Descriptor::oauth2(
    "twitter",
    "X",
    "https://x.com/i/oauth2/authorize",
    "https://api.x.com/2/oauth2/token",
)
.with_issuer(Issuer::Namespace("https://x.com"))
.with_scopes(&["tweet.read", "users.read", "users.email"])
.with_calls(&[Call::get("user", "https://api.x.com/2/users/me")
    .with_query(&[("user.fields", CallValue::Text("profile_image_url,confirmed_email"))])])
.with_mapping(
    Mapping::new(Subject::Member("/user/data/id"))
        .with_email(&[EmailSource::new("/user/data/confirmed_email", Verified::Always)])
        .with_full_name(&["/user/data/name"])
        .with_username(&["/user/data/username"])
        .with_picture(Picture::Member(&["/user/data/profile_image_url"])),
)
.with_revocation("https://api.x.com/2/oauth2/revoke")
.with_api("https://api.x.com/2")
.checked_on(CHECKED, "openiddict-core; SocialiteProviders; better-auth; socialite#744")
.validated();
