//! TIFF, PNG and JPEG of known content.

use image::ExtendedColorType;
use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use postsluse::document::Media;
use postsluse::page::{Limits, open};
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder, colortype};

use crate::page::{close, ink, raster};
use crate::page_files::{BOX, Directory, Value, cmyk_jpeg, exif, fax_directory, fax_scan, group3_white, tiff, with_segments};

fn png(width: u32, height: u32, colour: png::ColorType, depth: png::BitDepth, set: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>), data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    set(&mut encoder);
    encoder.write_header().expect("a header").write_image_data(data).expect("the data");
    bytes
}

fn per_metre(dots: u32) -> png::PixelDimensions {
    png::PixelDimensions { xppu: dots, yppu: dots, unit: png::Unit::Meter }
}

#[test]
fn png_of_every_kind_becomes_grey_on_white_paper() {
    use png::{BitDepth, ColorType};
    let grey = |bytes| raster(bytes).data;
    let plain = |_: &mut png::Encoder<'_, &mut Vec<u8>>| {};
    assert_eq!(grey(png(2, 1, ColorType::Grayscale, BitDepth::Eight, plain, &[10, 200])), [10, 200]);
    assert_eq!(grey(png(2, 1, ColorType::Grayscale, BitDepth::Sixteen, plain, &[10, 99, 200, 1])), [10, 200]);
    assert_eq!(grey(png(8, 1, ColorType::Grayscale, BitDepth::One, plain, &[0b0101_0000])), [0, 255, 0, 255, 0, 0, 0, 0]);
    assert_eq!(grey(png(2, 1, ColorType::GrayscaleAlpha, BitDepth::Eight, plain, &[0, 0, 0, 255])), [255, 0]);
    assert_eq!(grey(png(2, 1, ColorType::Rgb, BitDepth::Eight, plain, &[255, 255, 255, 255, 0, 0])), [255, 77]);
    assert_eq!(grey(png(2, 1, ColorType::Rgba, BitDepth::Eight, plain, &[0, 0, 0, 0, 0, 0, 0, 255])), [255, 0]);
    let palette = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| {
        encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
        encoder.set_trns(vec![0]);
    };
    assert_eq!(grey(png(2, 1, ColorType::Indexed, BitDepth::Eight, palette, &[0, 1])), [255, 255], "a clear black entry shows the paper");
}

#[test]
fn png_states_its_resolution_or_is_taken_for_a4() {
    let page = |dots: Option<u32>| {
        raster(png(1654, 2339, png::ColorType::Grayscale, png::BitDepth::One, |encoder| encoder.set_pixel_dims(dots.map(per_metre)), &vec![0xff; 207 * 2339]))
            .dpi
    };
    assert!(close(page(Some(7874)), 200.0));
    assert!(close(page(None), 200.0));
    assert!(close(page(Some(2835)), 200.0), "72 dpi is a default, no resolution");
    assert!(close(page(Some(9449)), 240.0), "what is stated and makes a page is believed");
}

/// Issue text: a 20,000 px image is read at a smaller scale.
#[test]
fn a_huge_png_is_read_at_a_smaller_scale() {
    let side = 20_000;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().expect("a header");
    let mut rows = writer.stream_writer().expect("a stream");
    for y in 0..side {
        let row = vec![if y < side / 2 { 0 } else { 0xff }; side as usize / 8];
        std::io::Write::write_all(&mut rows, &row).expect("a row");
    }
    rows.finish().expect("an end");
    drop(writer);
    let grey = raster(bytes);
    assert_eq!((grey.width, grey.height), (5000, 5000));
    assert!(close(grey.dpi, 5000.0 / (297.0 / 25.4)));
    assert_eq!((grey.data[0], grey.data[5000 * 2499], grey.data[5000 * 2500], grey.data[24_999_999]), (0, 0, 255, 255));
}

fn jpeg(width: u32, height: u32, tone: impl Fn(u32, u32) -> u8, density: Option<u16>) -> Vec<u8> {
    let pixels: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| tone(x, y)).collect();
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    if let Some(density) = density {
        encoder.set_pixel_density(PixelDensity::dpi(density));
    }
    encoder.encode(&pixels, width, height, ExtendedColorType::L8).expect("it encodes");
    bytes
}

#[test]
fn jpeg_states_its_resolution_in_jfif_or_exif() {
    let plain = jpeg(1240, 1754, |_, _| 255, None);
    assert!(close(raster(jpeg(1240, 1754, |_, _| 255, Some(140))).dpi, 140.0));
    assert!(close(raster(plain.clone()).dpi, 150.0));
    assert!(close(raster(with_segments(&plain, &[(0xe1, &exif(1, 160))])).dpi, 160.0));
    let per_cm = b"JFIF\0\x01\x02\x02\x00\x32\x00\x32\0\0";
    assert!(close(raster(with_segments(&plain, &[(0xe0, per_cm)])).dpi, 127.0));
}

#[test]
fn jpeg_is_turned_as_exif_says() {
    // Dark at the left; orientation 6 turns the left edge to the top, 8 to the bottom, 3 to the right.
    let plain = jpeg(640, 320, |x, _| if x < 160 { 0 } else { 255 }, None);
    for (orientation, size, expected) in
        [(1, (640, 320), [0, 0, 160, 320]), (3, (640, 320), [480, 0, 640, 320]), (6, (320, 640), [0, 0, 320, 160]), (8, (320, 640), [0, 480, 320, 640])]
    {
        let grey = raster(with_segments(&plain, &[(0xe1, &exif(orientation, 300))]));
        assert_eq!(((grey.width, grey.height), ink(&grey)), (size, expected), "{orientation}");
    }
}

#[test]
fn a_huge_jpeg_is_read_at_a_smaller_scale() {
    let grey = raster(jpeg(10_400, 400, |x, _| if x < 5200 { 0 } else { 255 }, None));
    // An eighth is too small, a half leaves 5200 px, which are halved again.
    assert_eq!((grey.width, grey.height), (2600, 100));
    assert_eq!(ink(&grey), [0, 0, 1300, 100]);
}

#[test]
fn the_inks_of_adobe_are_stored_inverted() {
    let tone = |inks| raster(cmyk_jpeg(inks)).data[27];
    assert!(tone([255, 255, 255, 255]) > 250, "no ink");
    assert!(tone([255, 255, 255, 0]) < 5, "full black");
    assert!((150..200).contains(&tone([0, 255, 255, 255])), "full cyan is not dark");
}

#[test]
fn a_group_4_tiff_has_black_ink_whatever_its_bits_mean() {
    let read = |directory: Directory| raster(tiff(&[directory]));
    let grey = read(fax_directory(0, &[]));
    assert_eq!((grey.width, grey.height, ink(&grey)), (1240, 1754, BOX));
    assert!(close(grey.dpi, 140.0));
    let negative = read(fax_directory(1, &[]));
    assert_eq!((negative.data[0], negative.data[300 * 1240 + 300]), (0, 255), "black is zero: the fax code's white is ink");
    let mut reversed = fax_directory(0, &[(266, Value::Short(2))]);
    reversed.strip.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    assert_eq!(ink(&read(reversed)), BOX, "lowest bit first");
}

#[test]
fn tiff_is_turned_and_measured_as_its_tags_say() {
    let read = |extra: &[(u16, Value)]| raster(tiff(&[fax_directory(0, extra)]));
    let turned = read(&[(274, Value::Short(6))]);
    assert_eq!((turned.width, turned.height, ink(&turned)), (1754, 1240, [1354, 256, 1554, 320]));
    let metric = read(&[(282, Value::Rational(100, 2)), (283, Value::Rational(100, 2)), (296, Value::Short(3))]);
    assert!(close(metric.dpi, 127.0));
    let unstated = read(&[(282, Value::Rational(1, 1)), (283, Value::Rational(1, 1)), (296, Value::Short(1))]);
    assert!(close(unstated.dpi, 150.0));
}

#[test]
fn a_group_3_fax_of_low_resolution_becomes_square() {
    let rows = 1078;
    let directory = fax_directory(
        0,
        &[
            (256, Value::Long(1728)),
            (257, Value::Long(rows)),
            (259, Value::Short(3)),
            (278, Value::Long(rows)),
            (282, Value::Rational(204, 1)),
            (283, Value::Rational(98, 1)),
            (292, Value::Long(0)),
        ],
    );
    let grey = raster(tiff(&[Directory { strip: group3_white(rows as usize), ..directory }]));
    assert_eq!((grey.width, grey.height), (1728, 2244));
    assert!(close(grey.dpi, 204.0));
    assert!(grey.data.iter().all(|&tone| tone == 255));
}

#[test]
fn tiff_of_every_packing_and_colour_gives_the_same_page() {
    fn encode<C: colortype::ColorType>(packing: Compression, data: &[C::Inner]) -> Vec<u8>
    where
        [C::Inner]: tiff::encoder::TiffValue,
    {
        let mut bytes = std::io::Cursor::new(Vec::new());
        TiffEncoder::new(&mut bytes).expect("a file").with_compression(packing).write_image::<C>(4, 2, data).expect("a page");
        bytes.into_inner()
    }
    let tones = [0u8, 50, 100, 255, 255, 7, 8, 9];
    let wide: Vec<u16> = tones.iter().map(|&tone| u16::from(tone) << 8 | 0x7f).collect();
    let colour: Vec<u8> = tones.iter().flat_map(|&tone| [tone; 3]).collect();
    let clear: Vec<u8> = tones.iter().flat_map(|&tone| [tone, tone, tone, 255]).collect();
    for packing in [Compression::Uncompressed, Compression::Lzw, Compression::Deflate(DeflateLevel::Fast), Compression::Packbits] {
        assert_eq!(raster(encode::<colortype::Gray8>(packing, &tones)).data, tones);
        assert_eq!(raster(encode::<colortype::RGB8>(packing, &colour)).data, tones);
    }
    assert_eq!(raster(encode::<colortype::Gray16>(Compression::Lzw, &wide)).data, tones);
    assert_eq!(raster(encode::<colortype::RGBA8>(Compression::Lzw, &clear)).data, tones);
    let inks: Vec<u8> = tones.iter().flat_map(|&tone| [0, 0, 0, 255 - tone]).collect();
    assert_eq!(raster(encode::<colortype::CMYK8>(Compression::Lzw, &inks)).data, tones);
}

#[test]
fn bits_of_an_unpacked_tiff_mean_what_it_says() {
    let read = |photometric: u16, order: u16, byte: u8| {
        let tags = [(256, 8), (257, 1), (258, 1), (259, 1), (262, photometric), (266, order), (277, 1), (278, 1)];
        raster(tiff(&[Directory { tags: tags.into_iter().map(|(tag, value)| (tag, Value::Short(value))).collect(), strip: vec![byte] }])).data
    };
    let expected = [0, 0, 255, 255, 255, 255, 255, 255];
    assert_eq!(read(1, 1, 0b0011_1111), expected);
    assert_eq!(read(0, 1, 0b1100_0000), expected);
    assert_eq!(read(1, 2, 0b1111_1100), expected);
    assert_eq!(read(0, 2, 0b0000_0011), expected);
}

#[test]
fn a_tiff_of_many_pages_leaves_its_thumbnails_out() {
    let pages = [fax_directory(0, &[]), fax_directory(0, &[(254, Value::Long(1))]), fax_directory(1, &[(254, Value::Long(2))])];
    let mut source = open(tiff(&pages), &Limits::default()).expect("it opens");
    assert_eq!((source.media(), source.page_count()), (Media::Tiff, 2));
    let tones: Vec<u8> = (1..=2).map(|number| source.page(number).expect("a page").raster.expect("a picture").data[0]).collect();
    assert_eq!(tones, [255, 0]);
    assert_eq!(source.page(1).expect("again").raster.expect("a picture").data[0], 255, "pages come in any order");
}

#[test]
fn a_large_fax_is_averaged_down_row_by_row() {
    let limits = Limits { long_side_px_max: 900, ..Limits::default() };
    for (bytes, stated) in [(tiff(&[fax_directory(0, &[])]), 140.0), (fax_scan("/ColorSpace /DeviceGray", "", ""), 150.0)] {
        let grey = open(bytes, &limits).expect("it opens").page(1).expect("it is read").raster.expect("a picture");
        assert_eq!((grey.width, grey.height, ink(&grey)), (620, 877, BOX.map(|edge| edge / 2)));
        assert!(close(grey.dpi, stated / 2.0));
    }
}
