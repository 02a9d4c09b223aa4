//! The blanks of all forms as pictures, made when a reader warms up: by them a page is known that no code or mark tells of.
//!
//! Our own blanks are printed from their definition, once a language; a foreign form's blank is the file that its definition names. A reader without fonts
//! still reads: it then knows our own pages by their codes alone.

use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::document::Refusal;
use crate::forms::{self, Form, FormError, PageCode, RenderError};
use crate::page::{self, Grey, Limits};
use crate::paper::Fonts;
use crate::recognise::{self, Footing, Registration, Template};
use crate::record::RectMm;

/// Why the blanks of the forms cannot be used. Final until somebody changes the folder.
#[derive(Debug, thiserror::Error)]
pub enum BlankError {
    /// The picture of a foreign form cannot be read.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A blank of our own cannot be printed.
    #[error("the blank of `{form}` cannot be drawn: {why}")]
    Drawn {
        /// The form.
        form: String,
        /// Why.
        why: RenderError,
    },
    /// A picture that is no picture.
    #[error("{}: {} ({why})\ngive the whole blank as a PDF or as a scan, one upright A4 sheet a page", path.display(), why.message)]
    Picture {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: Refusal,
    },
    /// A picture with other pages than the form.
    #[error("{}: it has {found} pages, and the form has {wanted}\ngive the whole blank, page for page", path.display())]
    Pages {
        /// The file.
        path: PathBuf,
        /// Its pages.
        found: u32,
        /// The form's.
        wanted: usize,
    },
    /// A page with too little print to be known by.
    #[error("{}: page {page} has only {found} places that can be told apart; {} are needed\na page with so little print cannot be known without a page code", path.display(), Template::LANDMARKS_MIN)]
    Plain {
        /// The file.
        path: PathBuf,
        /// The page.
        page: u32,
        /// How many places.
        found: usize,
    },
}

/// The blanks of all forms.
#[derive(Default)]
pub struct Blanks(Vec<Blank>);

/// The blank of one page in one language.
struct Blank {
    code: PageCode,
    /// Whether another body prints it, and no code tells what it is.
    foreign: bool,
    template: Template,
}

impl Blanks {
    /// The blanks of the forms of `folder`; without `fonts` only those that other bodies print.
    ///
    /// # Errors
    /// When a picture that a form names cannot be read, is not the whole blank, or has too little print.
    pub fn of(forms: &[Form], folder: &Path, fonts: Option<&Fonts>) -> Result<Self, BlankError> {
        let mut blanks = Self::default();
        for form in forms {
            match &form.picture {
                Some(file) => blanks.foreign(form, &folder.join(file))?,
                None => fonts.map_or(Ok(()), |fonts| blanks.own(form, fonts))?,
            }
        }
        Ok(blanks)
    }

    fn foreign(&mut self, form: &Form, path: &Path) -> Result<(), BlankError> {
        let bytes = forms::picture(path)?;
        let pictures = pictures(bytes).map_err(|why| BlankError::Picture { path: path.to_owned(), why })?;
        if pictures.len() != form.pages.len() {
            let found = u32::try_from(pictures.len()).unwrap_or(u32::MAX);
            return Err(BlankError::Pages { path: path.to_owned(), found, wanted: form.pages.len() });
        }
        for (picture, layout) in pictures.iter().zip(&form.pages) {
            let template = template(form, layout.number, picture);
            if template.is_plain() {
                return Err(BlankError::Plain { path: path.to_owned(), page: layout.number, found: template.landmarks() });
            }
            self.0.push(Blank { code: form.page_code(layout.number, "nb"), foreign: true, template });
        }
        Ok(())
    }

    fn own(&mut self, form: &Form, fonts: &Fonts) -> Result<(), BlankError> {
        for language in &form.languages {
            let printed = forms::render(form, language, fonts, Timestamp::UNIX_EPOCH).map_err(|why| BlankError::Drawn { form: form.name.clone(), why })?;
            // What we drew ourselves can be opened.
            for (picture, layout) in pictures(printed).unwrap_or_default().iter().zip(&form.pages) {
                let template = template(form, layout.number, picture);
                if !template.is_plain() {
                    self.0.push(Blank { code: form.page_code(layout.number, language), foreign: false, template });
                }
            }
        }
        Ok(())
    }

    /// Which page of which form it is, and where it lies on the picture; none when it is none of them. A form that has no code is vouched for when all of its
    /// print is there.
    #[must_use]
    pub fn find(&self, page: &Grey) -> Option<(PageCode, Registration)> {
        let (index, mut found) = recognise::find_by_print(self.0.iter().map(|blank| &blank.template), page)?;
        let blank = &self.0[index];
        if blank.foreign && blank.template.is_whole(page, &found.to_px) {
            found.footing = Footing::Print;
        }
        Some((blank.code.clone(), found))
    }

    /// The same for a page that is known from its code.
    #[must_use]
    pub fn find_page(&self, code: &PageCode, page: &Grey) -> Option<Registration> {
        recognise::find_by_print(self.of_page(code), page).map(|(_, found)| Registration { footing: Footing::Print, ..found })
    }

    /// A better registration than one that rests on little: the page's print, looked for near where that has it.
    #[must_use]
    pub fn better(&self, code: &PageCode, page: &Grey, than: &Registration) -> Option<Registration> {
        self.of_page(code).find_map(|template| template.near(page, &than.to_px)).filter(|found| found.footing < than.footing)
    }

    /// The blank of a page.
    #[must_use]
    pub fn page<'a>(&'a self, code: &'a PageCode) -> Option<&'a Template> {
        self.of_page(code).next()
    }

    fn of_page<'a>(&'a self, code: &'a PageCode) -> impl Iterator<Item = &'a Template> {
        self.0.iter().filter(move |blank| blank.code == *code).map(|blank| &blank.template)
    }
}

/// Every page of a file of our own making or choosing.
fn pictures(bytes: Vec<u8>) -> Result<Vec<Grey>, Refusal> {
    let mut source = page::open(bytes, &Limits::default())?;
    (1..=source.page_count()).filter_map(|number| source.page(number).map(|page| page.raster).transpose()).collect()
}

fn template(form: &Form, page: u32, picture: &Grey) -> Template {
    let zones: Vec<RectMm> = form.zones_on(page).map(|(_, zone)| zone.rect).collect();
    Template::of(picture, &zones)
}
