//! The integration tests: one binary, so that it links once. They use the real program, real databases and real servers.

mod bad_input;
mod dispatch;
mod drill;
mod end_to_end;
mod forms;
mod forms_shipped;
mod instance;
mod letters;
mod letters_paper;
mod page;
mod page_born_digital;
mod page_corpus;
mod page_files;
mod page_pictures;
mod page_refusals;
mod page_scans;
mod postgres;
mod reader;
mod recognise;
mod recognise_sheet;
mod recognise_typefaces;
mod rooms;
mod smtp;
mod store_contract;
mod vault;
mod vault_keys;
