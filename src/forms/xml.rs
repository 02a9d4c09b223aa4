//! A form's XML as a small tree of elements with their lines, and nothing else of XML.
//!
//! Only what forms need is let in: elements, attributes, comments. Text between elements, CDATA, processing instructions, entities of
//! one's own and document types are refused, and size, depth and number of elements are bounded, so that a tree is always small enough
//! to be walked by recursion. What the elements mean is not known here.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::complaint::Complaints;

/// The largest XML that is read, bytes. The first form has about 30 kB.
pub(super) const BYTES_MAX: usize = 256 * 1024;
/// The deepest nesting of elements.
const DEPTH_MAX: usize = 12;
/// The most elements in a file.
const ELEMENTS_MAX: usize = 4000;

/// An element with its attributes and children, in the order of the file.
#[derive(Debug, Clone)]
pub(super) struct Element {
    /// Its name.
    pub(super) name: String,
    /// The line of its start tag, from 1.
    pub(super) line: u32,
    /// Names and values; white space within a value is one space each.
    pub(super) attributes: Vec<(String, String)>,
    /// The elements in it.
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The children with this name.
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// This element with every `{n}` in its attributes, and in those of its descendants, replaced by `number`.
    pub(super) fn instance(&self, number: u32) -> Self {
        let digits = number.to_string();
        Self {
            name: self.name.clone(),
            line: self.line,
            attributes: self.attributes.iter().map(|(name, value)| (name.clone(), value.replace("{n}", &digits))).collect(),
            children: self.children.iter().map(|child| child.instance(number)).collect(),
        }
    }
}

/// Reads the tree. None when the file is not XML, or more than we take: then the last complaint says why.
pub(super) fn read(xml: &str, complaints: &mut Complaints) -> Option<Element> {
    if xml.len() > BYTES_MAX {
        let message = format!("the file has {} bytes; the limit is {BYTES_MAX}", xml.len());
        complaints.add(1, message, "split the form in two, or move what is not part of it elsewhere");
        return None;
    }
    Tree { lines: Lines::of(xml), open: Vec::new(), root: None, elements: 0, complaints }.build(xml)
}

struct Tree<'a> {
    lines: Lines,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    complaints: &'a mut Complaints,
}

impl Tree<'_> {
    fn build(mut self, xml: &str) -> Option<Element> {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_comments = true;
        loop {
            let at = self.lines.at(reader.buffer_position());
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let line = self.lines.at(reader.error_position());
                    self.complaints.add(line, format!("this is not well-formed XML: {error}"), "mend the XML here; what follows was not read");
                    return None;
                }
            };
            match event {
                Event::Start(tag) => self.start(&tag, at)?,
                Event::Empty(tag) => {
                    self.start(&tag, at)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Eof => return self.finish(at),
                Event::Comment(_) | Event::Decl(_) => {}
                Event::Text(text) if text.chars().all(char::is_whitespace) => {}
                Event::Text(text) => {
                    let before = text.chars().take_while(|character| character.is_whitespace()).filter(|character| *character == '\n').count();
                    self.text(at + u32::try_from(before).unwrap_or(0));
                }
                Event::CData(_) | Event::GeneralRef(_) => self.text(at),
                Event::PI(_) => self.complaints.add(at, "a processing instruction means nothing in a form", "take it out"),
                Event::DocType(_) => {
                    self.complaints.add(
                        at,
                        "a document type (DTD) is refused: it can pull in other files",
                        "take the <!DOCTYPE ...> out; what follows was not read",
                    );
                    return None;
                }
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, line: u32) -> Option<()> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            self.complaints.add(line, format!("the file has more than {ELEMENTS_MAX} elements"), "split the form in two");
            return None;
        }
        if self.open.len() >= DEPTH_MAX {
            self.complaints.add(
                line,
                format!("elements are nested deeper than {DEPTH_MAX}"),
                "no form needs this; see docs/forms.md for which element may stand where",
            );
            return None;
        }
        if self.open.is_empty() && self.root.is_some() {
            self.complaints.add(line, "a second outermost element", "a file holds one <form>; put the other form in a file of its own");
            return None;
        }
        let attributes = self.attributes(tag, line);
        self.open.push(Element { name: tag.name().into_inner().to_owned(), line, attributes, children: Vec::new() });
        Some(())
    }

    fn attributes(&mut self, tag: &BytesStart<'_>, line: u32) -> Vec<(String, String)> {
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let value = attribute.map_err(quick_xml::Error::from).and_then(|found| {
                let value = found.normalized_value(XmlVersion::Implicit1_0)?;
                Ok((found.key.into_inner().to_owned(), value.split_whitespace().collect::<Vec<_>>().join(" ")))
            });
            match value {
                Ok(pair) => attributes.push(pair),
                Err(error) => self.complaints.add(
                    line,
                    format!("an attribute of this element cannot be read: {error}"),
                    "write name=\"value\", each name once, & as &amp; and < as &lt;",
                ),
            }
        }
        attributes
    }

    fn end(&mut self) {
        if let Some(element) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => self.root = Some(element),
            }
        }
    }

    fn text(&mut self, line: u32) {
        self.complaints.add(line, "text between elements", "text on the blank stands in attributes: <text nb=\"...\" nn=\"...\"/>");
    }

    fn finish(self, line: u32) -> Option<Element> {
        if let Some(open) = self.open.last() {
            self.complaints.add(open.line, format!("<{}> is never closed", open.name), format!("write </{}>", open.name));
            return None;
        }
        if self.root.is_none() {
            self.complaints.add(line, "the file holds no element", "a form starts with <form name=\"...\" version=\"1\" ...>");
        }
        self.root
    }
}

/// Where lines start, to tell the line of a byte.
struct Lines(Vec<u64>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next)).collect())
    }

    fn at(&self, position: u64) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= position)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(xml: &str) -> Vec<(u32, String)> {
        let mut complaints = Complaints::default();
        assert!(read(xml, &mut complaints).is_none() || !complaints.is_empty());
        complaints.into_errors("x.xml").complaints.into_iter().map(|complaint| (complaint.line, complaint.message)).collect()
    }

    #[test]
    fn elements_know_their_lines_and_values_have_plain_spaces() {
        let mut complaints = Complaints::default();
        let root = read("<?xml version=\"1.0\"?>\n<form\n  a=\"en\n   to &amp; tre\">\n <!-- x -->\n <page/>\n</form>\n", &mut complaints).expect("a tree");
        assert!(complaints.is_empty());
        assert_eq!((root.name.as_str(), root.line, root.get("a")), ("form", 2, Some("en to & tre")));
        assert_eq!(root.children.iter().map(|child| (child.name.as_str(), child.line)).collect::<Vec<_>>(), [("page", 6)]);
        assert_eq!(root.get("b"), None);
    }

    #[test]
    fn what_is_not_a_forms_xml_is_refused_with_its_line() {
        for (xml, line, words) in [
            ("", 1, "no element"),
            ("<a>\n<b>\n</a>", 3, "not well-formed"),
            ("<a>\n<b>\n", 2, "<b> is never closed"),
            ("<a/>\n<b/>", 2, "second outermost"),
            ("<a>\n\n  tekst</a>", 3, "text between"),
            ("<a>\n<![CDATA[x]]></a>", 2, "text between"),
            ("<a>\n&eksempel;</a>", 2, "text between"),
            ("\n<!DOCTYPE a [<!ENTITY x \"y\">]>\n<a/>", 2, "document type"),
            ("<a>\n<?php x ?></a>", 2, "processing instruction"),
            ("<a>\n<b c=\"1\" c=\"2\"/></a>", 2, "cannot be read"),
            ("<a>\n<b c=\"&ukjent;\"/></a>", 2, "cannot be read"),
        ] {
            let faults = faults(xml);
            assert!(faults.iter().any(|(at, message)| *at == line && message.contains(words)), "{xml}: {faults:?}");
        }
    }

    #[test]
    fn size_depth_and_number_are_bounded() {
        assert!(faults(&" ".repeat(BYTES_MAX + 1))[0].1.contains("262145 bytes; the limit is 262144"));
        assert!(faults(&format!("{}{}", "<a>".repeat(13), "</a>".repeat(13)))[0].1.contains("deeper than 12"));
        assert!(faults(&format!("<a>{}</a>", "<b/>".repeat(ELEMENTS_MAX)))[0].1.contains("more than 4000"));
    }
}
