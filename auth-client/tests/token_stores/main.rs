//! Stores of tokens: the suite that each of them passes, and the token file.

mod every_token_store;
mod token_file;
