//! Stores of tokens: the suite that each of them passes, and the token file.

mod stores;
mod token_file;
