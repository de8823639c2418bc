//! Finds a name that is nearly another one, in constants, by their edit distance: [`near`].

/// The longest name for which suggestions are searched, in bytes.
const LONGEST: usize = 64;

/// Returns the edit distance of `a` and `b`, if it is small enough to suggest one for the other.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
#[must_use]
pub const fn near(a: &str, b: &str) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let longer = if a.len() > b.len() { a.len() } else { b.len() };
    let limit = if longer <= 4 { 1 } else { longer / 3 };
    if longer > LONGEST || a.len().abs_diff(b.len()) > limit {
        return None;
    }
    // Damerau-Levenshtein distance (swapped neighbours count as one change), with three rows at a time.
    let mut before = [0; LONGEST + 1];
    let mut row = [0; LONGEST + 1];
    let mut column = 0;
    while column <= b.len() {
        row[column] = column;
        column += 1;
    }
    let mut line = 1;
    while line <= a.len() {
        let mut next = [0; LONGEST + 1];
        next[0] = line;
        column = 1;
        while column <= b.len() {
            let same = a[line - 1].eq_ignore_ascii_case(&b[column - 1]);
            let mut best = row[column - 1] + if same { 0 } else { 1 };
            best = least(best, row[column] + 1);
            best = least(best, next[column - 1] + 1);
            if line > 1 && column > 1 && a[line - 1] == b[column - 2] && a[line - 2] == b[column - 1] {
                best = least(best, before[column - 2] + 1);
            }
            next[column] = best;
            column += 1;
        }
        before = row;
        row = next;
        line += 1;
    }
    if row[b.len()] <= limit { Some(row[b.len()]) } else { None }
}

const fn least(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_near_names_only() {
        for (a, b, expected) in [
            ("edt", "edit", Some(1)),
            ("edti", "edit", Some(1)),
            ("Edit", "edit", Some(0)),
            ("view", "edit", None),
            ("coment", "comment", Some(1)),
            ("delete_all", "delete", None),
            ("a", "b", Some(1)),
            ("", "edit", None),
        ] {
            assert_eq!(near(a, b), expected, "{a} {b}");
        }
    }
}
