//! Where `read --debug-dir` puts pictures of pages: a folder and files that only their owner can read, none written over.

use anyhow::Context;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::pipeline::counted;
use crate::record::{PagePicture, Reading};

/// A document's name is cut to so many characters, so that there is room for the page's number.
const STEM_CHARACTERS_MAX: usize = 60;
/// So many documents of one name are kept apart.
const SAME_NAMES_MAX: u32 = 10_000;

/// A folder of pictures.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`; it is made, closed to others, if it is not there.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("cannot make the folder {}\nname one in a folder that exists and that you may write", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    /// Writes the pictures of one document, and notes what is out of the ordinary on standard error.
    pub(super) fn keep(&self, document: &Path, reading: &Reading) -> anyhow::Result<()> {
        let stem = document.file_stem().unwrap_or_default().to_string_lossy();
        let stem: String = stem.chars().take(STEM_CHARACTERS_MAX).collect();
        let name = self.free_name(&stem, &reading.pictures)?;
        for picture in &reading.pictures {
            let path = self.path(&name, picture);
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            file.and_then(|mut file| file.write_all(&picture.png))
                .with_context(|| format!("cannot write {}\nsee that the folder can be written and has room", path.display()))?;
        }
        let without = u32::try_from(reading.pictures.len()).map_or(0, |with| reading.pages.saturating_sub(with));
        if name != stem && !reading.pictures.is_empty() {
            eprintln!("note: {} has pictures named {stem} already; those of {} are named {name}", self.0.display(), document.display());
        }
        if without > 0 {
            eprintln!("note: {} of {} could not be drawn, or there are too many", counted(without, "page"), document.display());
        }
        Ok(())
    }

    /// A name under which none of the pictures is there yet: `stem`, else `stem.2` and so on.
    fn free_name(&self, stem: &str, pictures: &[PagePicture]) -> anyhow::Result<String> {
        let is_taken = |name: &String| pictures.iter().any(|picture| self.path(name, picture).symlink_metadata().is_ok());
        let mut names = std::iter::once(stem.to_owned()).chain((2..=SAME_NAMES_MAX).map(|number| format!("{stem}.{number}")));
        names.find(|name| !is_taken(name)).with_context(|| {
            format!("{} holds the pictures of {SAME_NAMES_MAX} documents named {stem}\nname another folder, or empty this one", self.0.display())
        })
    }

    fn path(&self, name: &str, picture: &PagePicture) -> PathBuf {
        self.0.join(format!("{name}-{}.png", picture.page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn reading(png: &[u8]) -> Reading {
        let pictures = [1, 2].map(|page| PagePicture { page, png: png.to_vec() });
        Reading { parts: vec![], pages: 2, pictures: pictures.into(), ms: 0 }
    }

    #[test]
    fn nothing_is_written_over_and_nobody_else_can_read() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("new/pictures");
        let folder = Folder::open(&path).expect("a new folder");
        folder.keep(Path::new("a/skjema.pdf"), &reading(b"first")).expect("room");
        folder.keep(Path::new("b/skjema.tif"), &reading(b"second")).expect("room");
        // A link that leads nowhere takes a name too: writing through it would write elsewhere.
        std::os::unix::fs::symlink(root.path().join("elsewhere"), path.join("skjema.3-2.png")).expect("a link");
        Folder::open(&path).expect("it is there").keep(Path::new("skjema.png"), &reading(b"third")).expect("room");
        for (name, holds) in [("skjema", "first"), ("skjema.2", "second"), ("skjema.4", "third")] {
            for page in [1, 2] {
                let file = path.join(format!("{name}-{page}.png"));
                assert_eq!(std::fs::read_to_string(&file).expect("written"), holds, "{name}");
                assert_eq!(file.metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
            }
        }
        assert_eq!(path.metadata().expect("it is there").permissions().mode() & 0o777, 0o700);
        assert!(!root.path().join("elsewhere").exists());
    }

    #[test]
    fn a_long_name_is_cut_to_make_room() {
        let root = tempfile::tempdir().expect("a folder");
        let long = format!("{}.pdf", "å".repeat(120));
        Folder::open(root.path()).expect("it is there").keep(Path::new(&long), &reading(b"x")).expect("a name the file system takes");
    }
}
