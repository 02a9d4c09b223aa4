//! The sentences of refusal, in one place so that they are alike: one lowercase sentence with the value and the limit, and one line that
//! says what a person can do. None of them quotes the document.

use crate::document::{Refusal, RefusalCode};

const NEW_COPY: &str = "ask the sender for a new copy, or scan the paper again";

pub(super) fn empty() -> Refusal {
    Refusal::new(RefusalCode::Empty, "the file has no bytes", NEW_COPY)
}

pub(super) fn blank_text() -> Refusal {
    Refusal::new(RefusalCode::Empty, "the text file holds only white space", NEW_COPY)
}

pub(super) fn unknown_type(what: &str, advice: &str) -> Refusal {
    Refusal::new(RefusalCode::UnknownType, format!("the file is {what}, which is not read; PDF, TIFF, PNG, JPEG and plain text are"), advice)
}

pub(super) fn locked() -> Refusal {
    Refusal::new(
        RefusalCode::Locked,
        "the PDF is locked with a password",
        "ask the sender for a copy without a password, or open it with the password and save it without one",
    )
}

pub(super) fn locked_otherwise() -> Refusal {
    Refusal::new(RefusalCode::Locked, "the PDF is encrypted for named recipients or in a way that is not known", "ask the sender for a copy without encryption")
}

pub(super) fn damaged(message: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::Damaged, message, NEW_COPY)
}

pub(super) fn no_such_page(number: u32, count: u32) -> Refusal {
    damaged(format!("page {number} was asked for and the document has {count}"))
}

pub(super) fn too_many_pages(count: u64, limit: u32) -> Refusal {
    Refusal::new(RefusalCode::TooManyPages, format!("the document has {count} pages; the limit is {limit}"), "split it into its letters and forms")
}

pub(super) fn more_pages_than(limit: u32) -> Refusal {
    Refusal::new(RefusalCode::TooManyPages, format!("the document has more than {limit} pages; the limit is {limit}"), "split it into its letters and forms")
}

pub(super) fn too_large(message: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::TooLarge, message, "scan the page again at 300 dpi")
}

pub(super) fn too_many_pixels(width: u64, height: u64, limit: u64) -> Refusal {
    too_large(format!("a picture is {width} x {height} px; the limit is {limit} px in all"))
}

pub(super) fn too_many_bytes(bytes: u64, limit: u64) -> Refusal {
    too_large(format!("a picture decompresses to {bytes} bytes; the limit is {limit}"))
}

pub(super) fn too_much_memory(width: u64, height: u64, bytes: u64, limit: u64) -> Refusal {
    too_large(format!("decoding a picture of {width} x {height} px takes {bytes} bytes at once; the limit is {limit}"))
}

pub(super) fn stream_bomb(limit: u64) -> Refusal {
    Refusal::new(
        RefusalCode::TooLarge,
        format!("a stream of the PDF decompresses to more than {limit} bytes; the limit is {limit}"),
        "print the PDF to a new PDF, or scan the paper",
    )
}
