//! Postsluse: the airlock between the mail and the case database of IMDi.
//!
//! `ARCHITECTURE.md` has the map of the rooms, the way of a document through them, and the invariants. Start reading at [`pipeline`].

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod audit;
pub mod cases;
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod dispatch;
pub mod document;
pub mod evaluation;
pub mod forms;
pub mod inbox;
pub mod intake;
pub mod letters;
pub mod mail;
pub mod mailbox;
pub mod page;
pub mod paper;
pub mod pipeline;
pub mod reader;
pub mod recognise;
pub mod record;
pub mod registry;
pub mod seal;
pub mod sender;
pub mod sorting;
pub mod spool;
pub mod store;
pub mod transcript;
pub mod validate;
pub mod vault;
pub mod vedtak;
pub mod view;
