//! Archives of files: a ZIP of letters. Office documents are ZIP files too, and stay what they are.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::Closed;

/// A file out of an archive.
#[derive(Debug)]
pub struct Unpacked {
    /// What it is called in there, without its folders.
    pub name: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Whether the bytes are a ZIP that is no document of another kind.
pub fn is_archive(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"PK\x03\x04") && !bytes.starts_with(b"PK\x05\x06") {
        return false;
    }
    ZipArchive::new(Cursor::new(bytes)).map_or(true, |archive| !archive.file_names().any(|name| matches!(name, "[Content_Types].xml" | "mimetype")))
}

/// Its files, as long as they are no more than `files_max` and `room` bytes together.
pub fn unpack(bytes: &[u8], room: u64, files_max: usize) -> Result<Vec<Unpacked>, Closed> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Closed::BrokenArchive)?;
    if archive.len() > files_max {
        return Err(Closed::TooMuch);
    }
    let mut files = Vec::new();
    let mut left = room;
    for index in 0..archive.len() {
        if archive.by_index_raw(index).map_err(|_| Closed::BrokenArchive)?.encrypted() {
            return Err(Closed::LockedArchive);
        }
        let entry = archive.by_index(index).map_err(|_| Closed::BrokenArchive)?;
        // What it says of its size may be a lie: one byte more than there is room for tells.
        if entry.is_dir() || entry.name().starts_with("__MACOSX/") {
            continue;
        }
        let name = entry.name().rsplit(['/', '\\']).next().map(str::to_owned).filter(|name| !name.is_empty());
        let mut bytes = Vec::new();
        entry.take(left + 1).read_to_end(&mut bytes).map_err(|_| Closed::BrokenArchive)?;
        left = left.checked_sub(bytes.len() as u64).ok_or(Closed::TooMuch)?;
        files.push(Unpacked { name, bytes });
    }
    Ok(files)
}
