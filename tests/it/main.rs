//! The one integration-test binary.

mod page;
mod page_born_digital;
mod page_corpus;
mod page_files;
mod page_pictures;
mod page_refusals;
mod page_scans;
