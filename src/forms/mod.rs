//! The forms: read from the top-level `forms/*.xml`, one file a form, and laid out on A4.
//!
//! One XML is the source of everything about a form: the printed blank, the zones that are read, each field's type, sensitivity and legal
//! basis, and the rules between fields. The schema is documented in `docs/forms.md`. A form goes one way: [`parse`] reads the XML into a
//! small tree, finds out what its elements mean, gives everything its place and checks it; what comes out is a [`Form`], which nobody
//! checks again. Each step goes on after a fault, so that one run tells them all.

mod blank;
mod complaint;
pub mod definition;
mod fields;
mod layout;
mod load;
mod placement;
mod render;
mod rules;
mod source;
mod widths;
mod xml;
mod zones;

pub use blank::{RenderError, render};
pub use complaint::{Complaint, FormErrors};
pub use definition::{Check, Condition, FieldDef, Form, Labels, OptionDef, PageCode, PageLayout, Print, Rule, Zone, ZoneKind};
pub use load::{FormError, load, picture};
pub use render::{BlankError, Canvas, draw};
pub use widths::{Measure, width_mm};
pub use zones::zones_json;

use complaint::Complaints;

/// Reads a form; `file` is what faults call it.
///
/// # Errors
/// Every fault of the form with its line and what to do about it.
pub fn parse(xml: &str, file: &str) -> Result<Form, FormErrors> {
    parse_measured(xml, file, &width_mm)
}

/// [`parse`] with the widths of another font than Liberation Sans.
///
/// # Errors
/// As [`parse`].
pub fn parse_measured(xml: &str, file: &str, measure: Measure<'_>) -> Result<Form, FormErrors> {
    let mut complaints = Complaints::default();
    let form = xml::read(xml, &mut complaints).and_then(|root| source::read(&root, &mut complaints)).map(|form| lay_out(form, measure, &mut complaints));
    match form {
        Some(form) if complaints.is_empty() => Ok(form),
        _ => Err(complaints.into_errors(file)),
    }
}

fn lay_out(source: source::FormSource, measure: Measure<'_>, complaints: &mut Complaints) -> Form {
    let laid = layout::lay(&source, measure, complaints);
    placement::check(&laid, complaints);
    let rules = rules::checked(source.rules, &laid.fields, complaints);
    Form {
        name: source.name,
        version: source.version,
        printed_id: source.printed_id,
        title: source.title,
        languages: source.languages,
        picture: source.picture,
        pages: laid.pages,
        fields: laid.fields,
        rules,
    }
}
