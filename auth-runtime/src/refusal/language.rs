//! Translates the default pages, by `Accept-Language`: the trait [`Language`].

use std::{cmp::Reverse, sync::Arc};

use http::HeaderValue;

use super::content_negotiation::quality;
use crate::error_kind::AuthErrorKind;

/// The texts of the default pages in one language, for [`AuthLayer::with_languages`](crate::AuthLayer::with_languages).
///
/// [`English`], [`French`], [`German`] and [`Spanish`] implement it; applications add others.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthErrorKind, refusal::Language};
///
/// struct Latin;
///
/// impl Language for Latin {
///     fn tag(&self) -> &str {
///         "la"
///     }
///
///     fn title(&self, kind: AuthErrorKind) -> &str {
///         if kind.status().is_server_error() { "Erravimus" } else { "Non licet" }
///     }
///
///     fn text(&self, kind: AuthErrorKind) -> &str {
///         match kind {
///             AuthErrorKind::Unauthenticated => "Quis es?",
///             _ => "Noli.",
///         }
///     }
/// }
/// # let _ = Latin;
/// ```
pub trait Language: Send + Sync + 'static {
    /// Returns the tag of the language (BCP 47), such as `de` or `pt-BR`.
    fn tag(&self) -> &str;

    /// Returns the title and heading of the page, as plain text.
    fn title(&self, kind: AuthErrorKind) -> &str;

    /// Returns the sentence below the heading, as plain text.
    fn text(&self, kind: AuthErrorKind) -> &str;
}

/// Languages in order of preference; the first is used if the client accepts none of them.
pub(crate) type Languages = Arc<[Arc<dyn Language>]>;

/// Declares languages by a title for each status and a sentence for each kind.
macro_rules! languages {
    ($($(#[$doc:meta])* $name:ident $tag:literal {
        $($status:literal => $title:literal,)*
        _ => $failure:literal;
        $($($kind:ident)|+ => $text:literal,)*
        _ => $other:literal
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
        #[expect(clippy::exhaustive_structs, reason = "it has only texts")]
        pub struct $name;

        impl Language for $name {
            fn tag(&self) -> &str {
                $tag
            }

            fn title(&self, kind: AuthErrorKind) -> &str {
                match kind.status().as_u16() {
                    $($status => $title,)*
                    _ => $failure,
                }
            }

            fn text(&self, kind: AuthErrorKind) -> &str {
                match kind {
                    $($(AuthErrorKind::$kind { .. })|+ => $text,)*
                    _ => $other,
                }
            }
        }
    )*};
}

/// English, the default
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "it has only texts")]
pub struct English;

impl Language for English {
    fn tag(&self) -> &'static str {
        "en"
    }

    fn title(&self, kind: AuthErrorKind) -> &'static str {
        kind.title()
    }

    fn text(&self, kind: AuthErrorKind) -> &'static str {
        kind.sentence()
    }
}

languages! {
    /// French
    French "fr" {
        400 => "Requête incorrecte",
        401 => "Connexion nécessaire",
        403 => "Accès refusé",
        404 => "Page introuvable",
        409 => "Conflit",
        429 => "Trop de requêtes",
        503 => "Service indisponible",
        _ => "Erreur du serveur";
        BadRequest | InvalidIdentity => "Ce qui a été envoyé ne peut pas être utilisé.",
        Conflict => "Votre connexion a été fermée entre-temps. Veuillez vous reconnecter.",
        CrossOrigin => "Cette requête vient d’un autre site et n’a pas été exécutée.",
        CsrfToken => "Ce formulaire n’est plus valable. Veuillez recharger la page.",
        Forbidden | InsufficientScope => "Vous n’êtes pas autorisé à faire cela.",
        InsufficientAcr => "Veuillez vous reconnecter avec une authentification plus forte.",
        InvalidCredential | InvalidProof | Unauthenticated => "Veuillez d’abord vous connecter.",
        Stale => "Veuillez vous reconnecter.",
        Throttled => "Veuillez patienter avant de réessayer.",
        Unavailable => "Veuillez réessayer dans un instant.",
        _ => "C’est une erreur de notre part ; elle a été enregistrée."
    }
    /// German
    German "de" {
        400 => "Ungültige Anfrage",
        401 => "Anmeldung erforderlich",
        403 => "Zugriff verweigert",
        404 => "Seite nicht gefunden",
        409 => "Konflikt",
        429 => "Zu viele Anfragen",
        503 => "Dienst nicht verfügbar",
        _ => "Serverfehler";
        BadRequest | InvalidIdentity => "Die gesendeten Daten können nicht verwendet werden.",
        Conflict => "Ihre Anmeldung wurde inzwischen beendet. Bitte melden Sie sich erneut an.",
        CrossOrigin => "Diese Anfrage kam von einer anderen Website und wurde nicht ausgeführt.",
        CsrfToken => "Dieses Formular ist nicht mehr gültig. Bitte laden Sie die Seite neu.",
        Forbidden | InsufficientScope => "Sie dürfen das nicht tun.",
        InsufficientAcr => "Bitte melden Sie sich erneut und mit einem stärkeren Verfahren an.",
        InvalidCredential | InvalidProof | Unauthenticated => "Bitte melden Sie sich zuerst an.",
        Stale => "Bitte melden Sie sich erneut an.",
        Throttled => "Bitte warten Sie, bevor Sie es erneut versuchen.",
        Unavailable => "Bitte versuchen Sie es gleich noch einmal.",
        _ => "Das ist unser Fehler; er wurde vermerkt."
    }
    /// Spanish
    Spanish "es" {
        400 => "Solicitud incorrecta",
        401 => "Inicio de sesión necesario",
        403 => "Acceso denegado",
        404 => "Página no encontrada",
        409 => "Conflicto",
        429 => "Demasiadas solicitudes",
        503 => "Servicio no disponible",
        _ => "Error del servidor";
        BadRequest | InvalidIdentity => "Los datos enviados no se pueden usar.",
        Conflict => "Su sesión se cerró mientras tanto. Vuelva a iniciar sesión.",
        CrossOrigin => "Esta solicitud procede de otro sitio y no se ha realizado.",
        CsrfToken => "Este formulario ya no es válido. Vuelva a cargar la página.",
        Forbidden | InsufficientScope => "No tiene permiso para hacer esto.",
        InsufficientAcr => "Vuelva a iniciar sesión con un método más seguro.",
        InvalidCredential | InvalidProof | Unauthenticated => "Inicie sesión primero.",
        Stale => "Vuelva a iniciar sesión.",
        Throttled => "Espere antes de volver a intentarlo.",
        Unavailable => "Vuelva a intentarlo en un momento.",
        _ => "Es un error nuestro y ha quedado registrado."
    }
}

/// Returns the language that the client prefers (RFC 9110, section 12.5.4), or else the first; `None` for an empty list.
pub(super) fn choose<'l>(
    languages: &'l [Arc<dyn Language>],
    accept: &[HeaderValue],
) -> Option<&'l dyn Language> {
    let lines: Vec<&str> = accept.iter().filter_map(|line| line.to_str().ok()).collect();
    let ranges: Vec<(&str, u32)> = lines.iter().flat_map(|line| line.split(',')).filter_map(range).collect();
    let preference = |language: &&Arc<dyn Language>| {
        let preferred = preference(language.tag(), &ranges);
        preferred.filter(|(quality, _)| *quality > 0)
    };
    let accepted = languages.iter().filter_map(|language| Some((preference(&language)?, language)));
    // Of equals the one that the client names first; `max_by_key` would return the last of equals.
    let best = accepted.min_by_key(|((quality, index), _)| (Reverse(*quality), *index));
    best.map(|(_, language)| language).or_else(|| languages.first()).map(|language| &**language)
}

/// Parses a range such as `de-AT;q=0.8`.
fn range(text: &str) -> Option<(&str, u32)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    Some((tag, parts.find_map(|parameter| quality(parameter.as_bytes())).unwrap_or(1000)))
}

/// Returns the quality of a language, and the index of the range that has it: the longest that matches. `de` matches
/// `de-AT` both ways; `*` matches the rest.
fn preference(tag: &str, ranges: &[(&str, u32)]) -> Option<(u32, usize)> {
    let matches = |range: &str| {
        let is_part = |long: &str, short: &str| {
            long.get(..short.len()).is_some_and(|start| start.eq_ignore_ascii_case(short))
                && matches!(long.as_bytes().get(short.len()), None | Some(b'-'))
        };
        is_part(tag, range) || is_part(range, tag)
    };
    let indexed = || ranges.iter().enumerate().rev();
    let longest =
        indexed().filter(|(_, (range, _))| matches(range)).max_by_key(|(_, (range, _))| range.len());
    let any = || indexed().find(|(_, (range, _))| *range == "*");
    longest.or_else(any).map(|(index, (_, quality))| (*quality, index))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &[&str]) -> String {
        let languages: [Arc<dyn Language>; 4] =
            [Arc::new(English), Arc::new(French), Arc::new(German), Arc::new(Spanish)];
        let accept: Vec<_> = accept.iter().map(|line| line.parse().unwrap()).collect();
        choose(&languages, &accept).unwrap().tag().to_owned()
    }

    #[test]
    fn the_language_is_the_one_that_the_client_prefers() {
        for (accept, expected) in [
            (&[][..], "en"),
            (&[""], "en"),
            (&["de"], "de"),
            (&["DE-at"], "de"),
            (&["fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5"], "fr"),
            (&["it, es;q=0.5"], "es"),
            (&["it"], "en"),
            (&["*"], "en"),
            (&["en;q=0.1, de;q=0.2"], "de"),
            (&["de, fr"], "de"),
            (&["fr, de"], "fr"),
            (&["fr", "de"], "fr"),
            (&["fr;q=0.5", "de"], "de"),
            (&["de;q=0, *"], "en"),
            (&["en;q=0, *"], "fr"),
            (&["de;q=0"], "en"),
            (&["de;q=x"], "en"),
            (&["deu, d, d-e"], "en"),
            (&["de;q=0, de-AT"], "de"),
        ] {
            assert_eq!(chosen(accept), expected, "{accept:?}");
        }
        assert!(choose(&[], &[]).is_none());
    }

    /// A tag with a region is found by its language, too.
    #[test]
    fn a_region_is_found_by_its_language() {
        struct Brazilian;
        impl Language for Brazilian {
            fn tag(&self) -> &'static str {
                "pt-BR"
            }
            fn title(&self, _: AuthErrorKind) -> &'static str {
                ""
            }
            fn text(&self, _: AuthErrorKind) -> &'static str {
                ""
            }
        }
        let languages: [Arc<dyn Language>; 2] = [Arc::new(English), Arc::new(Brazilian)];
        for (accept, expected) in [("pt", "pt-BR"), ("pt-br", "pt-BR"), ("pt-PT", "en"), ("p", "en")] {
            let accept = [accept.parse().unwrap()];
            assert_eq!(choose(&languages, &accept).unwrap().tag(), expected, "{accept:?}");
        }
    }

    /// A translation that lags behind would show that the failure is the application's.
    #[test]
    fn every_rejection_has_a_sentence_of_its_own_in_each_language() {
        let kinds = [
            AuthErrorKind::BadRequest,
            AuthErrorKind::Conflict,
            AuthErrorKind::CrossOrigin,
            AuthErrorKind::CsrfToken,
            AuthErrorKind::Forbidden,
            AuthErrorKind::InsufficientAcr { accepted: &[] },
            AuthErrorKind::InsufficientScope,
            AuthErrorKind::InvalidCredential,
            AuthErrorKind::InvalidIdentity,
            AuthErrorKind::InvalidProof { use_nonce: false },
            AuthErrorKind::Stale { max_age: std::time::Duration::ZERO },
            AuthErrorKind::Throttled { retry_after: std::time::Duration::ZERO },
            AuthErrorKind::Unauthenticated,
            AuthErrorKind::Unavailable,
        ];
        let languages: [&dyn Language; 4] = [&English, &French, &German, &Spanish];
        for language in languages {
            let ours = language.text(AuthErrorKind::Misconfigured);
            for kind in kinds {
                assert_ne!(language.text(kind), ours, "{} {kind:?}", language.tag());
                assert_ne!(language.title(kind), language.title(AuthErrorKind::Misconfigured));
            }
        }
    }
}
