//! The binding to Tesseract 5: a picture in, characters with their places and confidences out.
//!
//! It goes to `tesseract-sys` directly, because the safe crate above it has no result iterator, and only that gives a confidence for each
//! character. All unsafe code of the crate is in this file. The engine is loaded whole when it is made (networks and dictionaries are read into
//! memory, a first picture is read), so that the sandbox may forbid it to open files afterwards. It runs on one thread: two readers
//! that each start one OpenMP thread a core spend their time waiting for each other (F18).
#![expect(unsafe_code, reason = "a C library; the pointers never leave this file")]

use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int};
use std::path::Path;
use std::ptr;

use tesseract_sys as sys;

use crate::page::Grey;

#[link(name = "gomp")]
unsafe extern "C" {
    fn omp_set_max_active_levels(levels: c_int);
}

/// Tesseract, loaded and warm. It stays on the thread that made it.
///
/// Of `nor+eng` there are three instances. Both languages together read letters and free text, and take twice the time of one. `nor` alone reads
/// lines: it has æ, ø and å, and on typed names and numbers the two together were no better. It does not know `@`, so `eng` alone reads e-mail
/// addresses.
pub struct Engine {
    whole: Api,
    /// The first of several languages alone.
    first: Option<Api>,
    /// English alone, when it is one of several.
    english: Option<Api>,
    name: String,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Engine({})", self.name)
    }
}

/// Why the engine could not be loaded. Final until somebody installs what is missing.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A language is missing.
    #[error("the Tesseract language `{language}` is not installed\n{}", remedy(.language, .tessdata.as_deref()))]
    Language {
        /// The language, as in `languages`.
        language: String,
        /// The folder that was to have it, when one was named.
        tessdata: Option<String>,
    },
    /// The name or path cannot be handed to Tesseract.
    #[error("the Tesseract languages `{0}` cannot be loaded\nname them like this: `nor+eng`")]
    Name(String),
}

fn remedy(language: &str, tessdata: Option<&str>) -> String {
    match tessdata {
        Some(folder) => format!("put {language}.traineddata into {folder}, or leave `tessdata` out and install tesseract-ocr-{}", language.replace('_', "-")),
        None => format!("install it: apt-get install tesseract-ocr-{}", language.replace('_', "-")),
    }
}

/// How the characters in a picture are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One line.
    Line,
    /// One line that is not looked at for words first: what is left for lines in which nothing was found.
    RawLine,
    /// A block of lines.
    Block,
    /// A page with columns.
    Page,
}

/// One character as it was read.
#[derive(Clone)]
pub(super) struct Symbol {
    pub text: String,
    /// 0 to 1, Tesseract's own: not a probability.
    pub confidence: f32,
    /// Left, top, right, bottom, px.
    pub rect: [i32; 4],
    /// Whether it begins a word, a line, a block.
    pub begins: Begins,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Begins {
    Nothing,
    Word,
    Line,
    Block,
}

impl Engine {
    /// Loads the languages, for example `nor+eng`, from `tessdata` or from where Debian keeps them.
    ///
    /// # Errors
    /// When a language is not there; the message says how to get it.
    pub fn new(languages: &str, tessdata: Option<&Path>) -> Result<Self, EngineError> {
        let folder = tessdata.map(|path| path.to_string_lossy().into_owned());
        let wanted: Vec<&str> = languages.split('+').filter(|language| !language.is_empty()).collect();
        let plain = |language: &&str| language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if wanted.is_empty() || !wanted.iter().all(plain) {
            return Err(EngineError::Name(languages.to_owned()));
        }
        // Tesseract asks for four threads by name, so the number of threads that OpenMP is set to does nothing; no parallel region may be active.
        // SAFETY: sets a variable of the OpenMP runtime for the calling thread.
        unsafe { omp_set_max_active_levels(0) };
        let missing = |language: &str| EngineError::Language { language: language.to_owned(), tessdata: folder.clone() };
        let load = |languages: &str| Api::load(languages, folder.as_deref());
        let Some(whole) = load(languages) else {
            // Which one it was is not said. The slow way to find out is good enough for a failure.
            let culprit = wanted.iter().find(|language| load(language).is_none());
            return Err(missing(culprit.unwrap_or(&wanted[0])));
        };
        // Of several languages Tesseract is content to find one.
        let loaded = whole.languages();
        if let Some(language) = wanted.iter().find(|language| !loaded.iter().any(|name| name == *language)) {
            return Err(missing(language));
        }
        let alone = |language: &str| (wanted.len() > 1 && wanted.contains(&language)).then(|| load(language)).flatten();
        let mut engine = Self { whole, first: alone(wanted[0]), english: alone("eng"), name: format!("tesseract {} {languages}", version()) };
        [Some(&mut engine.whole), engine.first.as_mut(), engine.english.as_mut()].into_iter().flatten().for_each(Api::settle);
        Ok(engine)
    }

    /// The engine, its version and its languages, as they stand with each field it read: `tesseract 5.3.0 nor+eng`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The characters of an upright picture, in reading order.
    pub(super) fn read(&mut self, picture: &Grey, layout: Layout) -> Vec<Symbol> {
        match (layout, &mut self.first) {
            (Layout::Line | Layout::RawLine, Some(first)) => first.read(picture, layout),
            _ => self.whole.read(picture, layout),
        }
    }

    /// The same by English alone; none when that is no different.
    pub(super) fn read_english(&mut self, picture: &Grey, layout: Layout) -> Option<Vec<Symbol>> {
        self.english.as_mut().map(|english| english.read(picture, layout))
    }
}

/// One instance of the library.
struct Api(*mut sys::TessBaseAPI);

impl Api {
    fn load(languages: &str, folder: Option<&str>) -> Option<Self> {
        let languages = CString::new(languages).ok()?;
        let folder = folder.map(CString::new).transpose().ok()?;
        // SAFETY: the strings outlive the calls; the handle is deleted on drop.
        unsafe {
            let api = Self(sys::TessBaseAPICreate());
            let path = folder.as_ref().map_or(ptr::null(), |folder| folder.as_ptr());
            (sys::TessBaseAPIInit2(api.0, path, languages.as_ptr(), sys::TessOcrEngineMode_OEM_LSTM_ONLY) == 0).then_some(api)
        }
    }

    fn languages(&self) -> Vec<String> {
        let mut names = Vec::new();
        // SAFETY: the array ends in a null pointer, and is freed with its texts.
        unsafe {
            let array = sys::TessBaseAPIGetLoadedLanguagesAsVector(self.0);
            let mut next: *mut *mut c_char = array;
            while !next.is_null() && !(*next).is_null() {
                names.push(CStr::from_ptr(*next).to_string_lossy().into_owned());
                next = next.add(1);
            }
            if !array.is_null() {
                sys::TessDeleteTextArray(array);
            }
        }
        names
    }

    /// No inverted print on our forms and letters; no learning from one document to the next; the resolution is ours to say. Then one picture
    /// each way, so that whatever is made at first use is made.
    fn settle(&mut self) {
        for (variable, value) in
            [("tessedit_do_invert", "0"), ("tessedit_enable_doc_dict", "0"), ("classify_enable_learning", "0"), ("user_defined_dpi", "300")]
        {
            self.set(variable, value);
        }
        for layout in [Layout::Line, Layout::RawLine, Layout::Block, Layout::Page] {
            self.read(&warm_up_picture(), layout);
        }
    }

    /// The characters of an upright picture, in reading order.
    fn read(&mut self, picture: &Grey, layout: Layout) -> Vec<Symbol> {
        let (Ok(width), Ok(height)) = (c_int::try_from(picture.width), c_int::try_from(picture.height)) else { return Vec::new() };
        if width == 0 || height == 0 || picture.data.len() < picture.width * picture.height {
            return Vec::new();
        }
        let mode = match layout {
            Layout::Line => sys::TessPageSegMode_PSM_SINGLE_LINE,
            Layout::RawLine => sys::TessPageSegMode_PSM_RAW_LINE,
            Layout::Block => sys::TessPageSegMode_PSM_SINGLE_BLOCK,
            Layout::Page => sys::TessPageSegMode_PSM_AUTO,
        };
        // SAFETY: the handle is live until drop; the picture has width * height bytes, one a pixel, and is copied by SetImage.
        let done = unsafe {
            sys::TessBaseAPISetPageSegMode(self.0, mode);
            sys::TessBaseAPISetImage(self.0, picture.data.as_ptr(), width, height, 1, width);
            sys::TessBaseAPISetSourceResolution(self.0, (picture.dpi.round() as c_int).clamp(70, 1200));
            sys::TessBaseAPIRecognize(self.0, ptr::null_mut()) == 0
        };
        let symbols = if done { self.symbols() } else { Vec::new() };
        // SAFETY: as above; frees the picture and the results, which hold what the page says.
        unsafe { sys::TessBaseAPIClear(self.0) };
        symbols
    }

    fn symbols(&mut self) -> Vec<Symbol> {
        const SYMBOL: sys::TessPageIteratorLevel = sys::TessPageIteratorLevel_RIL_SYMBOL;
        let mut found = Vec::new();
        // SAFETY: the iterator is valid until the next recognition and is deleted below; the page iterator is a view of it; texts are copied and freed.
        unsafe {
            let results = sys::TessBaseAPIGetIterator(self.0);
            if results.is_null() {
                return found;
            }
            let page = sys::TessResultIteratorGetPageIterator(results);
            loop {
                let text = sys::TessResultIteratorGetUTF8Text(results, SYMBOL);
                if !text.is_null() {
                    let mut rect: [c_int; 4] = [0; 4];
                    let [left, top, right, bottom] = &mut rect;
                    sys::TessPageIteratorBoundingBox(page, SYMBOL, left, top, right, bottom);
                    let begins = |level| sys::TessPageIteratorIsAtBeginningOf(page, level) != 0;
                    let begins = match () {
                        () if begins(sys::TessPageIteratorLevel_RIL_BLOCK) => Begins::Block,
                        () if begins(sys::TessPageIteratorLevel_RIL_TEXTLINE) => Begins::Line,
                        () if begins(sys::TessPageIteratorLevel_RIL_WORD) => Begins::Word,
                        () => Begins::Nothing,
                    };
                    let confidence = (sys::TessResultIteratorConfidence(results, SYMBOL) / 100.0).clamp(0.0, 1.0);
                    let copy = CStr::from_ptr(text).to_string_lossy().into_owned();
                    sys::TessDeleteText(text);
                    if !copy.trim().is_empty() {
                        found.push(Symbol { text: copy, confidence, rect, begins });
                    }
                }
                if sys::TessResultIteratorNext(results, SYMBOL) == 0 {
                    break;
                }
            }
            sys::TessResultIteratorDelete(results);
        }
        found
    }

    fn set(&mut self, variable: &str, value: &str) {
        let (variable, value) = (CString::new(variable).expect("a literal without zero bytes"), CString::new(value).expect("a literal without zero bytes"));
        // SAFETY: the handle is live and both strings end in a zero byte.
        unsafe { sys::TessBaseAPISetVariable(self.0, variable.as_ptr(), value.as_ptr()) };
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // SAFETY: made by TessBaseAPICreate, deleted once.
        unsafe { sys::TessBaseAPIDelete(self.0) };
    }
}

fn version() -> String {
    // SAFETY: a static string.
    unsafe { CStr::from_ptr(sys::TessVersion()).to_string_lossy().into_owned() }
}

/// A few letters' worth of strokes: enough for every part of the engine to run once.
fn warm_up_picture() -> Grey {
    let (width, height) = (240, 64);
    let stroke = |x: usize, y: usize| (16..48).contains(&y) && (x % 24 < 4 || (x % 24 < 14 && (y % 14) < 4)) && (20..220).contains(&x);
    let data = (0..height).flat_map(|y| (0..width).map(move |x| if stroke(x, y) { 0 } else { 255 })).collect();
    Grey { width, height, data, dpi: 300.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_language_is_named_with_its_remedy() {
        let error = Engine::new("nor+xyz", None).unwrap_err().to_string();
        assert_eq!(error, "the Tesseract language `xyz` is not installed\ninstall it: apt-get install tesseract-ocr-xyz");
        let error = Engine::new("chi_sim", Some(Path::new("/nonexistent"))).unwrap_err().to_string();
        assert!(error.contains("`chi_sim`") && error.contains("/nonexistent"), "{error}");
        assert!(matches!(Engine::new("../etc", None), Err(EngineError::Name(_))));
    }

    /// F18: Tesseract's own threads fight with the readers for the cores.
    #[test]
    fn reading_starts_no_threads() {
        let alone = || {
            let mut engine = Engine::new("nor+eng", None).expect("the languages of the tests are installed");
            engine.read(&warm_up_picture(), Layout::Page);
            // A thread is named after the one that started it.
            let tasks = std::fs::read_dir("/proc/self/task").expect("the threads of this process").flatten();
            let named = tasks.filter(|task| std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "lone-reader"));
            named.count()
        };
        let thread = std::thread::Builder::new().name("lone-reader".into()).spawn(alone).expect("a thread");
        assert_eq!(thread.join().expect("the reading ends"), 1);
    }

    #[test]
    fn the_engine_says_what_it_is() {
        let engine = Engine::new("nor+eng", None).expect("the languages of the tests are installed");
        assert!(engine.name().starts_with("tesseract 5.") && engine.name().ends_with(" nor+eng"), "{}", engine.name());
    }
}
