//! Describes providers for developers and researchers, such as GitHub and GitLab.

use super::CHECKED;
use crate::{
    descriptor::{Call, ClientMethod, Descriptor, Issuer, Placeholder},
    profile::{EmailSource, Mapping, Picture, Subject, Verified},
};

const GITHUB_JSON: &[(&str, &str)] = &[("accept", "application/vnd.github+json")];

const GITHUB_MAPPING: Mapping = Mapping::new(Subject::Member("/user/id"))
    .with_email(&[EmailSource::list("/emails", "email", "primary", "verified")])
    .with_full_name(&["/user/name"])
    .with_username(&["/user/login"])
    .with_picture(Picture::Member(&["/user/avatar_url"]))
    .with_link(&["/user/html_url"]);

/// GitHub. The subject is the numeric id: a `login` may be renamed and taken by another user. Its metadata
/// document is not for log-ins and is never read. The callback has an unannounced `iss`.
pub const GITHUB: Descriptor = Descriptor::oauth2(
    "github",
    "GitHub",
    "https://github.com/login/oauth/authorize",
    "https://github.com/login/oauth/access_token",
)
.with_issuer(Issuer::Exact("https://github.com/login/oauth"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["read:user", "user:email"])
.with_calls(&[
    Call::get("user", "https://api.github.com/user").with_headers(GITHUB_JSON),
    Call::get("emails", "https://api.github.com/user/emails").with_headers(GITHUB_JSON).optional(),
])
.with_mapping(GITHUB_MAPPING)
.with_api("https://api.github.com")
.checked_on(CHECKED, "openiddict-core (#2364, #2529, #2548); better-auth")
.validated();

/// GitHub Enterprise Server at an address of its own, `base`.
pub const GITHUB_ENTERPRISE: Descriptor = Descriptor::oauth2(
    "github-enterprise",
    "GitHub Enterprise",
    "{base}/login/oauth/authorize",
    "{base}/login/oauth/access_token",
)
.with_placeholders(&[Placeholder::base("base", "")])
.with_issuer(Issuer::Exact("{base}/login/oauth"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["read:user", "user:email"])
.with_calls(&[
    Call::get("user", "{base}/api/v3/user").with_headers(GITHUB_JSON),
    Call::get("emails", "{base}/api/v3/user/emails").with_headers(GITHUB_JSON).optional(),
])
.with_mapping(GITHUB_MAPPING)
.with_api("{base}/api/v3")
.checked_on(CHECKED, "openiddict-core")
.validated();

/// GitLab, at `base`: a self-hosted installation may lie below a path.
pub const GITLAB: Descriptor = Descriptor::openid("gitlab", "GitLab", "{base}")
    .with_placeholders(&[Placeholder::base("base", "https://gitlab.com")])
    .with_api("{base}/api/v4")
    .checked_on(CHECKED, "next-auth; openiddict-core; better-auth")
    .validated();

/// Bitbucket Cloud. The subject is `uuid`.
pub const BITBUCKET: Descriptor = Descriptor::oauth2(
    "bitbucket",
    "Bitbucket",
    "https://bitbucket.org/site/oauth2/authorize",
    "https://bitbucket.org/site/oauth2/access_token",
)
.with_issuer(Issuer::Namespace("https://bitbucket.org"))
.with_scopes(&["account", "email"])
.with_calls(&[
    Call::get("user", "https://api.bitbucket.org/2.0/user"),
    Call::get("emails", "https://api.bitbucket.org/2.0/user/emails").optional(),
])
.with_mapping(
    Mapping::new(Subject::Member("/user/uuid"))
        .with_email(&[EmailSource::list("/emails/values", "email", "is_primary", "is_confirmed")])
        .with_full_name(&["/user/display_name"])
        .with_username(&["/user/username", "/user/nickname"])
        .with_picture(Picture::Member(&["/user/links/avatar/href"]))
        .with_link(&["/user/links/html/href"]),
)
.with_api("https://api.bitbucket.org/2.0")
.checked_on(CHECKED, "next-auth; social-core")
.validated();

/// Atlassian. Its metadata advertise `openid`, which is rejected.
pub const ATLASSIAN: Descriptor = Descriptor::oauth2(
    "atlassian",
    "Atlassian",
    "https://auth.atlassian.com/authorize",
    "https://auth.atlassian.com/oauth/token",
)
.with_issuer(Issuer::Namespace("https://auth.atlassian.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["read:me"])
.with_authorize_parameters(&[("audience", "api.atlassian.com"), ("prompt", "consent")])
.with_calls(&[Call::get("user", "https://api.atlassian.com/me")])
.with_mapping(
    Mapping::new(Subject::Member("/user/account_id"))
        .with_email(&[EmailSource::new("/user/email", Verified::Unknown)])
        .with_full_name(&["/user/name"])
        .with_username(&["/user/nickname"])
        .with_picture(Picture::Member(&["/user/picture"]))
        .with_locale(&["/user/locale"]),
)
.with_api("https://api.atlassian.com")
.checked_on(CHECKED, "better-auth; next-auth; openiddict-core")
.validated();

/// Figma.
pub const FIGMA: Descriptor = Descriptor::oauth2(
    "figma",
    "Figma",
    "https://www.figma.com/oauth",
    "https://api.figma.com/v1/oauth/token",
)
.with_issuer(Issuer::Namespace("https://www.figma.com"))
.with_scopes(&["current_user:read"])
.with_calls(&[Call::get("user", "https://api.figma.com/v1/me")])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_email(&[EmailSource::new("/user/email", Verified::Unknown)])
        .with_username(&["/user/handle"])
        .with_picture(Picture::Member(&["/user/img_url"])),
)
.with_api("https://api.figma.com")
.checked_on(CHECKED, "better-auth")
.validated();

/// Lichess. Clients are public and choose their id themselves; PKCE is mandatory.
pub const LICHESS: Descriptor =
    Descriptor::oauth2("lichess", "Lichess", "https://lichess.org/oauth", "https://lichess.org/api/token")
        .with_issuer(Issuer::Namespace("https://lichess.org"))
        .with_client_method(ClientMethod::None)
        .with_scopes(&["email:read"])
        .with_calls(&[
            Call::get("user", "https://lichess.org/api/account"),
            Call::get("email", "https://lichess.org/api/account/email").optional(),
        ])
        .with_mapping(
            Mapping::new(Subject::Member("/user/id"))
                .with_email(&[EmailSource::new("/email/email", Verified::Unknown)])
                .with_names(&["/user/profile/firstName"], &["/user/profile/lastName"])
                .with_full_name(&["/user/profile/realName"])
                .with_username(&["/user/username"])
                .with_link(&["/user/url"])
                .with_place(&["/user/profile/location"], &["/user/profile/country", "/user/profile/flag"]),
        )
        .with_api("https://lichess.org")
        .checked_on(CHECKED, "django-allauth; openiddict-core; SocialiteProviders")
        .validated();

/// ORCID, at `base`: `https://sandbox.orcid.org` for tests. The subject is the iD; an e-mail address is rare.
pub const ORCID: Descriptor = Descriptor::openid("orcid", "ORCID", "{base}")
    .with_placeholders(&[Placeholder::base("base", "https://orcid.org")])
    .with_scopes(&["openid"])
    .checked_on(CHECKED, "openiddict-core; django-allauth")
    .validated();
