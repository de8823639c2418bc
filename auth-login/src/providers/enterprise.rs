//! Describes identity providers of organizations, such as Entra and Okta.

use super::CHECKED;
use crate::{
    descriptor::{Descriptor, Issuer, Logout, Placeholder},
    profile::{EmailSource, Mapping, Verified},
};

/// Any OpenID Provider with discovery, by its `issuer`.
pub const OPENID: Descriptor = Descriptor::openid("openid", "OpenID Connect", "{issuer}")
    .with_placeholders(&[Placeholder::base("issuer", "")])
    .checked_on(CHECKED, "OpenID Connect Discovery 1.0")
    .validated();

/// Entra names e-mail addresses that an administrator of any tenant can write.
const ENTRA_MAPPING: Mapping = Mapping::OPENID.with_email(&[
    EmailSource::new("/id_token/email", Verified::Unknown),
    EmailSource::new("/userinfo/email", Verified::Unknown),
]);

/// Microsoft Entra for one `tenant`, by its GUID.
///
/// # Security
///
/// The e-mail address is never verified: an administrator of a tenant can write any address.
pub const ENTRA: Descriptor =
    Descriptor::openid("entra", "Microsoft", "https://login.microsoftonline.com/{tenant}/v2.0")
        .with_placeholders(&[Placeholder::part("tenant", "")])
        .with_mapping(ENTRA_MAPPING)
        .with_api("https://graph.microsoft.com")
        .checked_on(CHECKED, "openiddict-core; next-auth; omniauth-entra-id#33")
        .validated();

/// Microsoft Entra for many tenants: `tenant` is `common` (the default), `organizations` or `consumers`.
///
/// # Security
///
/// Users of every tenant may log in, unless
/// [`with_tenants`](crate::descriptor::ResolvedProvider::with_tenants) lists some. The e-mail address is
/// never verified.
pub const MICROSOFT: Descriptor =
    Descriptor::openid("microsoft", "Microsoft", "https://login.microsoftonline.com/common/v2.0")
        .with_placeholders(&[Placeholder::part("tenant", "common")])
        .with_issuer(Issuer::PerTenant {
            metadata: "https://login.microsoftonline.com/{tenant}/v2.0",
            pattern: "https://login.microsoftonline.com/{tenantid}/v2.0",
            marker: "{tenantid}",
            claim: "tid",
        })
        .with_mapping(ENTRA_MAPPING)
        .with_api("https://graph.microsoft.com")
        .checked_on(CHECKED, "openiddict-core; next-auth; zitadel#12421")
        .validated();

/// Auth0, at `domain`. Its issuer ends in a slash.
pub const AUTH0: Descriptor = Descriptor::openid("auth0", "Auth0", "https://{domain}/")
    .with_placeholders(&[Placeholder::part("domain", "")])
    .with_api("https://{domain}")
    .checked_on(CHECKED, "openiddict-core; next-auth; auth0-auth-js#27")
    .validated();

/// Okta, at `issuer`: `https://{org}` or `https://{org}/oauth2/{id}`.
pub const OKTA: Descriptor = Descriptor::openid("okta", "Okta", "{issuer}")
    .with_placeholders(&[Placeholder::base("issuer", "")])
    .checked_on(CHECKED, "openiddict-core; django-allauth")
    .validated();

/// Keycloak, at `base`, for one `realm`.
pub const KEYCLOAK: Descriptor = Descriptor::openid("keycloak", "Keycloak", "{base}/realms/{realm}")
    .with_placeholders(&[Placeholder::base("base", ""), Placeholder::part("realm", "")])
    .checked_on(CHECKED, "next-auth; django-allauth")
    .validated();

/// Amazon Cognito: `region` and `pool` make the issuer, `domain` is the hosted domain. Log-out has a form of
/// its own.
pub const COGNITO: Descriptor =
    Descriptor::openid("cognito", "Amazon Cognito", "https://cognito-idp.{region}.amazonaws.com/{pool}")
        .with_placeholders(&[
            Placeholder::part("region", ""),
            Placeholder::part("pool", ""),
            Placeholder::part("domain", ""),
        ])
        .with_logout(Logout::Address {
            address: "https://{domain}/logout",
            client_id: "client_id",
            return_to: "logout_uri",
        })
        .checked_on(CHECKED, "openiddict-core; django-allauth; FoxIDs#961")
        .validated();

/// Salesforce, at `base`: `https://test.salesforce.com` for sandboxes, or a domain of the organization's own.
pub const SALESFORCE: Descriptor = Descriptor::openid("salesforce", "Salesforce", "{base}")
    .with_placeholders(&[Placeholder::base("base", "https://login.salesforce.com")])
    .with_api("{base}/services")
    .checked_on(CHECKED, "openiddict-core; next-auth")
    .validated();
