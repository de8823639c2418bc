//! Maps a provider's responses to the fields of a profile: [`Mapping`].

use serde_json::Value;

use super::{
    AccountKey, EmailSource, Picture, Profile, ProfileError, Subject, Verified, display_text, email,
};

/// JSON pointers (RFC 6901) into the profile's document; the first with content counts.
pub type Pointers = &'static [&'static str];

/// Where the fields of a profile lie; a constant.
///
/// A document has one member per response: `id_token` for the claims of the `id_token`, `token` for other
/// members of the token response, and one for each [`Call`](crate::descriptor::Call) by its name. `userinfo`
/// is the response of a discovered userinfo endpoint, and `callback` the parameter that
/// [`with_callback_profile`](crate::descriptor::Descriptor::with_callback_profile) names, unsigned.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Mapping {
    /// Where the subject lies.
    pub subject: Subject,
    /// Where the provider's own id lies, if it differs from the subject.
    pub id: Pointers,
    /// Where the e-mail address lies.
    pub email: &'static [EmailSource],
    /// Where the given name lies.
    pub first_name: Pointers,
    /// Where the family name lies.
    pub last_name: Pointers,
    /// Where a whole name lies; it is split at its first space if the other two are absent.
    pub full_name: Pointers,
    /// Where the username lies.
    pub username: Pointers,
    /// Where the address of the picture lies.
    pub picture: Picture,
    /// Where the address of the user's page lies.
    pub link: Pointers,
    /// Where the preferred language lies.
    pub locale: Pointers,
    /// Where the city lies.
    pub city: Pointers,
    /// Where the country lies.
    pub country: Pointers,
    /// Where the gender lies.
    pub gender: Pointers,
}

/// Methods that set one field.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($field:ident: $type:ty);)*) => {
        $($(#[$doc])*
        #[must_use]
        pub const fn $name(mut self, $field: $type) -> Self {
            self.$field = $field;
            self
        })*
    };
}

impl Mapping {
    /// The standard claims (OpenID Connect Core 1.0 section 5.1) of `id_token` and userinfo.
    pub const OPENID: Self = Self::new(Subject::Member("/id_token/sub"))
        .with_email(&[
            EmailSource::new("/id_token/email", Verified::Claims(&["/id_token/email_verified"])),
            EmailSource::new("/userinfo/email", Verified::Claims(&["/userinfo/email_verified"])),
        ])
        .with_names(
            &["/userinfo/given_name", "/id_token/given_name"],
            &["/userinfo/family_name", "/id_token/family_name"],
        )
        .with_full_name(&["/userinfo/name", "/id_token/name"])
        .with_username(&["/userinfo/preferred_username", "/id_token/preferred_username"])
        .with_picture(Picture::Member(&["/userinfo/picture", "/id_token/picture"]))
        .with_link(&["/userinfo/profile", "/id_token/profile"])
        .with_locale(&["/userinfo/locale", "/id_token/locale"])
        .with_place(
            &["/userinfo/address/locality", "/id_token/address/locality"],
            &["/userinfo/address/country", "/id_token/address/country"],
        )
        .with_gender(&["/userinfo/gender", "/id_token/gender"]);

    /// Returns a mapping of the subject alone.
    #[must_use]
    pub const fn new(subject: Subject) -> Self {
        Self {
            subject,
            id: &[],
            email: &[],
            first_name: &[],
            last_name: &[],
            full_name: &[],
            username: &[],
            picture: Picture::Member(&[]),
            link: &[],
            locale: &[],
            city: &[],
            country: &[],
            gender: &[],
        }
    }

    setters! {
        /// Says where the subject lies.
        with_subject(subject: Subject);
        /// Says where the provider's own id lies, if it differs from the subject.
        with_id(id: Pointers);
        /// Says where the e-mail address lies.
        with_email(email: &'static [EmailSource]);
        /// Says where a whole name lies.
        with_full_name(full_name: Pointers);
        /// Says where the username lies.
        with_username(username: Pointers);
        /// Says where the address of the picture lies.
        with_picture(picture: Picture);
        /// Says where the address of the user's page lies.
        with_link(link: Pointers);
        /// Says where the preferred language lies.
        with_locale(locale: Pointers);
        /// Says where the gender lies.
        with_gender(gender: Pointers);
    }

    /// Says where given and family name lie.
    #[must_use]
    pub const fn with_names(mut self, first: Pointers, last: Pointers) -> Self {
        self.first_name = first;
        self.last_name = last;
        self
    }

    /// Says where city and country lie.
    #[must_use]
    pub const fn with_place(mut self, city: Pointers, country: Pointers) -> Self {
        self.city = city;
        self.country = country;
        self
    }

    pub(super) fn read(&self, issuer: &str, document: Value) -> Result<Profile, ProfileError> {
        let account = AccountKey::new(issuer, &self.subject.read(&document)?)?;
        let text = |pointers| display_text::first(&document, pointers);
        let mut profile = Profile::new(account);
        if let Some(id) = text(self.id) {
            profile.id = id;
        }
        profile.email = email::read(self.email, &document);
        (profile.first_name, profile.last_name) = (text(self.first_name), text(self.last_name));
        if let (None, None, Some(name)) = (&profile.first_name, &profile.last_name, text(self.full_name)) {
            (profile.first_name, profile.last_name) = display_text::split(&name);
        }
        profile.username = text(self.username);
        profile.picture = self.picture.read(&document);
        profile.link = display_text::first_address(&document, self.link);
        profile.locale = text(self.locale);
        profile.city = text(self.city);
        profile.country = text(self.country);
        profile.gender = text(self.gender);
        profile.raw = document;
        Ok(profile)
    }
}
