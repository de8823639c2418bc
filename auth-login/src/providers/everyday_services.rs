//! Describes providers of mail, phones, shops and payment, such as Google and Apple.

use super::CHECKED;
use crate::{
    descriptor::{
        Body, Call, CallValue, ClientMethod, Descriptor, Issuer, JwtSecret, ResponseMode, UserInfo,
    },
    profile::{EmailSource, Mapping, Picture, Subject, Verified},
};

/// Google. A verified e-mail address belongs to the user for good only below `gmail.com` or with the claim
/// `hd`, which names the organization; the authorization parameter `hd` is only a hint. A refresh token comes
/// with the authorization parameters `access_type=offline` and `prompt=consent` only. The callback has an
/// unannounced `iss`.
pub const GOOGLE: Descriptor = Descriptor::openid("google", "Google", "https://accounts.google.com")
    .with_client_method(ClientMethod::Post)
    .with_api("https://www.googleapis.com")
    .checked_on(CHECKED, "next-auth; openiddict-core (#2428); better-auth")
    .validated();

/// Apple. The secret is a JWT; the callback is a cross-site POST. There is no userinfo endpoint: the name
/// comes in the callback's form field `user`, unsigned, and at the first log-in only. Keep it then; from the
/// second log-in on, the profile has none.
pub const APPLE: Descriptor = Descriptor::openid("apple", "Apple", "https://appleid.apple.com")
    .with_client_method(ClientMethod::JwtSecret(JwtSecret::new("https://appleid.apple.com", 15_777_000)))
    .with_scopes(&["openid", "name", "email"])
    .with_response_mode(ResponseMode::FormPost)
    .with_user_info(UserInfo::IdToken)
    .with_callback_profile("user")
    .with_mapping(Mapping::OPENID.with_names(&["/callback/name/firstName"], &["/callback/name/lastName"]))
    .checked_on(CHECKED, "better-auth; django-allauth; logto; social-core")
    .validated();

/// Amazon.
pub const AMAZON: Descriptor = Descriptor::oauth2(
    "amazon",
    "Amazon",
    "https://www.amazon.com/ap/oa",
    "https://api.amazon.com/auth/o2/token",
)
.with_issuer(Issuer::Namespace("https://www.amazon.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["profile"])
.with_calls(&[Call::get("user", "https://api.amazon.com/user/profile")])
.with_mapping(
    Mapping::new(Subject::Member("/user/user_id"))
        .with_email(&[EmailSource::new("/user/email", Verified::Unknown)])
        .with_full_name(&["/user/name"]),
)
.with_api("https://api.amazon.com")
.checked_on(CHECKED, "social-core; openiddict-core")
.validated();

/// Yahoo.
pub const YAHOO: Descriptor = Descriptor::openid("yahoo", "Yahoo", "https://api.login.yahoo.com")
    .with_revocation("https://api.login.yahoo.com/oauth2/revoke")
    .checked_on(CHECKED, "openiddict-core; django-allauth")
    .validated();

/// Dropbox, by OAuth 2.0.
pub const DROPBOX: Descriptor = Descriptor::oauth2(
    "dropbox",
    "Dropbox",
    "https://www.dropbox.com/oauth2/authorize",
    "https://api.dropboxapi.com/oauth2/token",
)
.with_issuer(Issuer::Namespace("https://www.dropbox.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["account_info.read"])
.with_calls(&[Call::post(
    "user",
    "https://api.dropboxapi.com/2/users/get_current_account",
    // The endpoint takes no arguments, written as this.
    Body::Json("null"),
)])
.with_mapping(
    Mapping::new(Subject::Member("/user/account_id"))
        .with_email(&[EmailSource::new("/user/email", Verified::Claims(&["/user/email_verified"]))])
        .with_names(&["/user/name/given_name"], &["/user/name/surname"])
        .with_username(&["/user/name/display_name"])
        .with_picture(Picture::Member(&["/user/profile_photo_url"]))
        .with_locale(&["/user/locale"])
        .with_place(&[], &["/user/country"]),
)
.with_api("https://api.dropboxapi.com/2")
.checked_on(CHECKED, "openiddict-core; better-auth")
.validated();

/// PayPal. It knows the scope `openid`, but sends no `id_token`.
pub const PAYPAL: Descriptor = Descriptor::oauth2(
    "paypal",
    "PayPal",
    "https://www.paypal.com/signin/authorize",
    "https://api-m.paypal.com/v1/oauth2/token",
)
.with_issuer(Issuer::Namespace("https://www.paypal.com"))
.with_scopes(&["openid", "profile", "email"])
.with_calls(&[Call::get("user", "https://api-m.paypal.com/v1/identity/oauth2/userinfo")
    .with_query(&[("schema", CallValue::Text("paypalv1.1"))])])
.with_mapping(
    Mapping::new(Subject::Member("/user/user_id"))
        .with_email(&[EmailSource::list("/user/emails", "value", "primary", "confirmed")])
        .with_names(&["/user/given_name"], &["/user/family_name"])
        .with_full_name(&["/user/name"])
        .with_place(&["/user/address/locality"], &["/user/address/country"]),
)
.with_api("https://api-m.paypal.com")
.checked_on(CHECKED, "openiddict-core; better-auth")
.validated();

/// Eventbrite. It has no scopes; the subject is `id`, never an e-mail address.
pub const EVENTBRITE: Descriptor = Descriptor::oauth2(
    "eventbrite",
    "Eventbrite",
    "https://www.eventbrite.com/oauth/authorize",
    "https://www.eventbrite.com/oauth/token",
)
.with_issuer(Issuer::Namespace("https://www.eventbrite.com"))
.with_client_method(ClientMethod::Post)
.without_scopes()
.with_calls(&[Call::get("user", "https://www.eventbriteapi.com/v3/users/me/")])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_email(&[EmailSource::list("/user/emails", "email", "primary", "verified")])
        .with_names(&["/user/first_name"], &["/user/last_name"])
        .with_full_name(&["/user/name"]),
)
.with_api("https://www.eventbriteapi.com/v3")
.checked_on(CHECKED, "next-auth; django-allauth")
.validated();
