//! The words of a message, as a person sees them.

use mail_parser::decoders::html::html_to_text;
use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders, PartType};

use crate::page;

/// The words of `message`, whose bytes are `raw`: its plain text, else what its HTML says.
pub fn text(message: &Message<'_>, raw: &[u8], bytes_max: usize) -> String {
    let words = |part: &MessagePart<'_>| match &part.body {
        PartType::Text(text) => Some(mended(part, text, raw)),
        PartType::Html(html) => Some(words_of_html(html)),
        _ => None,
    };
    let plain: Vec<String> = message.text_bodies().filter_map(words).collect();
    let shown = if plain.iter().any(|text| !text.trim().is_empty()) { plain } else { message.html_bodies().filter_map(words).collect() };
    let mut text = shown.join("\n\n").replace("\r\n", "\n").replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), " ");
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
    }
    text
}

/// A text whose character set is not named, or is not what it says, was written in Windows-1252 by a program that thinks everybody does.
fn mended(part: &MessagePart<'_>, text: &str, raw: &[u8]) -> String {
    if !text.contains(char::REPLACEMENT_CHARACTER) || part.content_type().and_then(|kind| kind.attribute("charset")).is_some_and(|set| !is_unicode(set)) {
        return text.to_owned();
    }
    let bytes = raw.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(bytes.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(bytes),
        Encoding::Base64 => base64_decode(bytes),
    };
    bytes.and_then(|bytes| page::decode_text(&bytes)).unwrap_or_else(|| text.to_owned())
}

fn is_unicode(set: &str) -> bool {
    set.to_ascii_lowercase().starts_with("utf")
}

/// The words of HTML, a line for each block and row.
pub fn words_of_html(html: &str) -> String {
    const BLOCKS: [&str; 13] = ["</div", "</tr", "</li", "</h1", "</h2", "</h3", "</h4", "</blockquote", "</ul", "</ol", "</table", "</p", "<hr"];
    let lower = html.to_ascii_lowercase();
    let mut lines = String::with_capacity(html.len() + html.len() / 8);
    let mut done = 0;
    for (at, _) in lower.match_indices('<') {
        let pause = if BLOCKS.iter().any(|block| lower[at..].starts_with(block)) {
            "<br>"
        } else if ["</td", "</th"].iter().any(|cell| lower[at..].starts_with(cell)) {
            " "
        } else {
            continue;
        };
        lines.push_str(&html[done..at]);
        lines.push_str(pause);
        done = at;
    }
    lines.push_str(&html[done..]);
    html_to_text(&lines)
}
