//! `winmail.dat`: what Outlook sends when it thinks that the other side is Outlook too. The files in it and the message's plain words are taken out.
//!
//! The format is Microsoft's \[MS-OXTNEF\]: a signature, a key, then attributes, each with a level, an id, a length, its bytes and their sum.

use super::Closed;
use super::archive::Unpacked;

const SIGNATURE: [u8; 4] = 0x223e_9f78_u32.to_le_bytes();
/// A new file begins (attAttachRenddata).
const RENDER_DATA: u32 = 0x0006_9002;
/// Its name (attAttachTitle), ended by a NUL.
const TITLE: u32 = 0x0001_8010;
/// Its bytes (attAttachData).
const DATA: u32 = 0x0006_800f;
/// Its other properties (attAttachment); among them the long name.
const PROPERTIES: u32 = 0x0006_9005;
/// The words of the message (attBody).
const BODY: u32 = 0x0002_800c;
/// The long name of a file among its properties (`PidTagAttachLongFilename`), as 8-bit and as UTF-16 characters.
const LONG_NAME: [[u8; 4]; 2] = [0x3707_001e_u32.to_le_bytes(), 0x3707_001f_u32.to_le_bytes()];

pub fn is_tnef(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE)
}

/// The files in it.
pub fn unpack(bytes: &[u8]) -> Result<Vec<Unpacked>, Closed> {
    let mut rest = bytes.get(6..).ok_or(Closed::BrokenArchive)?;
    let mut files: Vec<Unpacked> = Vec::new();
    let mut words = None;
    while !rest.is_empty() {
        let (attribute, after) = attribute(rest).ok_or(Closed::BrokenArchive)?;
        rest = after;
        match (attribute.id, files.last_mut()) {
            (RENDER_DATA, _) => files.push(Unpacked { name: None, bytes: Vec::new() }),
            (TITLE, Some(file)) if file.name.is_none() => file.name = text(attribute.data),
            (DATA, Some(file)) => file.bytes = attribute.data.to_vec(),
            (PROPERTIES, Some(file)) => file.name = long_name(attribute.data).or_else(|| file.name.take()),
            (BODY, _) => words = Some(attribute.data.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()),
            _ => {}
        }
    }
    files.retain(|file| !file.bytes.is_empty());
    files.splice(0..0, words.filter(|words| !words.trim_ascii().is_empty()).map(|bytes| Unpacked { name: None, bytes }));
    Ok(files)
}

struct Attribute<'a> {
    id: u32,
    data: &'a [u8],
}

/// The first attribute and what follows it; none when its length or its sum is wrong.
fn attribute(bytes: &[u8]) -> Option<(Attribute<'_>, &[u8])> {
    let number = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let (id, length) = (number(1)?, usize::try_from(number(5)?).ok()?);
    let data = bytes.get(9..9_usize.checked_add(length)?)?;
    let sum = u16::from_le_bytes(bytes.get(9 + length..11 + length)?.try_into().ok()?);
    let is_sum = data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte))) == sum;
    is_sum.then_some((Attribute { id, data }, &bytes[11 + length..]))
}

fn text(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.split(|byte| *byte == 0).next()?;
    crate::page::decode_text(bytes).filter(|text| !text.is_empty())
}

/// The long name: after its tag the number of values, the length in bytes, and the characters.
fn long_name(properties: &[u8]) -> Option<String> {
    let at = properties.windows(4).position(|tag| LONG_NAME.contains(&tag.try_into().unwrap_or_default()))?;
    let wide = properties[at] == LONG_NAME[1][0];
    let length = u32::from_le_bytes(properties.get(at + 8..at + 12)?.try_into().ok()?);
    let bytes = properties.get(at + 12..at + 12 + usize::try_from(length).ok()?)?;
    if wide {
        let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).take_while(|unit| *unit != 0);
        return char::decode_utf16(units).collect::<Result<String, _>>().ok().filter(|name| !name.is_empty());
    }
    text(bytes)
}
