//! Holds the code to the map in ARCHITECTURE.md: who imports whom, and which room owns which library.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

struct Room {
    imports: BTreeSet<String>,
    owns: BTreeSet<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rooms of the table, by name.
fn map() -> BTreeMap<String, Room> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the map is there");
    let words = |cell: &str| cell.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>();
    text.lines()
        .skip_while(|line| !line.starts_with("| room |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 4, "{line}");
            (cells[0].trim_matches('`').to_owned(), Room { imports: words(cells[2]), owns: words(cells[3]) })
        })
        .collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("src can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !is_test_only(&path) {
            found.push(path);
        }
    }
}

/// Whether the file is a module that its parent has for tests only: `#[cfg(test)]`, then `mod NAME;`.
fn is_test_only(path: &Path) -> bool {
    let (name, folder) = (path.file_stem().expect("a name").to_string_lossy().into_owned(), path.parent().expect("below src"));
    let parents = [folder.join("mod.rs"), folder.with_extension("rs")];
    let declared = format!("#[cfg(test)]\nmod {name};");
    parents.iter().any(|parent| std::fs::read_to_string(parent).is_ok_and(|text| text.contains(&declared)))
}

/// The room a file belongs to: the first part of its path below `src`.
fn room_of(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).expect("below src");
    let first = below.components().next().expect("a first part").as_os_str().to_str().expect("UTF-8");
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file without its tests, comments and doc comments.
fn code_of(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a source file");
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every `NAME` in `crate::NAME` or `postsluse::NAME`, grouped imports included.
fn rooms_named(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for start in ["crate::", "postsluse::"] {
        for (at, _) in code.match_indices(start) {
            let rest = &code[at + start.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                let inside = group.split('}').next().unwrap_or_default();
                named.extend(inside.split(',').filter_map(|item| item.trim().split("::").next()).map(str::to_owned));
            } else {
                named.extend(rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().map(str::to_owned));
            }
        }
    }
    named
}

fn names_library(code: &str, library: &str) -> bool {
    code.match_indices(library).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + library.len()..];
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '.' || c == '"' || c == '/' || c == '-') && after.starts_with("::")
    })
}

#[test]
fn a_room_imports_only_what_the_map_allows() {
    let map = map();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut breaches = Vec::new();
    for file in files {
        let room = room_of(&file);
        if room == "lib" {
            continue;
        }
        let Some(row) = map.get(&room) else {
            breaches.push(format!("the room `{room}` is not on the map"));
            continue;
        };
        for named in rooms_named(&code_of(&file)) {
            if named != room && map.contains_key(&named) && !row.imports.contains(&named) {
                breaches.push(format!("{} imports `{named}`, which the map does not allow", file.strip_prefix(root()).expect("below root").display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn a_library_is_named_in_its_own_room_only() {
    let map = map();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut breaches = Vec::new();
    for file in files {
        let (room, code) = (room_of(&file), code_of(&file));
        for (owner, row) in &map {
            for library in row.owns.iter().filter(|library| *owner != room && names_library(&code, library)) {
                breaches.push(format!("{} names {library}, which `{owner}` owns", file.strip_prefix(root()).expect("below root").display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn arrows_on_the_map_never_make_a_circle() {
    let map = map();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while done.len() < map.len() {
        let next: Vec<&str> = map
            .iter()
            .filter(|(room, row)| !done.contains(room.as_str()) && row.imports.iter().all(|import| done.contains(import.as_str())))
            .map(|(room, _)| room.as_str())
            .collect();
        let left: Vec<_> = map.keys().filter(|room| !done.contains(room.as_str())).collect();
        assert!(!next.is_empty(), "these rooms import each other, or a room that is not on the map: {left:?}");
        done.extend(next);
    }
}
