//! Describes providers that cannot be used any more. Configuring one is an error that says why.

use super::CHECKED;
use crate::{
    descriptor::{Call, ClientMethod, Descriptor, Issuer, Status},
    profile::{Mapping, Subject},
};

/// Instagram Basic Display, which ended on 2024-12-04.
pub const INSTAGRAM: Descriptor = Descriptor::oauth2(
    "instagram",
    "Instagram",
    "https://api.instagram.com/oauth/authorize",
    "https://api.instagram.com/oauth/access_token",
)
.with_issuer(Issuer::Namespace("https://www.instagram.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["user_profile"])
.with_calls(&[Call::get("user", "https://graph.instagram.com/me")])
.with_mapping(Mapping::new(Subject::Member("/user/id")).with_username(&["/user/username"]))
.with_status(Status::Dead(
    "Instagram Basic Display ended on 2024-12-04; use `facebook` for log-ins of private persons, or describe \
     the Instagram API with Instagram Login (www.instagram.com/oauth/authorize, scope \
     `instagram_business_basic`, subject `user_id`) for business accounts",
))
.checked_on(CHECKED, "SocialiteProviders (Instagram#17); restfb#1481")
.validated();

/// MTS. No current source describes its log-in.
pub const MTS: Descriptor = Descriptor::oauth2(
    "mts",
    "MTS",
    "https://login.mts.ru/amserver/oauth2/authorize",
    "https://login.mts.ru/amserver/oauth2/access_token",
)
.with_issuer(Issuer::Namespace("https://login.mts.ru"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["openid"])
.with_calls(&[Call::get("user", "https://login.mts.ru/amserver/oauth2/userinfo")])
.with_mapping(
    Mapping::new(Subject::Member("/user/sub"))
        .with_names(&["/user/given_name"], &["/user/family_name"])
        .with_gender(&["/user/gender"]),
)
.with_status(Status::Dead(
    "the known endpoints of MTS name no stable subject, and no current documentation is public; ask MTS \
     for its OpenID issuer and use `openid` with it instead",
))
.checked_on(CHECKED, "no public source")
.validated();
