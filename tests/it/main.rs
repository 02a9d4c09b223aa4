//! All integration tests, in one binary: it links once.

mod vault;
mod vault_keys;
