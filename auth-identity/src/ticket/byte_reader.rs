//! Reads binary formats; numbers are big-endian.

use std::fmt;

use crate::clock::UnixTime;

/// The rest of the input.
pub struct ByteReader<'a>(pub &'a [u8]);

impl fmt::Debug for ByteReader<'_> {
    /// Shows nothing of the bytes, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteReader")
    }
}

impl<'a> ByteReader<'a> {
    /// Reads bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    /// Reads a number of eight bytes.
    #[inline]
    pub fn long(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// Reads a time.
    #[inline]
    pub fn time(&mut self) -> Option<UnixTime> {
        self.long().map(UnixTime::from_secs)
    }

    /// Reads a number of two bytes.
    #[inline]
    pub fn number(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// Reads a text of this many bytes.
    #[inline]
    pub fn text(&mut self, length: usize) -> Option<&'a str> {
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    /// Reads a length and a text.
    #[inline]
    pub fn measured_text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        self.text(length.into())
    }
}
