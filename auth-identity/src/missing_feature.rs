//! Names the feature that brings a name which is switched off: such names need the trait of their feature, and nothing
//! implements it.
//!
//! Without them the compiler would report a missing name, and which feature brings it only in a note, or not at
//! all.

/// Declares the trait of each feature, with the message that says what to write.
macro_rules! features {
    ($($name:ident $message:literal $label:literal;)*) => {
        $(
            #[diagnostic::on_unimplemented(message = $message, label = $label)]
            pub trait $name {
                /// The item that the feature brings.
                type Item;
            }
        )*
    };
}

features! {
    FeatureAudit
        "this needs the feature `audit`; write `auth-runtime = {{ …, features = [\"audit\"] }}` in `Cargo.toml`"
        "behind the feature `audit`";
    FeatureCache
        "this needs the feature `cache`; write `auth-runtime = {{ …, features = [\"cache\"] }}` in `Cargo.toml`"
        "behind the feature `cache`";
    FeatureEncryptedCookie
        "this needs the feature `encrypted-cookie`; write `auth-runtime = {{ …, features = [\"encrypted-cookie\"] }}` in \
         `Cargo.toml`"
        "behind the feature `encrypted-cookie`";
    FeatureJwt
        "this needs the feature `jwt`; write `auth-runtime = {{ …, features = [\"jwt\"] }}` in `Cargo.toml`"
        "behind the feature `jwt`";
    FeatureKeyStore
        "this needs the feature `key-store`; write `auth-runtime = {{ …, features = [\"key-store\"] }}` in `Cargo.toml`"
        "behind the feature `key-store`";
    FeaturePassword
        "this needs the feature `password`; write `auth-runtime = {{ …, features = [\"password\"] }}` in `Cargo.toml`"
        "behind the feature `password`";
    FeatureRedis
        "this needs the feature `redis`; write `auth-runtime = {{ …, features = [\"redis\"] }}` in `Cargo.toml`"
        "behind the feature `redis`";
    FeatureSession
        "this needs the feature `session`; write `auth-runtime = {{ …, features = [\"session\"] }}` in `Cargo.toml`"
        "behind the feature `session`";
    FeatureThrottle
        "this needs the feature `throttle`; write `auth-runtime = {{ …, features = [\"throttle\"] }}` in `Cargo.toml`"
        "behind the feature `throttle`";
}

/// Implements none of the traits.
#[derive(Debug)]
pub struct SwitchedOff;

/// Declares names of a feature that is off.
#[macro_export]
#[doc(hidden)]
macro_rules! names_of_feature {
    ($feature:ident: $($name:ident)* $(; traits $($bound:ident)*)?) => {
        $(
            #[doc(hidden)]
            pub type $name =
                <$crate::missing_feature::SwitchedOff as $crate::missing_feature::$feature>::Item;
        )*
        $($(
            #[doc(hidden)]
            pub trait $bound: $crate::missing_feature::$feature {}
        )*)?
    };
}
