//! The one integration-test binary.

mod page;
mod page_corpus;
mod page_files;
