//! Detects confusable characters: names that mix scripts, and names that look like each other.

/// Returns the first non-Latin letter in a name that has Latin letters, and its script.
pub(crate) fn foreign_letter(text: &str) -> Option<(char, &'static str)> {
    if !text.chars().any(is_latin) {
        return None;
    }
    text.chars().find_map(|letter| script(letter).map(|script| (letter, script)))
}

fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphabetic()
        || letter.is_alphabetic() && matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// Returns the script of a letter, for scripts whose letters can be mistaken for Latin ones.
fn script(letter: char) -> Option<&'static str> {
    match letter {
        _ if !letter.is_alphabetic() => None,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some("Greek"),
        '\u{400}'..='\u{52f}'
        | '\u{1c80}'..='\u{1c8f}'
        | '\u{2de0}'..='\u{2dff}'
        | '\u{a640}'..='\u{a69f}' => Some("Cyrillic"),
        '\u{530}'..='\u{58f}' => Some("Armenian"),
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Some("Cherokee"),
        '\u{ff21}'..='\u{ff5a}' => Some("fullwidth"),
        '\u{1d400}'..='\u{1d7ff}' => Some("mathematical"),
        _ => None,
    }
}

/// Returns two folded forms of a name. Names that agree in either form look alike.
///
/// The first form ignores case, and separators between letters. The second form treats `0` like `O`, and `1`,
/// `l` and `I` alike. Both treat `-`, `_`, `.` and blanks alike, and map letters of other scripts to the
/// Latin letters that they resemble.
pub(crate) fn looks(text: &str) -> [String; 2] {
    let folded = without_separators(text).to_lowercase().chars().map(latin_twin).collect();
    let digits = text.chars().map(|letter| match latin_twin(letter) {
        '0' => 'O',
        '1' | 'I' | '|' => 'l',
        letter if is_separator(letter) => '-',
        other => other,
    });
    [folded, digits.collect()]
}

fn without_separators(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    for (at, &letter) in letters.iter().enumerate() {
        if !is_separator(letter) {
            plain.push(letter);
            continue;
        }
        let neighbour = |at: Option<usize>| at.and_then(|at| letters.get(at)).copied();
        let between_letters = [neighbour(at.checked_sub(1)), neighbour(at.checked_add(1))]
            .into_iter()
            .all(|neighbour| neighbour.is_some_and(char::is_alphabetic));
        // `1.1` is not `11`.
        if !between_letters {
            plain.push('-');
        }
    }
    plain
}

const fn is_separator(letter: char) -> bool {
    matches!(letter, '-' | '_' | '.' | ' ')
}

// This table is not that of the crate `unicode-security`, for three reasons.
//
// - A clean build of this crate takes 6.1 s of CPU time without it and 7.3 s with it (user and system time of
//   `cargo build -p auth-macros`, median of three), and five crates would come on top of six.
// - Its skeletons (UTS 39) do not know case: the small Cyrillic `к`, `м` and `т` are not like `k`, `m` and `t`
//   there, so `КОТ` in Cyrillic letters would pass for another name than `KOT`.
// - `rn` is like `m` there, so `modern` and `modem` could not be in one list.

/// Returns the Latin letter that looks the same.
const fn latin_twin(letter: char) -> char {
    match letter {
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'һ' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{foreign_letter, looks};

    #[test]
    fn letters_of_other_scripts_are_found_among_latin_ones() {
        for (text, expected) in [
            ("view", None),
            ("größe", None),
            ("просмотр", None),
            ("閲覧 view", None),
            ("vi\u{435}w", Some(('\u{435}', "Cyrillic"))),
            ("\u{3bf}pen", Some(('\u{3bf}', "Greek"))),
            ("\u{585}pen", Some(('\u{585}', "Armenian"))),
            ("\u{13aa}o", Some(('\u{13aa}', "Cherokee"))),
            ("v\u{ff49}ew", Some(('\u{ff49}', "fullwidth"))),
            ("\u{1d42f}iew", Some(('\u{1d42f}', "mathematical"))),
        ] {
            assert_eq!(foreign_letter(text), expected, "{text}");
        }
    }

    #[test]
    fn names_that_look_alike_agree_in_one_form() {
        let alike = |a: &str, b: &str| looks(a).iter().zip(looks(b)).any(|(a, b)| *a == b);
        for (a, b, expected) in [
            ("edit", "Edit", true),
            ("read_all", "read-all", true),
            ("read_all", "read all", true),
            ("read_all", "readAll", true),
            ("team0", "teamO", true),
            ("team1", "teaml", true),
            ("level-I", "level_1", true),
            ("сору", "copy", true),
            ("КОТ", "KOT", true),
            ("МОТОР", "motop", true),
            ("modern", "modem", false),
            ("edit", "exit", false),
            ("v1.1", "v11", false),
            ("item", "ltem", false),
            ("a1", "a2", false),
            ("view", "review", false),
        ] {
            assert_eq!(alike(a, b), expected, "{a} {b}");
        }
    }
}
