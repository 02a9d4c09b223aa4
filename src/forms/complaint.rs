//! What is wrong with a form's XML: every fault with its line and with what to do, all of them at once.
//!
//! A form is written by hand, and a writer who is told one fault a run gives up. Complaints are collected until nothing more can be
//! learnt from the file, then told in the order of its lines.

use std::fmt;

/// No file is told more than this many faults; by then one of the first is the cause of the others.
const COMPLAINTS_MAX: usize = 200;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, lowercase, with the value and the limit.
    pub message: String,
    /// What to do about it.
    pub advice: String,
}

/// Every fault of one file, by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormErrors {
    /// The file, as it was named to [`crate::forms::parse`].
    pub file: String,
    /// At least one.
    pub complaints: Vec<Complaint>,
}

impl fmt::Display for FormErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, complaint) in self.complaints.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{}:{}: {}\n    {}", self.file, complaint.line, complaint.message, complaint.advice)?;
        }
        Ok(())
    }
}

impl std::error::Error for FormErrors {}

/// Where faults are gathered while a form is read.
#[derive(Debug, Default)]
pub(super) struct Complaints(Vec<Complaint>);

impl Complaints {
    /// Adds a fault. Told once, however often it is found: a repeated block is read once a repetition.
    pub(super) fn add(&mut self, line: u32, message: impl Into<String>, advice: impl Into<String>) {
        let complaint = Complaint { line, message: message.into(), advice: advice.into() };
        if self.0.len() < COMPLAINTS_MAX && !self.0.contains(&complaint) {
            self.0.push(complaint);
        }
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults in the order of their lines.
    pub(super) fn into_errors(mut self, file: &str) -> FormErrors {
        self.0.sort_by_key(|complaint| complaint.line);
        FormErrors { file: file.to_owned(), complaints: self.0 }
    }
}
