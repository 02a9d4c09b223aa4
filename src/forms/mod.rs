//! The forms: read from the top-level `forms/*.xml`, one file a form, and laid out on A4.
//!
//! One XML is the source of everything about a form: the printed blank, the zones that are read, each field's type, sensitivity and legal
//! basis, and the rules between fields. The schema is documented in `docs/forms.md`.

pub mod definition;

pub use definition::{Check, Condition, FieldDef, Form, Labels, OptionDef, PageCode, PageLayout, Print, Rule, Zone, ZoneKind};
