//! Describes providers with OAuth 1.0a, which need the feature `oauth1`.

use super::CHECKED;
use crate::{
    descriptor::{Call, Descriptor, Issuer, TokenPlace},
    profile::{EmailSource, Mapping, Picture, Subject, Verified},
};

/// Flickr. The token response names the user.
pub const FLICKR: Descriptor = Descriptor::oauth1(
    "flickr",
    "Flickr",
    "https://www.flickr.com/services/oauth/request_token",
    "https://www.flickr.com/services/oauth/authorize",
    "https://www.flickr.com/services/oauth/access_token",
)
.with_issuer(Issuer::Namespace("https://www.flickr.com"))
.with_authorize_parameters(&[("perms", "read")])
.with_mapping(
    Mapping::new(Subject::Member("/token/user_nsid"))
        .with_full_name(&["/token/fullname"])
        .with_username(&["/token/username"]),
)
.with_api("https://api.flickr.com/services/rest")
.checked_on(CHECKED, "social-core; grant")
.validated();

/// Plurk.
pub const PLURK: Descriptor = Descriptor::oauth1(
    "plurk",
    "Plurk",
    "https://www.plurk.com/OAuth/request_token",
    "https://www.plurk.com/OAuth/authorize",
    "https://www.plurk.com/OAuth/access_token",
)
.with_issuer(Issuer::Namespace("https://www.plurk.com"))
.with_calls(&[
    Call::get("user", "https://www.plurk.com/APP/Profile/getOwnProfile").with_token(TokenPlace::OAuth1)
])
.with_mapping(
    Mapping::new(Subject::Member("/user/user_info/id"))
        .with_full_name(&["/user/user_info/full_name"])
        .with_username(&["/user/user_info/nick_name"])
        .with_locale(&["/user/user_info/default_lang"]),
)
.with_api("https://www.plurk.com/APP")
.checked_on(CHECKED, "grant")
.validated();

/// Trello.
pub const TRELLO: Descriptor = Descriptor::oauth1(
    "trello",
    "Trello",
    "https://trello.com/1/OAuthGetRequestToken",
    "https://trello.com/1/OAuthAuthorizeToken",
    "https://trello.com/1/OAuthGetAccessToken",
)
.with_issuer(Issuer::Namespace("https://trello.com"))
.with_authorize_parameters(&[("expiration", "1hour"), ("scope", "read,account")])
.with_calls(&[Call::get("user", "https://api.trello.com/1/members/me").with_token(TokenPlace::OAuth1)])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_email(&[EmailSource::new("/user/email", Verified::Unknown)])
        .with_full_name(&["/user/fullName"])
        .with_username(&["/user/username"])
        .with_picture(Picture::Member(&["/user/avatarUrl"]))
        .with_link(&["/user/url"]),
)
.with_api("https://api.trello.com/1")
.checked_on(CHECKED, "py-trello#381")
.validated();
