//! Random ids of rows.

use crate::error::Failure;

/// Returns a new id: 80 random bits, in hexadecimal.
pub(crate) fn new_id() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(bytes.split_at_mut(6).1).map_err(Failure::unavailable)?;
    Ok(format!("{:020x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_twenty_characters_and_differ() {
        let (one, other) = (new_id().unwrap(), new_id().unwrap());
        assert_eq!((one.len(), other.len()), (20, 20));
        assert_ne!(one, other);
    }
}
