//! What every letter to a kommune shares: who it goes to, its references and its date, and the way from a filled-in template to the PDF.

use super::templates::Filled;
use super::words::{NAME_MAX, REF_MAX, one_line, written_date};
use super::{Language, Letter, LetterError, Office};
use crate::clock::{Date, Timestamp};
use crate::document::OurRef;
use crate::paper::{Fonts, LetterSheet, Letterhead, PageWords};

/// What stands around the words of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The kommune as it calls itself in running text: `Sortland kommune`.
    pub kommune: String,
    /// Who the letter is addressed to, one entry a line: the kommune and its postal address.
    pub address: Vec<String>,
    /// The kommune's own reference, from its letter.
    pub deres_ref: Option<String>,
    /// Our reference.
    pub our_ref: OurRef,
    /// The date of the letter.
    pub date: Date,
    /// The language of the letter: the kommune's målform.
    pub language: Language,
}

/// What the templates of all letters speak of.
pub(super) struct Common<'a> {
    pub(super) office: &'a Office,
    pub(super) office_name: &'a str,
    /// The telephone number, which does not break over two lines.
    pub(super) phone: String,
    pub(super) kommune: String,
    pub(super) our_ref: OurRef,
}

impl Frame {
    pub(super) fn common<'a>(&self, office: &'a Office) -> Common<'a> {
        Common {
            office,
            office_name: office.name_in(self.language),
            phone: office.phone.replace(' ', "\u{A0}"),
            kommune: one_line(&self.kommune, NAME_MAX),
            our_ref: self.our_ref,
        }
    }

    /// The letter around a filled-in template. `kind` is what its file is called before our reference.
    pub(super) fn letter(&self, kind: &str, filled: &Filled, office: &Office, fonts: &Fonts, created: Timestamp) -> Result<Letter, LetterError> {
        let written = filled.letter()?;
        let sheet = LetterSheet {
            title: written.subject.clone(),
            language: self.language.code().to_owned(),
            author: office.name_in(self.language).to_owned(),
            created,
            letterhead: Letterhead { name: office.name_in(self.language).to_owned(), lines: office.letterhead_lines() },
            address: self.address.iter().map(|line| one_line(line, NAME_MAX)).filter(|line| !line.is_empty()).collect(),
            references: vec![
                (self.their_ref().to_owned(), self.deres_ref.as_deref().map_or_else(String::new, |reference| one_line(reference, REF_MAX))),
                ("Vår ref".to_owned(), self.our_ref.to_string()),
                ("Dato".to_owned(), written_date(self.date)),
            ],
            blocks: written.letter,
            running_head: format!("{}  |  Vår ref: {}", office.short_name, self.our_ref),
            page_words: PageWords { page: "Side".to_owned(), of: "av".to_owned() },
        };
        let pdf = sheet.pdf(fonts)?;
        Ok(Letter { pdf, pdf_name: format!("{kind}-{}.pdf", self.our_ref), subject: written.subject, body_text: written.mail })
    }

    fn their_ref(&self) -> &'static str {
        match self.language {
            Language::Bokmaal => "Deres ref",
            Language::Nynorsk => "Dykkar ref",
        }
    }
}
