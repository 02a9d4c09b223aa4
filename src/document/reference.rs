//! `Vår ref`: year, case and document in the office's number series, written `26-00012-2`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Our reference. Cases are numbered from the office's start number each year, documents from 1 within their case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct OurRef {
    /// The year of the case, 2000 to 2099.
    pub year: u16,
    /// The number of the case in its year.
    pub case: u32,
    /// The number of the document in its case.
    pub document: u32,
}

impl fmt::Display for OurRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:05}-{}", self.year % 100, self.case, self.document)
    }
}

/// Text that is not a reference of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a reference\na reference looks like 26-00012-2: year, case, document")]
pub struct RefError {
    text: String,
}

impl FromStr for OurRef {
    type Err = RefError;

    fn from_str(text: &str) -> Result<Self, RefError> {
        parse(text).ok_or_else(|| RefError { text: text.to_owned() })
    }
}

impl From<OurRef> for String {
    fn from(reference: OurRef) -> Self {
        reference.to_string()
    }
}

impl TryFrom<String> for OurRef {
    type Error = RefError;

    fn try_from(text: String) -> Result<Self, RefError> {
        text.parse()
    }
}

fn parse(text: &str) -> Option<OurRef> {
    let mut parts = text.split('-');
    let (year, case, document) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some() || year.len() != 2 || case.len() < 5 || ![year, case, document].into_iter().all(digits) {
        return None;
    }
    let parsed = OurRef { year: 2000 + year.parse::<u16>().ok()?, case: case.parse().ok()?, document: document.parse().ok()? };
    (parsed.to_string() == text).then_some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_written_as_the_directorate_writes_it() {
        assert_eq!(OurRef { year: 2021, case: 2547, document: 1 }.to_string(), "21-02547-1");
        assert_eq!(OurRef { year: 2026, case: 123_456, document: 12 }.to_string(), "26-123456-12");
        for wrong in
            ["", "26-00012", "26-12-2", "2026-00012-2", "26-00012-02", "26-000012-2", "26-00012-2-1", "26-0001a-2", "26-00012--2", "26-00012-99999999999"]
        {
            assert!(wrong.parse::<OurRef>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_reference_is_read_as_it_was_written(year in 2000_u16..2100, case: u32, document: u32) {
            let reference = OurRef { year, case, document };
            prop_assert_eq!(reference.to_string().parse::<OurRef>(), Ok(reference));
        }

        #[test]
        fn any_text_is_refused_or_written_back(text in "[0-9-]{0,20}") {
            if let Ok(reference) = text.parse::<OurRef>() {
                prop_assert_eq!(reference.to_string(), text);
            }
        }
    }
}
