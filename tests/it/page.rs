//! Reading a page in a test, and looking at what came.

use postsluse::document::Refusal;
use postsluse::page::{Grey, Limits, Page, TextLayer, open};

use crate::page_files::one_page;

pub fn first(bytes: Vec<u8>) -> Page {
    open(bytes, &Limits::default()).expect("it opens").page(1).expect("it is read")
}

pub fn raster(bytes: Vec<u8>) -> Grey {
    first(bytes).raster.expect("it has a picture")
}

pub fn refusal(bytes: Vec<u8>) -> Refusal {
    refusal_within(bytes, &Limits::default())
}

pub fn refusal_within(bytes: Vec<u8>, limits: &Limits) -> Refusal {
    match open(bytes, limits) {
        Err(refusal) => refusal,
        Ok(mut source) => source.page(1).expect_err("it is refused"),
    }
}

/// Left, top, right, bottom of what is darker than the middle grey.
pub fn ink(grey: &Grey) -> [usize; 4] {
    let dark: Vec<(usize, usize)> = grey.data.iter().enumerate().filter(|(_, tone)| **tone < 128).map(|(at, _)| (at % grey.width, at / grey.width)).collect();
    let (xs, ys): (Vec<usize>, Vec<usize>) = dark.into_iter().unzip();
    let edge = |values: &[usize]| (*values.iter().min().expect("some ink"), *values.iter().max().expect("some ink") + 1);
    let ((left, right), (top, bottom)) = (edge(&xs), edge(&ys));
    [left, top, right, bottom]
}

pub fn close(dpi: f64, to: f64) -> bool {
    (dpi / to - 1.0).abs() < 0.003
}

pub fn words(layer: &TextLayer) -> Vec<Vec<&str>> {
    layer.lines.iter().map(|line| line.words.iter().map(|word| word.text.as_str()).collect()).collect()
}

pub fn text_of(content: &str) -> Option<Vec<Vec<String>>> {
    let page = first(one_page(content, "", "", &[]));
    page.text.map(|layer| words(&layer).into_iter().map(|line| line.into_iter().map(str::to_owned).collect()).collect())
}
