//! Compares identities with the libraries that are commonly used for them, in one run.
//!
//! ```text
//! cargo bench --manifest-path benches/peers/Cargo.toml --bench identities             # the table
//! cargo bench --manifest-path benches/peers/Cargo.toml --bench identities -- --quick  # a few rounds
//! ```

#[path = "../../guard/by_hand.rs"]
mod by_hand;
#[path = "../../guard/case.rs"]
mod case;
#[path = "../../guard/cases.rs"]
mod cases;
#[path = "../../guard/identities.rs"]
mod identities;
mod login;
#[path = "../../guard/measure.rs"]
mod measure;
#[path = "../../guard/noop.rs"]
mod noop;
mod sessions;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    measure::run(cases::UNIT, async || {
        let mut cases = cases::all()?;
        cases.extend(identities::all().await?);
        cases.extend(sessions::all().await?);
        cases.extend(login::all().await?);
        Ok(cases)
    })
}
