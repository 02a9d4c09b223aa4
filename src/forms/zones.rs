//! The zones of a form as JSON, for programs that fill in or check forms: `postsluse forms zones NAME --json`, contracts version 1.

use serde_json::{Map, Value, json};

use super::definition::{FieldDef, Form, Zone};
use super::layout::PAGE;
use crate::record::RectMm;

/// `{"v":1,"form","version","page_mm","pages","fields":[{"name","type","sensitivity","zones":[...]}]}`: millimetres from the page's top
/// left, pages from 1. A comb has `cells_mm` in reading order, a box of a choice has the `option` it stands for.
#[must_use]
pub fn zones_json(form: &Form) -> Value {
    json!({
        "v": 1,
        "form": form.name,
        "version": form.version,
        "page_mm": PAGE.map(number),
        "pages": form.pages.len(),
        "fields": form.fields.iter().map(field_json).collect::<Vec<_>>(),
    })
}

fn field_json(field: &FieldDef) -> Value {
    json!({
        "name": field.name,
        "type": field.kind.name(),
        "sensitivity": field.sensitivity,
        "zones": field.zones.iter().map(zone_json).collect::<Vec<_>>(),
    })
}

fn zone_json(zone: &Zone) -> Value {
    let mut object = Map::new();
    object.insert("page".into(), zone.page.into());
    object.insert("kind".into(), zone.kind.name().into());
    object.insert("rect_mm".into(), rect(zone.rect));
    if !zone.cells.is_empty() {
        object.insert("cells_mm".into(), zone.cells.iter().copied().map(rect).collect());
    }
    if let Some(option) = &zone.option {
        object.insert("option".into(), option.as_str().into());
    }
    Value::Object(object)
}

fn rect(rect: RectMm) -> Value {
    rect.0.map(number).to_vec().into()
}

/// Whole millimetres without a decimal point: `210`, not `210.0`.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
fn number(mm: f64) -> Value {
    if mm.fract() == 0.0 && mm.abs() < 1e6 { Value::from(mm as i64) } else { Value::from(mm) }
}
