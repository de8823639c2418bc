//! Runs targets without a fuzzer: over their seeds and deterministic mutations of these.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the harness of a test, included by several of them"
)]

use std::{env, fs, thread};

/// The number of mutated seeds per target, unless `FUZZ_ROUNDS` is set.
const ROUNDS: usize = 2000;

/// Tokens that are significant to some parser.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b"\"",
    b"%",
    b"%2F",
    b"%00",
    b"\\",
    b"/",
    b"//",
    b"..",
    b";",
    b"=",
    b",",
    b".",
    b":",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"true",
    b"-1",
    b"1e3",
    b"0",
    b"18446744073709551615",
    b"{}",
    b"[]",
    b"\xff",
    b"\xc3\xa9",
    b"\xf0\x9f\x98\x80",
    b"a",
];

/// Prints the input of a failed check.
struct Shown<'a>(&'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the input was b\"{}\"", self.0.escape_ascii());
        }
    }
}

/// Runs a check over the seeds in the folder `name` and over mutations of them. Seeds whose name begins with
/// `good` must be accepted and all others rejected; some mutations must be rejected.
pub(crate) fn replay(corpus: &str, name: &str, check: fn(&[u8]) -> bool) {
    let folder = format!("{corpus}/{name}");
    let mut seeds: Vec<(String, Vec<u8>)> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
        })
        .collect();
    // Sort: a folder has no order.
    seeds.sort();
    for (name, seed) in &seeds {
        let _shown = Shown(seed);
        assert_eq!(check(seed), name.starts_with("good"), "{folder}/{name}");
    }
    assert!(seeds.iter().any(|(name, _)| name.starts_with("good")), "{folder} has no seed that is taken");
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut refused = 0;
    let rounds = env::var("FUZZ_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().expect("a number"));
    for _ in 0..rounds {
        let mut bytes = seeds[chance.below(seeds.len())].1.clone();
        for _ in 0..=chance.below(3) {
            chance.change(&mut bytes, &seeds);
        }
        let _shown = Shown(&bytes);
        refused += usize::from(!check(&bytes));
    }
    assert!(refused > 0, "nothing of {folder} is ever refused");
}

/// A xorshift generator with a fixed seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[(String, Vec<u8>)]) {
        let at = self.below(bytes.len() + 1);
        let end = at + self.below((bytes.len() - at).min(16) + 1);
        match self.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
            2 => drop(bytes.splice(at..end, WORDS[self.below(WORDS.len())].iter().copied())),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                let place = self.below(bytes.len() + 1);
                drop(bytes.splice(place..place, piece));
            }
            _ => {
                let other = &seeds[self.below(seeds.len())].1;
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
}
