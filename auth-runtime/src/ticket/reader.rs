//! Reads binary formats; numbers are big-endian.

use crate::clock::UnixTime;

/// The rest of the input.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    #[inline]
    pub(crate) fn long(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    #[inline]
    pub(crate) fn time(&mut self) -> Option<UnixTime> {
        self.long().map(UnixTime::from_secs)
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    #[inline]
    pub(crate) fn text(&mut self, length: usize) -> Option<&'a str> {
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    /// Reads a length and a text.
    #[inline]
    pub(crate) fn measured_text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        self.text(length.into())
    }
}
