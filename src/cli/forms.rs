//! `postsluse forms`: check a definition, render its blank, print its zones, list what is there.

use anyhow::Context;
use std::path::PathBuf;

use super::{Common, Ending, output, setup};
use crate::forms::{self, Form};
use crate::paper::Fonts;
use crate::pipeline::counted;

/// What to do with forms.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check form definitions; every error is printed with its line
    Check {
        /// The XML files. Without any: all in the folder of forms
        files: Vec<PathBuf>,
    },
    /// Make the blank form as a PDF
    Render {
        /// The form's name
        name: String,
        /// The language of the labels
        #[arg(long, default_value = "nb")]
        lang: String,
        /// The PDF to write
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Print the zones of a form, in millimetres, for programs that fill or check it
    Zones {
        /// The form's name
        name: String,
    },
    /// List the forms
    List,
}

pub(super) fn run(common: &Common, command: &Command) -> anyhow::Result<Ending> {
    let config = setup::optional_config(common)?;
    let folder = setup::forms_folder(common, config.as_ref());
    match command {
        Command::Check { files } if files.is_empty() => check(&xml_files(&folder)?),
        Command::Check { files } => check(files),
        Command::Render { name, lang, output } => {
            let form = find(forms::load(&folder)?, name)?;
            let fonts = Fonts::load(config.as_ref().and_then(|config| config.fonts.as_deref()))?;
            let pdf = forms::render(&form, lang, &fonts, setup::clock().now())?;
            std::fs::write(output, pdf).with_context(|| format!("cannot write {}", output.display()))?;
            Ok(Ending::Good)
        }
        Command::Zones { name } => {
            output::json_line(&forms::zones_json(&find(forms::load(&folder)?, name)?))?;
            Ok(Ending::Good)
        }
        Command::List => {
            for form in forms::load(&folder)? {
                if common.json {
                    output::json_line(&serde_json::json!({
                        "v": 1, "form": form.name, "version": form.version, "printed_id": form.printed_id, "pages": form.pages.len(),
                        "fields": form.fields.len(), "languages": form.languages, "title": form.title.get("nb"),
                    }))?;
                } else {
                    output::line(&format!(
                        "{:<16} version {:<4} {}, {}, {}  {}",
                        form.name,
                        form.version,
                        counted(form.pages.len(), "page"),
                        counted(form.fields.len(), "field"),
                        form.languages.join(" "),
                        form.title.get("nb")
                    ))?;
                }
            }
            Ok(Ending::Good)
        }
    }
}

fn find(forms: Vec<Form>, name: &str) -> anyhow::Result<Form> {
    let known: Vec<_> = forms.iter().map(|form| form.name.clone()).collect();
    forms.into_iter().find(|form| form.name == name).with_context(|| format!("there is no form named `{name}`\nthe forms are: {}", known.join(", ")))
}

fn xml_files(folder: &std::path::Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read the folder of forms {}\nname it with --forms", folder.display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ending| ending == "xml")).collect();
    files.sort();
    anyhow::ensure!(!files.is_empty(), "{} holds no form\na form is one XML file; docs/forms.md says how it is written", folder.display());
    Ok(files)
}

fn check(files: &[PathBuf]) -> anyhow::Result<Ending> {
    let mut ending = Ending::Good;
    for file in files {
        let name = file.display().to_string();
        let xml = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        match forms::parse(&xml, &name) {
            Ok(form) => {
                output::line(&format!(
                    "{name}: {} version {} is sound: {}, {}",
                    form.name,
                    form.version,
                    counted(form.pages.len(), "page"),
                    counted(form.fields.len(), "field")
                ))?;
            }
            Err(errors) => {
                output::line(&errors.to_string())?;
                ending = Ending::Wanting;
            }
        }
    }
    Ok(ending)
}
