//! The table `ui-tests/scores.tsv` scores what each case says, as a newcomer reads it who knows only the README.
//!
//! | score | `remedy` | `underline` | `noise` |
//! |--:|---|---|---|
//! | 2 | the first line says what to type | the smallest part that must change | nothing has to be skipped |
//! | 1 | the remedy is plain, or the compiler's help lines have it | more than that | there is something to skip |
//! | 0 | neither | another place | there is more to skip than to read, in lines |
//!
//! A token is the smallest part that can be underlined; of a part that is missing, its neighbour. To skip are notes
//! into our source, macro backtraces, names in `__private`, further errors about the same mistake, and warnings.
//! "evaluation of `…` failed here" behind the underline costs nothing, since rustc prints it for every constant.
//!
//! `newcomer` marks the programs that a reader of the README alone would write, with what they are about:
//! guards, rules, routers or the setup. Their remedies have a mean of their own.
//!
//! The remark says why a score is below 2. It begins with `rustc:` where only the compiler speaks, and says why the
//! macros cannot, and with `rustc` where the compiler adds lines to a message of ours.

use std::{collections::BTreeMap, fs, path::Path};

use super::cases;
use crate::catalogue::file;

/// The least mean of each score over all cases, which must not sink, and the goal, both in hundredths.
const MEANS: [(&str, usize, usize); 3] = [("remedy", 193, 195), ("underline", 193, 195), ("noise", 185, 190)];

/// How many programs of newcomers there are at least.
const NEWCOMERS: usize = 98;

/// The least mean of their remedies, and the goal.
const REMEDIES_OF_NEWCOMERS: (usize, usize) = (179, 180);

/// How many cases may have a 0: where only the compiler speaks, and no change of the design was found.
const MOST_ZEROS: usize = 17;

#[derive(Debug)]
struct Row {
    case: String,
    /// Remedy, underline, noise.
    scores: [usize; 3],
    /// What a newcomer's program is about; empty for other cases.
    newcomer: String,
    remark: String,
}

#[test]
fn every_case_has_one_row() {
    let mut found: BTreeMap<String, usize> = cases().into_iter().map(|case| (case, 0)).collect();
    for row in rows() {
        let count = found.get_mut(&row.case);
        *count.unwrap_or_else(|| panic!("a row lacks its case: `{}`", row.case)) += 1;
    }
    found.retain(|_, count| *count != 1);
    assert!(found.is_empty(), "each case has one row: {found:#?}");
}

#[test]
fn low_scores_have_a_remark() {
    for row in rows() {
        assert!(row.scores.iter().all(|score| *score <= 2), "a score is 0, 1 or 2: {row:?}");
        assert!(row.scores == [2; 3] || !row.remark.is_empty(), "the remark is missing: {row:?}");
        let has_zero = row.scores.contains(&0);
        assert!(!has_zero || row.remark.starts_with("rustc"), "a 0 is the compiler's alone: {row:?}");
    }
}

#[test]
fn no_more_cases_have_a_zero() {
    let zeros: Vec<Row> = rows().into_iter().filter(|row| row.scores.contains(&0)).collect();
    assert!(zeros.len() <= MOST_ZEROS, "at most {MOST_ZEROS} cases have a 0: {zeros:#?}");
}

#[test]
fn noise_is_seen() {
    let noise = ["this error originates", "__private", "$WORKSPACE/", "warning:"];
    for row in rows() {
        let [_, _, score] = row.scores;
        let said = fs::read_to_string(file(&row.case, "stderr")).unwrap();
        let found: Vec<_> = noise.iter().filter(|part| said.contains(**part)).collect();
        assert!(score < 2 || found.is_empty(), "`{}` has noise: {found:?}", row.case);
    }
}

#[test]
fn means_do_not_sink() {
    for ((name, least, goal), mean) in MEANS.into_iter().zip(means(&rows())) {
        assert!(
            mean >= least,
            "{name}: a mean of {mean} hundredths, at least {least}, and the goal is {goal}"
        );
    }
}

#[test]
fn remedies_of_newcomers_do_not_sink() {
    let mut rows = rows();
    rows.retain(|row| !row.newcomer.is_empty());
    for subject in ["guards", "routers", "rules", "setup"] {
        assert!(rows.iter().any(|row| row.newcomer == subject), "no newcomer's program is about {subject}");
    }
    assert!(rows.len() >= NEWCOMERS, "at least {NEWCOMERS} programs of newcomers, not {}", rows.len());
    let [mean, ..] = means(&rows);
    let (least, goal) = REMEDIES_OF_NEWCOMERS;
    assert!(mean >= least, "a mean of {mean} hundredths, at least {least}, and the goal is {goal}");
}

/// Returns the mean of each score, in hundredths.
fn means(rows: &[Row]) -> [usize; 3] {
    let mut sums = [0; 3];
    for row in rows {
        for (sum, score) in sums.iter_mut().zip(row.scores) {
            *sum += 100 * score;
        }
    }
    sums.map(|sum| sum / rows.len())
}

fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scores.tsv");
    let table = fs::read_to_string(path).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("case\tremedy\tunderline\tnoise\tnewcomer\tremark"));
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [case, remedy, underline, noise, newcomer, remark]: [&str; 6] = cells.try_into().unwrap();
        let scores = [remedy, underline, noise].map(|score| score.parse().unwrap());
        Row { case: case.to_owned(), scores, newcomer: newcomer.to_owned(), remark: remark.to_owned() }
    });
    rows.collect()
}
