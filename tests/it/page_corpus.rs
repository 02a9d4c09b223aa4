//! Reads a folder of odd and broken documents, by hand: `POSTSLUSE_ODD_FOLDER=... cargo test --test it odd_documents -- --ignored --nocapture`.

use postsluse::page::{Limits, Page, open};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// None may panic past `open` and `page`, and each page is delivered or refused with a sentence.
#[test]
#[ignore = "needs a folder of odd documents, named in POSTSLUSE_ODD_FOLDER"]
fn odd_documents_are_read_or_refused() {
    let Some(folder) = std::env::var_os("POSTSLUSE_ODD_FOLDER") else {
        println!("POSTSLUSE_ODD_FOLDER is not set: nothing to read");
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).expect("the folder can be listed").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the folder is empty");
    for file in files {
        let bytes = std::fs::read(&file).expect("the file can be read");
        let name = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let start = Instant::now();
        match open(bytes, &Limits::default()) {
            Err(refusal) => println!("{name}: {} {}", refusal.code.as_str(), refusal.message),
            Ok(mut source) => {
                println!("{name}: {source:?}");
                for number in 1..=source.page_count().min(12) {
                    let began = Instant::now();
                    match source.page(number) {
                        Err(refusal) => println!("    {number}: {} {}", refusal.code.as_str(), refusal.message),
                        Ok(page) => {
                            let words = page.text.as_ref().map(|text| text.lines.iter().map(|line| line.words.len()).sum::<usize>());
                            println!("    {number}: {:?} words {words:?} {} ms", page.raster, began.elapsed().as_millis());
                            if let Some(out) = std::env::var_os("POSTSLUSE_ODD_OUT") {
                                keep(&PathBuf::from(out).join(format!("{name}.{number}")), &page);
                            }
                        }
                    }
                }
            }
        }
        assert!(start.elapsed() < Duration::from_mins(2), "{name} takes too long");
    }
}

/// Writes what was read beside each other, to be looked at: `.pgm` and `.txt`.
fn keep(to: &Path, page: &Page) {
    if let Some(raster) = &page.raster {
        let mut picture = format!("P5\n{} {}\n255\n", raster.width, raster.height).into_bytes();
        picture.extend(&raster.data);
        std::fs::write(to.with_added_extension("pgm"), picture).expect("the folder can be written");
    }
    if let Some(text) = &page.text {
        let lines: Vec<String> = text.lines.iter().map(|line| line.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")).collect();
        std::fs::write(to.with_added_extension("txt"), lines.join("\n")).expect("the folder can be written");
    }
}
