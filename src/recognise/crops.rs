//! The pictures that a person settles from: of each field that has something in it, all its zones on a page with a little of what is around.

use super::picture::PICTURE_PX_PER_MM;
use super::raster;
use super::read::ZoneReading;
use super::register::Registration;
use super::stray;
use crate::forms::Form;
use crate::page::Grey;
use crate::record::{Crop, RectMm};

/// How much of the surroundings a picture shows, mm; where there is writing beside the field, as far as that is looked for.
const MARGIN_MM: f64 = 2.0;

/// Gives the first reading of every field of page `number` that is not blank, or has writing beside it, a picture of the field.
pub fn attach_crops(readings: &mut [ZoneReading], page: &Grey, form: &Form, number: u32, registration: &Registration) {
    for mine in readings.chunk_by_mut(|one, other| one.field == other.field) {
        let has_stray = mine.iter().any(|reading| reading.stray);
        if !has_stray && mine.iter().all(|reading| reading.mark.is_blank()) {
            continue;
        }
        let zones = form.fields.get(mine[0].field).into_iter().flat_map(|field| &field.zones).filter(|zone| zone.page == number);
        let whole = zones.map(|zone| zone.rect).reduce(RectMm::union);
        mine[0].crop = whole.and_then(|rect| crop(page, registration, rect.inset(if has_stray { -stray::REACH_MM } else { -MARGIN_MM })));
    }
}

fn crop(page: &Grey, registration: &Registration, rect: RectMm) -> Option<Crop> {
    let picture = raster::sample(page, &registration.to_px, rect, PICTURE_PX_PER_MM);
    picture.to_png().map(|png| Crop { png })
}
