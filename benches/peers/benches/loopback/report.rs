//! The table of the loopback measurement: medians and ranges of all rounds.

use std::{
    io::{self, Write},
    time::Duration,
};

use crate::{Result, target::Target, wrk::Load};

/// One route in one round.
pub(crate) struct Sample {
    /// Requests per second
    rate: f64,
    /// Processor time of the server per request, in microseconds
    cost: f64,
    /// The share of the time in which the core of the server worked
    busy: f64,
}

impl Sample {
    /// Relates the processor time that the server spent to what it answered.
    pub(crate) fn new(load: &Load, spent: Duration) -> Self {
        let spent = spent.as_secs_f64();
        let Load { requests, rate } = *load;
        Self { rate, cost: spent * 1e6 / requests, busy: spent * rate / requests }
    }
}

/// Writes the table to standard output.
///
/// # Errors
///
/// If it cannot be written.
pub(crate) fn print(targets: &[Target], samples: &[Vec<Sample>]) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| on loopback | requests/s | of unguarded | server CPU per request, µs | of unguarded | core busy |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|")?;
    for (target, own) in targets.iter().zip(samples) {
        let middle = |of: fn(&Sample) -> f64| sorted(own.iter().map(of)).1;
        let (rate, cost, busy) = (middle(|it| it.rate), middle(|it| it.cost), middle(|it| it.busy));
        let is_floor = |other: &Target| other.unguarded && other.headers == target.headers;
        let floor =
            targets.iter().zip(samples).find(|(other, _)| is_floor(other)).map(|(_, samples)| samples);
        let ratio = |of: fn(&Sample) -> f64| match floor {
            Some(floor) if !target.unguarded => {
                let (least, middle, most) =
                    sorted(own.iter().zip(floor).map(|(own, floor)| of(own) / of(floor)));
                format!("{middle:.3} ({least:.3} to {most:.3})")
            }
            _ => String::new(),
        };
        let (rates, costs) = (ratio(|it| it.rate), ratio(|it| it.cost));
        let busy = busy * 100.0;
        writeln!(out, "| {} | {rate:.0} | {rates} | {cost:.2} | {costs} | {busy:.0} % |", target.name)?;
    }
    Ok(())
}

/// Returns the smallest, the middle and the largest value.
fn sorted(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    (at(0), at(values.len() / 2), at(values.len().saturating_sub(1)))
}
