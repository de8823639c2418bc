//! Lists identity providers as data: one constant [`Descriptor`] each.
//!
//! Each was compared on the [day](Descriptor::checked) that it names with the [source](Descriptor::source)
//! that it names: the provider's documentation and issues, or the code of other libraries. Nothing was tried
//! against the live services.
//!
//! Where no source says whether a provider knows PKCE, it is used: servers ignore parameters that they do not
//! know (RFC 6749 section 3.1), and libraries that send it to these providers are in use.
//!
//! Bluesky is not among them: a log-in there begins with a handle, finds the server of the account by way of its DID,
//! and needs `DPoP` (RFC 9449) with nonces. That is a protocol of its own and not data.

mod asia;
mod developers;
mod discontinued;
mod enterprise;
mod everyday_services;
mod media;
mod oauth1;
mod russia;
mod social;
mod work_tools;

pub use asia::{KAKAO, LINE, NAVER, TIKTOK, WECHAT};
pub use developers::{ATLASSIAN, BITBUCKET, FIGMA, GITHUB, GITHUB_ENTERPRISE, GITLAB, LICHESS, ORCID};
pub use discontinued::{INSTAGRAM, MTS};
pub use enterprise::{AUTH0, COGNITO, ENTRA, KEYCLOAK, MICROSOFT, OKTA, OPENID, SALESFORCE};
pub use everyday_services::{AMAZON, APPLE, DROPBOX, EVENTBRITE, GOOGLE, PAYPAL, YAHOO};
pub use media::{SPOTIFY, STRAVA, TUMBLR, TWITCH, VIMEO};
pub use oauth1::{FLICKR, PLURK, TRELLO};
pub use russia::{ODNOKLASSNIKI, VK, YANDEX};
pub use social::{
    DISCORD, FACEBOOK, FOURSQUARE, LINKEDIN, MASTODON, MEETUP, PATREON, PINTEREST, REDDIT, THREADS, TWITTER,
};
pub use work_tools::{HUBSPOT, NOTION, SLACK, TODOIST, ZOOM};

use crate::descriptor::{Date, Descriptor};

/// The day on which the facts of this crate's descriptors were compared with their sources.
const CHECKED: Date = Date::new(2026, 11, 30);

/// All descriptors of this crate, by id.
pub const ALL: &[Descriptor] = &[
    AMAZON,
    APPLE,
    ATLASSIAN,
    AUTH0,
    BITBUCKET,
    COGNITO,
    DISCORD,
    DROPBOX,
    ENTRA,
    EVENTBRITE,
    FACEBOOK,
    FIGMA,
    FLICKR,
    FOURSQUARE,
    GITHUB,
    GITHUB_ENTERPRISE,
    GITLAB,
    GOOGLE,
    HUBSPOT,
    INSTAGRAM,
    KAKAO,
    KEYCLOAK,
    LICHESS,
    LINE,
    LINKEDIN,
    MASTODON,
    MEETUP,
    MICROSOFT,
    MTS,
    NAVER,
    NOTION,
    ODNOKLASSNIKI,
    OKTA,
    OPENID,
    ORCID,
    PATREON,
    PAYPAL,
    PINTEREST,
    PLURK,
    REDDIT,
    SALESFORCE,
    SLACK,
    SPOTIFY,
    STRAVA,
    THREADS,
    TIKTOK,
    TODOIST,
    TRELLO,
    TUMBLR,
    TWITCH,
    TWITTER,
    VIMEO,
    VK,
    WECHAT,
    YAHOO,
    YANDEX,
    ZOOM,
];

/// Returns the descriptor with this id.
///
/// ```
/// assert_eq!(auth_login::providers::by_id("github").unwrap().label, "GitHub");
/// assert!(auth_login::providers::by_id("../github").is_none());
/// ```
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Descriptor> {
    ALL.iter().find(|descriptor| descriptor.id == id)
}
