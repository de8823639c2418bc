//! Describes Kakao, LINE, Naver, TikTok and WeChat.

use super::CHECKED;
use crate::{
    descriptor::{
        Call, CallValue, ClientMethod, Descriptor, ErrorForm, IdTokenKey, Issuer, Pkce, TokenPlace,
        TokenRequest,
    },
    profile::{EmailSource, Mapping, Picture, Subject, Verified},
};

/// Kakao, by OAuth 2.0: its OpenID Connect has to be enabled for each application.
pub const KAKAO: Descriptor = Descriptor::oauth2(
    "kakao",
    "Kakao",
    "https://kauth.kakao.com/oauth/authorize",
    "https://kauth.kakao.com/oauth/token",
)
.with_issuer(Issuer::Namespace("https://kauth.kakao.com"))
.with_client_method(ClientMethod::Post)
.with_scopes(&["account_email", "profile_image", "profile_nickname"])
.with_calls(&[Call::get("user", "https://kapi.kakao.com/v2/user/me")])
.with_mapping(
    Mapping::new(Subject::Member("/user/id"))
        .with_email(&[EmailSource::new(
            "/user/kakao_account/email",
            Verified::Claims(&[
                "/user/kakao_account/is_email_valid",
                "/user/kakao_account/is_email_verified",
            ]),
        )])
        .with_username(&["/user/kakao_account/profile/nickname"])
        .with_picture(Picture::Member(&["/user/kakao_account/profile/profile_image_url"]))
        .with_gender(&["/user/kakao_account/gender"]),
)
.with_api("https://kapi.kakao.com")
.checked_on(CHECKED, "better-auth; logto; SocialiteProviders")
.validated();

/// LINE. The `id_token` of a web log-in is signed with HS256 under the channel's secret. The e-mail address
/// comes only to approved applications, and its verification is not asserted.
pub const LINE: Descriptor = Descriptor::openid("line", "LINE", "https://access.line.me")
    .with_client_method(ClientMethod::Post)
    .with_id_token_key(IdTokenKey::ClientSecret)
    .with_mapping(Mapping::OPENID.with_email(&[EmailSource::new("/id_token/email", Verified::Unknown)]))
    .with_revocation("https://api.line.me/oauth2/v2.1/revoke")
    .with_api("https://api.line.me")
    .checked_on(CHECKED, "next-auth; logto; better-auth")
    .validated();

/// Naver, by OAuth 2.0.
pub const NAVER: Descriptor = Descriptor::oauth2(
    "naver",
    "Naver",
    "https://nid.naver.com/oauth2.0/authorize",
    "https://nid.naver.com/oauth2.0/token",
)
.with_issuer(Issuer::Namespace("https://nid.naver.com"))
.with_client_method(ClientMethod::Post)
.without_scopes()
.with_calls(&[Call::get("user", "https://openapi.naver.com/v1/nid/me")])
.with_mapping(
    Mapping::new(Subject::Member("/user/response/id"))
        .with_email(&[EmailSource::new("/user/response/email", Verified::Unknown)])
        .with_full_name(&["/user/response/name"])
        .with_username(&["/user/response/nickname"])
        .with_picture(Picture::Member(&["/user/response/profile_image"]))
        .with_gender(&["/user/response/gender"]),
)
.with_api("https://openapi.naver.com")
.checked_on(CHECKED, "better-auth; logto")
.validated();

/// TikTok. PKCE's challenge is in hexadecimal, and the client's id is `client_key`.
pub const TIKTOK: Descriptor = Descriptor::oauth2(
    "tiktok",
    "TikTok",
    "https://www.tiktok.com/v2/auth/authorize/",
    "https://open.tiktokapis.com/v2/oauth/token/",
)
.with_issuer(Issuer::Namespace("https://www.tiktok.com"))
.with_client_method(ClientMethod::Post)
.with_client_parameters("client_key", "client_secret")
.with_pkce(Pkce::HexSha256)
.with_scopes(&["user.info.basic"])
.with_scope_separator(",")
.with_error_forms(&[ErrorForm::ErrorObject])
.with_calls(&[Call::get("user", "https://open.tiktokapis.com/v2/user/info/")
    .with_query(&[("fields", CallValue::Text("open_id,avatar_url,display_name"))])])
.with_mapping(
    Mapping::new(Subject::Member("/user/data/user/open_id"))
        .with_full_name(&["/user/data/user/display_name"])
        .with_picture(Picture::Member(&["/user/data/user/avatar_url"])),
)
.with_revocation("https://open.tiktokapis.com/v2/oauth/revoke/")
.with_api("https://open.tiktokapis.com/v2")
.checked_on(CHECKED, "better-auth#3114; logto; brightbean-studio#103")
.validated();

/// WeChat for websites. The secret travels in the query of the token request: see [`TokenRequest::Get`].
/// The subject is `unionid` for applications that belong to an account of the open platform, else `openid`.
pub const WECHAT: Descriptor = Descriptor::oauth2(
    "wechat",
    "WeChat",
    "https://open.weixin.qq.com/connect/qrconnect",
    "https://api.weixin.qq.com/sns/oauth2/access_token",
)
.with_issuer(Issuer::Namespace("https://open.weixin.qq.com"))
.with_client_method(ClientMethod::Post)
.with_client_parameters("appid", "secret")
.with_token_request(TokenRequest::Get)
.with_refresh("https://api.weixin.qq.com/sns/oauth2/refresh_token")
.with_authorize_fragment("wechat_redirect")
.with_scopes(&["snsapi_login"])
.with_scope_separator(",")
.with_error_forms(&[ErrorForm::ErrCode])
.with_calls(&[Call::get("user", "https://api.weixin.qq.com/sns/userinfo")
    .with_token(TokenPlace::Query("access_token"))
    .with_query(&[("openid", CallValue::TokenMember("openid"))])])
.with_mapping(
    Mapping::new(Subject::FirstOf(&["/user/unionid", "/user/openid"]))
        .with_id(&["/user/openid"])
        .with_username(&["/user/nickname"])
        .with_picture(Picture::Member(&["/user/headimgurl"]))
        .with_place(&["/user/city"], &["/user/country"]),
)
.with_api("https://api.weixin.qq.com")
.checked_on(CHECKED, "logto; better-auth")
.validated();
