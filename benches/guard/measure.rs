//! Runs cases in turn, counts allocations, measures times, and prints the table.

use std::{
    env,
    error::Error,
    hint::black_box,
    io::{self, Write},
    time::Instant,
};

use tokio::runtime::{Builder, Runtime};

use crate::case::Case;

const BATCH: u32 = 64;
const ROUNDS: usize = 300;
const QUICK_ROUNDS: usize = 20;

/// The cost of one case above the unguarded route.
struct Cost {
    nanoseconds: f64,
    allocations: i64,
}

/// The quantity to measure.
pub(crate) type Cases<H> = Result<Vec<Case<H>>, Box<dyn Error>>;

/// Runs the command. Ratios are relative to the case with the name `unit`.
pub(crate) fn run<H: PartialEq>(
    unit: &str,
    make: impl AsyncFnOnce() -> Cases<H>,
) -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    // `cargo test` runs benchmarks too; nothing in them may depend on time.
    if !has("--bench") {
        return Ok(());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut cases = runtime.block_on(make())?;
    verify(&runtime, &mut cases)?;
    if let Some(at) = arguments.iter().position(|argument| argument == "--profile") {
        let [name, calls] = arguments.get(at..).and_then(|rest| rest.get(1..3)).unwrap_or_default() else {
            return Err("`--profile` takes the name of a case and a number".into());
        };
        return profile(&runtime, &mut cases, name, calls.parse()?);
    }
    let counts: Vec<u64> = cases.iter_mut().map(|case| allocations(&runtime, case)).collect();
    let rounds = if has("--quick") { QUICK_ROUNDS } else { ROUNDS };
    let mut times = Vec::new();
    allocation_counter::opt_out(|| times = measure(&runtime, &mut cases, rounds));
    print(unit, &cases, &times, &counts)
}

/// Checks the responses: a case with another response would measure the wrong path.
fn verify<H>(runtime: &Runtime, cases: &mut [Case<H>]) -> Result<(), Box<dyn Error>> {
    for case in cases {
        let status = runtime.block_on(case.call()).status();
        if status != case.status {
            return Err(format!("{}: answered {status} instead of {}", case.name, case.status).into());
        }
    }
    Ok(())
}

fn profile<H>(
    runtime: &Runtime,
    cases: &mut [Case<H>],
    name: &str,
    calls: u32,
) -> Result<(), Box<dyn Error>> {
    let case = cases.iter_mut().find(|case| case.name == name).ok_or("no case has this name")?;
    allocation_counter::opt_out(|| {
        runtime.block_on(async {
            for _ in 0..calls {
                black_box(case.call().await);
            }
        });
    });
    Ok(())
}

/// Counts during the second call: the first may fill caches.
fn allocations<H>(runtime: &Runtime, case: &mut Case<H>) -> u64 {
    drop(runtime.block_on(case.call()));
    allocation_counter::measure(|| drop(black_box(runtime.block_on(case.call())))).count_total
}

/// Returns the nanoseconds per call, for each round and case.
fn measure<H>(runtime: &Runtime, cases: &mut [Case<H>], rounds: usize) -> Vec<Vec<f64>> {
    let mut round = || -> Vec<f64> { cases.iter_mut().map(|case| batch(runtime, case)).collect() };
    round();
    (0..rounds).map(|_| round()).collect()
}

fn batch<H>(runtime: &Runtime, case: &mut Case<H>) -> f64 {
    runtime.block_on(async {
        let start = Instant::now();
        for _ in 0..BATCH {
            black_box(case.call().await);
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(BATCH)
    })
}

fn print<H: PartialEq>(
    unit: &str,
    cases: &[Case<H>],
    times: &[Vec<f64>],
    counts: &[u64],
) -> Result<(), Box<dyn Error>> {
    let mut rows = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        // The first case with the same headers is the unguarded one.
        let floor = cases.iter().position(|other| other.headers == case.headers).unwrap_or(at);
        rows.push((case.name, floor == at, cost(times, counts, at, floor)));
    }
    let unit_cost =
        rows.iter().find(|(name, ..)| *name == unit).map_or(f64::NAN, |(.., cost)| cost.nanoseconds);
    let mut out = io::stdout().lock();
    writeln!(out, "| case | ns above unguarded | of case b | allocations above unguarded |")?;
    writeln!(out, "|---|--:|--:|--:|")?;
    for (name, is_floor, Cost { nanoseconds, allocations }) in rows {
        if is_floor {
            writeln!(out, "| {name} | ({nanoseconds:.0} in all) | | ({allocations} in all) |")?;
        } else {
            writeln!(out, "| {name} | {nanoseconds:.0} | {:.2} | {allocations} |", nanoseconds / unit_cost)?;
        }
    }
    Ok(())
}

/// Returns the cost of `case` above `floor`.
fn cost(times: &[Vec<f64>], counts: &[u64], case: usize, floor: usize) -> Cost {
    let of = |round: &Vec<f64>, at: usize| round.get(at).copied().unwrap_or(f64::NAN);
    let count = |at: usize| counts.get(at).and_then(|count| i64::try_from(*count).ok()).unwrap_or(i64::MAX);
    if case == floor {
        let nanoseconds = median(times.iter().map(|round| of(round, case)));
        return Cost { nanoseconds, allocations: count(case) };
    }
    let nanoseconds = median(times.iter().map(|round| of(round, case) - of(round, floor)));
    Cost { nanoseconds, allocations: count(case).saturating_sub(count(floor)) }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
