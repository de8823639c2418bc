//! Suggests the nearest known word for a misspelt one, or none if all are too far off.

/// Returns the candidate with the smallest edit distance to `word`, ignoring case, if that is small enough.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the accepted distance: one, or one per three characters in longer words.
fn allowed(candidate: &str) -> usize {
    candidate.chars().count().div_euclid(3).max(1)
}

/// Returns the edit distance with transpositions (Damerau-Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut above_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (i, letter) in a.chars().enumerate() {
        let mut left = i.saturating_add(1);
        let mut row = vec![left];
        let mut previous_b = None;
        for (j, (&other, pair)) in b.iter().zip(last.windows(2)).enumerate() {
            let &[diagonal, above] = pair else { continue };
            let substituted = diagonal.saturating_add(usize::from(letter != other));
            left = substituted.min(above.saturating_add(1)).min(left.saturating_add(1));
            if previous_a == Some(other) && previous_b == Some(letter) {
                let before_both = j.checked_sub(1).and_then(|j| above_last.get(j));
                left = before_both.map_or(left, |swapped| left.min(swapped.saturating_add(1)));
            }
            row.push(left);
            previous_b = Some(other);
        }
        above_last = std::mem::replace(&mut last, row);
        previous_a = Some(letter);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances_count_edits_and_swaps() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "edit", 4),
            ("edit", "", 4),
            ("edit", "edit", 0),
            ("edt", "edit", 1),
            ("edti", "edit", 1),
            ("deit", "edit", 1),
            ("exit", "edit", 1),
            ("abcd", "badc", 2),
            ("kitten", "sitting", 3),
            ("größe", "grösse", 2),
        ] {
            assert_eq!(distance(a, b), expected, "{a} to {b}");
            assert_eq!(distance(b, a), expected, "{b} to {a}");
        }
    }

    #[test]
    fn only_near_words_are_suggested() {
        let words = ["Everyone", "Authenticated", "User", "Group"];
        for (word, expected) in [
            ("Everyon", Some("Everyone")),
            ("everybody", None),
            ("group", Some("Group")),
            ("Gruop", Some("Group")),
            ("Users", Some("User")),
            ("Authentificated", Some("Authenticated")),
            ("Admin", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words), expected, "{word}");
        }
    }
}
