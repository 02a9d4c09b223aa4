mod bad_input;
mod drill;
mod end_to_end;
mod instance;
mod rooms;
//! All integration tests, in one binary: it links once.

mod vault;
mod vault_keys;
//! The integration tests: one binary, one module a room.

mod dispatch;
mod letters;
mod letters_paper;
//! The integration tests, in one binary.

mod postgres;
mod store_contract;
//! The integration tests: one binary, one module a room.

mod reader;
//! The integration tests, as one binary.

mod recognise;
mod recognise_sheet;
//! The integration tests, in one binary so that they link once.

mod forms;
mod forms_shipped;
mod smtp;
//! The one integration-test binary.

mod page;
mod page_corpus;
mod page_files;
