//! Measures guards on one GET route, compared with the same guard written by hand.
//!
//! ```text
//! cargo bench --bench guard                      # the table
//! cargo bench --all-features --bench guard       # with sessions, tokens and keys
//! cargo bench --bench guard -- --quick           # few rounds, for a look
//! cargo bench --bench guard -- --profile NAME N  # one case N times, to be run under a profiler
//! ```
//!
//! All cases take turns in each round, so that noise affects them equally. The cost of a case is the median
//! of its paired differences to the unguarded route with the same headers. Only ratios within one run are
//! meaningful.

#[path = "guard/by_hand.rs"]
mod by_hand;
#[path = "guard/case.rs"]
mod case;
#[path = "guard/cases.rs"]
mod cases;
#[cfg(feature = "full")]
#[path = "guard/identities.rs"]
mod identities;
#[path = "guard/measure.rs"]
mod measure;
#[path = "guard/noop.rs"]
mod noop;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    measure::run(cases::UNIT, async || {
        let cases = cases::all()?;
        #[cfg(feature = "full")]
        let cases = cases.into_iter().chain(identities::all().await?).collect();
        Ok(cases)
    })
}
