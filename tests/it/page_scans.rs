//! Scanned PDF pages of known content.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::page::{close, first, ink, raster};
use crate::page_files::{BOX, HEIGHT, WIDTH, fax_page, fax_scan, one_page, stream};

#[test]
fn a_group_4_scan_is_delivered_pixel_for_pixel_with_black_ink() {
    for (picture, parameters) in [
        ("/ColorSpace /DeviceGray", ""),
        ("/ColorSpace /DeviceGray", "/BlackIs1 false"),
        ("/ColorSpace /DeviceGray /Decode [1 0]", "/BlackIs1 true"),
        ("/ImageMask true", ""),
        ("/ImageMask true /Decode [1 0]", "/BlackIs1 true"),
        ("/ColorSpace [/Indexed /DeviceRGB 1 <000000ffffff>]", ""),
        ("/ColorSpace [/CalGray << /WhitePoint [0.95 1 1.09] >>]", ""),
    ] {
        let grey = raster(fax_scan(picture, parameters, ""));
        assert_eq!((grey.width, grey.height), (WIDTH as usize, HEIGHT as usize), "{picture} {parameters}");
        assert_eq!(ink(&grey), BOX, "{picture} {parameters}");
        assert!(close(grey.dpi, 150.0), "{picture} {parameters}: {grey:?}");
        assert!(grey.data.chunks_exact(grey.width).skip(200).take(200).all(|row| row[256..320] == [0; 64]), "{picture} {parameters}");
    }
}

#[test]
fn a_scan_stored_as_a_negative_stays_one() {
    for (picture, parameters) in [("/ColorSpace /DeviceGray", "/BlackIs1 true"), ("/ColorSpace /DeviceGray /Decode [1 0]", "")] {
        let grey = raster(fax_scan(picture, parameters, ""));
        assert_eq!((grey.data[0], grey.data[300 * grey.width + 300]), (0, 255), "{picture} {parameters}");
    }
}

#[test]
fn every_rotation_of_the_page_turns_the_scan() {
    let [left, top, right, bottom] = BOX;
    let (w, h) = (WIDTH as usize, HEIGHT as usize);
    for (degrees, size, expected) in [
        (0, (w, h), BOX),
        (90, (h, w), [h - bottom, left, h - top, right]),
        (180, (w, h), [w - right, h - bottom, w - left, h - top]),
        (270, (h, w), [top, w - right, bottom, w - left]),
        (-90, (h, w), [top, w - right, bottom, w - left]),
    ] {
        let grey = raster(fax_scan("/ColorSpace /DeviceGray", "", &format!("/Rotate {degrees}")));
        assert_eq!(((grey.width, grey.height), ink(&grey)), (size, expected), "{degrees}");
    }
}

#[test]
fn a_picture_that_its_matrix_turns_is_turned_back_like_the_page() {
    let [left, top, right, bottom] = BOX;
    let (w, h) = (WIDTH as usize, HEIGHT as usize);
    // Laid on its side on a page that stands on its side, as scanners store pages fed along the short edge.
    let content = "q 0 595 -842 0 842 0 cm /Im Do Q";
    let grey = raster(fax_page(content, "/ColorSpace /DeviceGray", "", "/MediaBox [0 0 842 595]"));
    assert_eq!((grey.width, grey.height), (h, w));
    assert_eq!(ink(&grey), [top, w - right, bottom, w - left]);
    let upside_down = raster(fax_page("q -595 0 0 -842 595 842 cm /Im Do Q", "/ColorSpace /DeviceGray", "", ""));
    assert_eq!(ink(&upside_down), [w - right, h - bottom, w - left, h - top]);
    let mirrored = raster(fax_page("q -595 0 0 842 595 0 cm /Im Do Q", "/ColorSpace /DeviceGray", "", ""));
    assert_eq!(ink(&mirrored), [w - right, top, w - left, bottom]);
}

#[test]
fn what_is_drawn_over_a_scan_is_seen() {
    let grey = raster(fax_page("q 595 0 0 842 0 0 cm /Im Do Q 0 g 297 100 50 50 re f", "/ColorSpace /DeviceGray", "", ""));
    let at = |x: usize, y: usize| grey.data[y * 150 / 72 * grey.width + x * 150 / 72];
    assert!(close(grey.dpi, 150.0), "drawn at the resolution of its picture: {grey:?}");
    assert_eq!((at(320, 842 - 125), at(130, 130), at(20, 20)), (0, 0, 255));
}

#[test]
fn a_white_box_over_a_scan_hides_what_is_under_it() {
    let grey = raster(fax_page("q 595 0 0 842 0 0 cm /Im Do Q 1 g 100 600 100 200 re f", "/ColorSpace /DeviceGray", "", ""));
    assert!(grey.data.iter().all(|&tone| tone > 200));
}

#[test]
fn only_what_the_page_shows_of_a_scan_is_delivered() {
    let grey = raster(fax_scan("/ColorSpace /DeviceGray", "", "/CropBox [0 421 595 842]"));
    assert_eq!((grey.width, grey.height), (1240, 877));
    assert_eq!(ink(&grey), BOX);
}

#[test]
fn an_ocr_layer_is_not_trusted_whether_unseen_or_under_the_picture() {
    for content in [
        "q 595 0 0 842 0 0 cm /Im Do Q BT 3 Tr /F 12 Tf 72 720 Td (Hidden words) Tj ET",
        "BT /F 12 Tf 72 720 Td (Hidden words) Tj ET q 595 0 0 842 0 0 cm /Im Do Q",
    ] {
        let page = first(fax_page(content, "/ColorSpace /DeviceGray", "", ""));
        assert!(page.text.is_none());
        assert_eq!(page.raster.map(|grey| grey.width), Some(WIDTH as usize), "still delivered as a scan");
    }
}

#[test]
fn a_stamp_on_a_scan_is_not_taken_for_the_text_of_the_page() {
    let page = first(fax_page("q 595 0 0 842 0 0 cm /Im Do Q BT /F 12 Tf 72 720 Td (Mottatt) Tj ET", "/ColorSpace /DeviceGray", "", ""));
    assert!(page.text.is_none());
}

#[test]
fn jpeg_and_flate_scans_keep_their_pixels() {
    let (w, h) = (620u32, 877u32);
    let pixels: Vec<u8> = (0..w * h).map(|at| if at % w < w / 2 { 30 } else { 220 }).collect();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 95).encode(&pixels, w, h, ExtendedColorType::L8).expect("it encodes");
    let colour: Vec<u8> = pixels.iter().flat_map(|&tone| [tone, tone, tone]).collect();
    let mut colour_jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut colour_jpeg, 95).encode(&colour, w, h, ExtendedColorType::Rgb8).expect("it encodes");
    let bits: Vec<u8> = pixels
        .chunks_exact(w as usize)
        .flat_map(|row| row.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |all, (at, tone)| all | (tone >> 7) << (7 - at))))
        .collect();
    for (space, bpc, filter, bytes) in [
        ("/DeviceGray", 8, "/Filter /DCTDecode", jpeg),
        ("/DeviceRGB", 8, "/Filter /DCTDecode", colour_jpeg),
        ("/DeviceGray", 8, "", pixels.clone()),
        ("/DeviceRGB", 8, "", colour),
        ("/DeviceGray", 1, "", bits),
    ] {
        let picture = stream(&format!("/Type /XObject /Subtype /Image /Width {w} /Height {h} /BitsPerComponent {bpc} /ColorSpace {space} {filter}"), bytes);
        let grey = raster(one_page("q 595 0 0 842 0 0 cm /Im Do Q", "/XObject << /Im 6 0 R >>", "", &[picture]));
        assert_eq!((grey.width, grey.height), (620, 877), "{space} {bpc} {filter}");
        assert!(close(grey.dpi, 75.0));
        let (dark, light) = (grey.data[400 * 620 + 100], grey.data[400 * 620 + 500]);
        let expected = if bpc == 1 { (0, 255) } else { (30, 220) };
        assert!(dark.abs_diff(expected.0) < 4 && light.abs_diff(expected.1) < 4, "{space} {bpc} {filter}: {dark} {light}");
    }
}

#[test]
fn a_page_of_strips_is_drawn_at_their_resolution() {
    let (w, h) = (1240u32, 877u32);
    let strip = || {
        stream(&format!("/Type /XObject /Subtype /Image /Width {w} /Height {h} /BitsPerComponent 1 /ColorSpace /DeviceGray"), vec![0xff; (w / 8 * h) as usize])
    };
    let page = first(one_page("q 595 0 0 421 0 421 cm /A Do Q q 595 0 0 421 0 0 cm /B Do Q", "/XObject << /A 6 0 R /B 7 0 R >>", "", &[strip(), strip()]));
    assert!(page.text.is_none());
    assert!(close(page.raster.expect("it has a picture").dpi, 150.0));
}

#[test]
fn a_page_as_large_as_its_pixels_is_taken_for_a4() {
    let grey = raster(one_page(
        "q 1240 0 0 1754 0 0 cm /Im Do Q",
        "/XObject << /Im 6 0 R >>",
        "/MediaBox [0 0 1240 1754]",
        &[stream("/Type /XObject /Subtype /Image /Width 1240 /Height 1754 /BitsPerComponent 1 /ColorSpace /DeviceGray", vec![0xff; 155 * 1754])],
    ));
    assert!(close(grey.dpi, 150.0), "{grey:?}");
}
