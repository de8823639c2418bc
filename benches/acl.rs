//! Measures a decision for ACLs of 4, 100 and 10,000 rules and users in 1, 10 and 100 groups.
//!
//! ```text
//! cargo bench --bench acl                # the table
//! cargo bench --bench acl -- --quick     # few rounds, for a look
//! ```
//!
//! Half of the rules match the requested permission. An allowed user is in the group of the last of them;
//! rules about another permission name all other groups. All methods take turns in each round, and the median
//! is printed. Only ratios within one run are meaningful.

#[path = "acl/by_hand.rs"]
mod by_hand;
#[path = "acl/lists.rs"]
mod lists;

use std::{
    collections::HashSet,
    env,
    error::Error,
    hint::black_box,
    io::{self, Write},
    time::{Duration, Instant},
};

use auth_runtime::{Groups, Principals, Rule, decide};
use by_hand::Row;
use lists::{EDIT, List, Long, Middle, Short};

const ROUNDS: usize = 200;
const QUICK_ROUNDS: usize = 15;
/// How long one method runs in its turn.
const TURN: Duration = Duration::from_micros(40);

type Method<'a> = (&'static str, Box<dyn Fn() -> bool + 'a>);

/// A user's groups in the form of each method.
struct Member {
    groups: Groups,
    names: Vec<String>,
    set: HashSet<String>,
}

impl Member {
    /// Creates a user in `count` groups of an ACL of `length` rules; the last rule allows editing, or none
    /// does.
    fn new(length: usize, count: usize, allowed: bool) -> Self {
        let name = |at: usize| format!("group-{at:04}");
        let others = if allowed { count.saturating_sub(1) } else { count };
        let step = length.checked_div(others).unwrap_or_default().max(2) & !1;
        let mut names: Vec<String> = (0..).step_by(step).take(others).map(name).collect();
        if allowed {
            names.push(name(length.saturating_sub(1)));
        }
        Self { groups: names.iter().collect(), set: names.iter().cloned().collect(), names }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let has = |name: &str| env::args().any(|argument| argument == name);
    // `cargo test` runs benchmarks too; nothing in them may depend on time.
    if !has("--bench") {
        return Ok(());
    }
    let rounds = if has("--quick") { QUICK_ROUNDS } else { ROUNDS };
    let mut out = io::stdout().lock();
    for allowed in [true, false] {
        let answer = if allowed { "allowed by the last rule" } else { "denied" };
        writeln!(out, "\n{answer}: ns per decision, and of the `match`\n")?;
        writeln!(
            out,
            "| rules | groups | guard | list, constant | list, run time | match | scan, set | scan, list |"
        )?;
        writeln!(out, "|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for count in [1, 10, 100] {
            table::<Short>(&mut out, by_hand::short, count, allowed, rounds)?;
            table::<Middle>(&mut out, by_hand::middle, count, allowed, rounds)?;
            table::<Long>(&mut out, by_hand::long, count, allowed, rounds)?;
        }
    }
    Ok(())
}

fn table<L: List>(
    out: &mut impl Write,
    by_match: fn(&[String]) -> bool,
    count: usize,
    allowed: bool,
    rounds: usize,
) -> Result<(), Box<dyn Error>> {
    let length = L::ACL.rules().len();
    let member = Member::new(length, count, allowed);
    let principals = Principals::user("alice", &member.groups);
    let rows = rows::<L>();
    let owned: Vec<_> = rows.iter().map(|row| (row.principal.clone(), row.permissions.clone())).collect();
    let rules: Vec<_> = owned
        .iter()
        .map(|(group, permissions)| Rule::allow(auth_runtime::Group(group), permissions))
        .collect();
    let guard = L::GUARD;
    let methods: [Method<'_>; 6] = [
        ("guard", Box::new(|| black_box(&guard).decide(black_box(&principals)).is_allow())),
        ("constant", Box::new(|| decide(black_box(L::ACL), EDIT, black_box(&principals)).is_allow())),
        (
            "run time",
            Box::new(|| decide(black_box(&rules).iter().copied(), EDIT, black_box(&principals)).is_allow()),
        ),
        ("match", Box::new(|| by_match(black_box(&member.names)))),
        ("set", Box::new(|| by_hand::scan_set(black_box(&rows), black_box(&member.set), "edit"))),
        ("list", Box::new(|| by_hand::scan_list(black_box(&rows), black_box(&member.names), "edit"))),
    ];
    for (name, method) in &methods {
        if method() != allowed {
            return Err(format!("{name} decides wrongly for {length} rules and {count} groups").into());
        }
    }
    let medians = measure(&methods, rounds);
    let unit = medians.get(3).copied().unwrap_or(f64::NAN);
    write!(out, "| {length} | {count} |")?;
    for median in medians {
        write!(out, " {median:.1} ({:.2}) |", median / unit)?;
    }
    writeln!(out)?;
    Ok(())
}

fn rows<L: List>() -> Vec<Row> {
    let mut rows = Vec::new();
    for rule in L::ACL {
        let mut permissions = Vec::new();
        rule.permissions().each(&mut |name| permissions.push(name.to_string()));
        let auth_runtime::Principal::Group(group) = rule.principal() else { continue };
        rows.push(Row { allow: true, principal: group.to_string(), permissions });
    }
    rows
}

/// Returns the median time of each method, in nanoseconds.
fn measure(methods: &[Method<'_>], rounds: usize) -> Vec<f64> {
    let repeats: Vec<u32> = methods.iter().map(|(_, method)| calibrated(method)).collect();
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); methods.len()];
    for _ in 0..rounds {
        for ((times, (_, method)), repeats) in times.iter_mut().zip(methods).zip(&repeats) {
            times.push(time(method, *repeats));
        }
    }
    times.into_iter().map(median).collect()
}

/// Returns the number of calls that fill one turn.
fn calibrated(method: &dyn Fn() -> bool) -> u32 {
    let mut repeats = 1;
    while time(method, repeats) * f64::from(repeats) < TURN.as_secs_f64() * 1e9 {
        repeats = u32::saturating_mul(repeats, 2);
    }
    repeats
}

fn time(method: &dyn Fn() -> bool, repeats: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..repeats {
        black_box(method());
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(repeats)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
