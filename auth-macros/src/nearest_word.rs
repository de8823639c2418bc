//! Suggests the nearest known word for a misspelt one, or none if all are too far off.

use strsim::osa_distance;

/// Returns the candidate with the smallest edit distance to `word`, ignoring case, if that is small enough.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (osa_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the accepted distance: one, or one per three characters in longer words.
fn allowed(candidate: &str) -> usize {
    candidate.chars().count().div_euclid(3).max(1)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_near_words_are_suggested() {
        let words = ["Everyone", "Authenticated", "User", "Group"];
        for (word, expected) in [
            ("Everyon", Some("Everyone")),
            ("everybody", None),
            ("group", Some("Group")),
            ("Gruop", Some("Group")),
            ("gRUOP", Some("Group")),
            ("Users", Some("User")),
            ("Authentificated", Some("Authenticated")),
            ("Admin", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words), expected, "{word}");
        }
    }
}
