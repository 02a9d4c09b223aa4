//! The folder of forms: every `*.xml` in it is a form, and a form is known by its name.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::complaint::FormErrors;
use super::definition::Form;
use super::parse;
use super::xml::BYTES_MAX;

/// The most bytes of a picture of a blank.
const PICTURE_BYTES_MAX: u64 = 32 << 20;

/// Why the forms of a folder cannot be used. Final until somebody changes the folder.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// The folder or a file in it cannot be read.
    #[error("{path}: cannot be read: {source}\nname the folder that holds the forms (forms/privatboende.xml)")]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A form that is larger than any form, or no text.
    #[error("{path}: is no form: {why}\nforms are XML in UTF-8; see docs/forms.md")]
    NoForm {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The picture that a form names cannot be read.
    #[error("{path}: the picture of the blank cannot be read: {source}\nlay it beside the form's file, under the name that `picture` gives")]
    NoPicture {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A picture that is larger than any blank.
    #[error("{path}: the picture of the blank has more than {limit} bytes\ngive it as a PDF, or as a scan at 200 to 300 dpi")]
    LargePicture {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// Forms with faults, each with its lines.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<FormErrors>),
    /// Two files that say they are the same form.
    #[error("{first} and {second} are both the form `{name}` version {version}\ngive one of them another name or version")]
    Twice {
        /// The form's name.
        name: String,
        /// The form's version.
        version: String,
        /// One file.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A folder without a form.
    #[error("{path}: there is no form in it\nname the folder that holds the forms (forms/privatboende.xml)")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// Loads every form of a folder, in the order of the files' names. Several versions of a form may lie side by side: paper lives long.
///
/// # Errors
/// When the folder cannot be read or holds no form, a form has faults (all faults of all files are told), the picture of a foreign form is not there, or
/// two files are the same form.
pub fn load(dir: &Path) -> Result<Vec<Form>, FormError> {
    let (mut forms, mut faults): (Vec<(PathBuf, Form)>, Vec<FormErrors>) = (Vec::new(), Vec::new());
    for path in files(dir)? {
        match parse(&text(&path)?, &path.display().to_string()) {
            Ok(form) => forms.push((path, form)),
            Err(errors) => faults.push(errors),
        }
    }
    if !faults.is_empty() {
        return Err(FormError::Faults(faults));
    }
    if forms.is_empty() {
        return Err(FormError::Empty { path: dir.to_owned() });
    }
    // The readers open it; whoever loads the forms is told before that when it is not there.
    for path in forms.iter().filter_map(|(_, form)| Some(dir.join(form.picture.as_ref()?))) {
        path.metadata().map_err(|source| FormError::NoPicture { path, source })?;
    }
    for (index, (second, form)) in forms.iter().enumerate() {
        if let Some((first, _)) = forms[..index].iter().find(|(_, other)| other.name == form.name && other.version == form.version) {
            return Err(FormError::Twice { name: form.name.clone(), version: form.version.clone(), first: first.clone(), second: second.clone() });
        }
    }
    Ok(forms.into_iter().map(|(_, form)| form).collect())
}

/// The bytes of the file with a form's blank.
///
/// # Errors
/// When it cannot be read or is larger than any blank.
pub fn picture(path: &Path) -> Result<Vec<u8>, FormError> {
    let unreadable = |source| FormError::NoPicture { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(PICTURE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > PICTURE_BYTES_MAX {
        return Err(FormError::LargePicture { path: path.to_owned(), limit: PICTURE_BYTES_MAX });
    }
    Ok(bytes)
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, FormError> {
    let unreadable = |source| FormError::Unreadable { path: dir.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn text(path: &Path) -> Result<String, FormError> {
    let unreadable = |source| FormError::Unreadable { path: path.to_owned(), source };
    let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let no_form = |why: String| FormError::NoForm { path: path.to_owned(), why };
    if bytes.len() > BYTES_MAX {
        return Err(no_form(format!("it has more than {BYTES_MAX} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|error| no_form(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
