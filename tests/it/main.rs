//! The integration tests, in one binary so that they link once.

mod forms;
mod forms_shipped;
