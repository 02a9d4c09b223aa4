//! What kind of post is this, and why: a letter is a kommune's vedtak or something else, a mail is one of thirteen kinds.
//!
//! Both are sorted by words that are weighed; a mail also by what its head and its enclosures say. The reasons are names of cues, never words of the post.

mod letter;
mod mail;

pub use letter::{Sort, Sorted, sort};
pub use mail::{Enclosed, MailKind, MailToSort, Request, SortedMail, own_words, sort_mail};
