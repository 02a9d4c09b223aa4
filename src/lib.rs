//! Postsluse: the airlock between the mail and the case database of IMDi.
//!
//! `ARCHITECTURE.md` has the map of the rooms, the way of a document through them, and the invariants. Start reading at [`pipeline`].

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod clock;
pub mod dispatch;
pub mod document;
pub mod forms;
pub mod letters;
pub mod page;
pub mod paper;
pub mod record;
