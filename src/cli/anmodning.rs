//! `postsluse anmodning`: what kommuner are asked for, by when they are to answer, and what has come of it.

use anyhow::Context;
use serde_json::json;
use std::path::{Path, PathBuf};

use super::{Common, Ending, output, setup};
use crate::cases::{self, Anmodning, Known, Places, Status};
use crate::clock::Date;
use crate::pipeline::counted;
use crate::pipeline::register::{open_anmodning, open_register};
use crate::registry::{dates, kommuner};
use crate::store::{AnmodningFilter, AnmodningRow, KommuneRegister, TaskFilter};

/// What to do with anmodninger.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Take a list of anmodninger (CSV: kommunenummer, aar, `enslige_voksne_familier`, `em_15_18`, `em_under_15`, svarfrist; sendt and totalt if you have them)
    Import {
        /// The list
        file: PathBuf,
        /// The list is right where the register says otherwise
        #[arg(long)]
        replace: bool,
    },
    /// Take a list of what kommuner have registered in `IMDinett` and hold it against their vedtak (CSV: as above, with registrert instead of svarfrist)
    Registrations {
        /// The list
        file: PathBuf,
    },
    /// List the anmodninger with their status
    List {
        /// Only of this year
        #[arg(long, value_name = "YEAR")]
        aar: Option<i16>,
        /// Only those that stand here: `ikke_svart`, purret, svart, bekreftet, returnert
        #[arg(long, value_parser = status)]
        status: Option<Status>,
    },
    /// Show what is registered of a kommune and a year: the anmodning, its deadlines, every vedtak, what is to be followed up
    Show {
        /// Kommunenummer
        #[arg(value_parser = kommune)]
        kommune: String,
        /// The year
        aar: i16,
    },
    /// Move the deadline of an anmodning. The reason is read from standard input
    Deadline {
        /// Kommunenummer
        #[arg(value_parser = kommune)]
        kommune: String,
        /// The year
        aar: i16,
        /// The new deadline, such as 2026-03-26
        #[arg(value_parser = date)]
        to: Date,
    },
    /// Send an answer back: the kommune is to answer again. The reason is read from standard input
    Return {
        /// Kommunenummer
        #[arg(value_parser = kommune)]
        kommune: String,
        /// The year
        aar: i16,
        /// By when, such as 2026-03-26
        #[arg(value_parser = date)]
        by: Date,
    },
    /// Confirm the answer of a kommune
    Confirm {
        /// Kommunenummer
        #[arg(value_parser = kommune)]
        kommune: String,
        /// The year
        aar: i16,
    },
}

pub(super) async fn run(common: &Common, command: &Command) -> anyhow::Result<Ending> {
    let desk = setup::desk(common).await?;
    let actor = setup::actor();
    match command {
        Command::Import { file, replace } => {
            let imported = desk.import_anmodninger(&cases::anmodninger(&read(file)?)?, *replace, actor).await?;
            if common.json {
                output::json_line(
                    &json!({"v": 1, "added": imported.added, "changed": imported.changed, "unchanged": imported.unchanged, "overdue": imported.overdue}),
                )?;
            } else {
                output::line(&format!("{} added, {} changed, {} as they were", imported.added, imported.changed, imported.unchanged))?;
                if imported.overdue > 0 {
                    let many = counted(imported.overdue, "deadline");
                    output::line(&format!("{many} over already: nobody is reminded of these, unless the deadline is moved (`postsluse anmodning deadline`)"))?;
                }
            }
        }
        Command::Registrations { file } => {
            let reconciled = desk.import_registrations(&cases::registrations(&read(file)?)?, actor).await?;
            let names = |list: &[(String, i16)]| list.iter().map(|(kommune, year)| format!("{kommune}/{year}")).collect::<Vec<_>>();
            let (differ, without) = (names(&reconciled.differ), names(&reconciled.without_vedtak));
            if common.json {
                output::json_line(&json!({"v": 1, "agree": names(&reconciled.agree), "differ": differ, "without_vedtak": without}))?;
            } else {
                output::line(&format!("{} as in the vedtak", counted(reconciled.agree.len(), "registration")))?;
                for name in &differ {
                    output::line(&format!("  {name}: not as in the vedtak; `postsluse tasks list` has the task"))?;
                }
                for name in &without {
                    output::line(&format!("  {name}: no vedtak that it could be held against"))?;
                }
            }
            return Ok(if reconciled.differ.is_empty() { Ending::Good } else { Ending::Wanting });
        }
        Command::List { aar, status } => {
            let rows = desk.store.anmodninger(&AnmodningFilter { kommune: None, year: *aar, status: *status }).await?;
            for row in rows {
                let anmodning = open_anmodning(&desk.vault, &row)?;
                let (known, register) = open_register(&desk.store, &desk.vault, &row.kommune).await?;
                if common.json {
                    output::json_line(&shown(&row, &anmodning, &known, &register))?;
                } else {
                    output::line(&line(&row, &anmodning, &known))?;
                }
            }
        }
        Command::Show { kommune, aar } => return show(common, &desk, kommune, *aar).await,
        Command::Deadline { kommune, aar, to } => {
            desk.move_deadline(kommune, *aar, *to, &reason()?, actor).await?;
            output::line(&format!("{kommune}/{aar} is to be answered by {to}"))?;
        }
        Command::Return { kommune, aar, by } => {
            desk.return_answer(kommune, *aar, *by, &reason()?, actor).await?;
            output::line(&format!("the answer of {kommune}/{aar} is returned; another is wanted by {by}"))?;
        }
        Command::Confirm { kommune, aar } => {
            desk.confirm_answer(kommune, *aar, actor).await?;
            output::line(&format!("the answer of {kommune}/{aar} is confirmed"))?;
        }
    }
    Ok(Ending::Good)
}

async fn show(common: &Common, desk: &crate::pipeline::Desk, kommune: &str, year: i16) -> anyhow::Result<Ending> {
    let (known, register) = open_register(&desk.store, &desk.vault, kommune).await?;
    let row = register.anmodninger.iter().find(|row| row.year == year);
    let vedtak: Vec<_> = register.vedtak.iter().filter(|vedtak| vedtak.year == year).collect();
    anyhow::ensure!(
        row.is_some() || !vedtak.is_empty(),
        "nothing is registered of kommune {kommune} for {year}\n`postsluse anmodning import` takes a list of anmodninger"
    );
    let opened = row.map(|row| Ok::<_, anyhow::Error>((row, open_anmodning(&desk.vault, row)?))).transpose()?;
    let tasks = desk.store.tasks(TaskFilter { about: Some((kommune.to_owned(), year)), ..TaskFilter::default() }).await?;
    if common.json {
        let mut value =
            opened.as_ref().map_or_else(|| json!({"v": 1, "kommune": kommune, "aar": year}), |(row, anmodning)| shown(row, anmodning, &known, &register));
        value["vedtak"] = vedtak
            .iter()
            .map(|vedtak| json!({"version": vedtak.version, "record": vedtak.record, "our_ref": vedtak.our_ref, "relation": vedtak.relation.as_str(), "at": vedtak.created_at.to_string()}))
            .collect();
        value["tasks"] = tasks.iter().map(|task| json!({"task": task.id, "code": task.code, "record": task.record})).collect();
        output::json_line(&value)?;
        return Ok(Ending::Good);
    }
    match &opened {
        Some((row, anmodning)) => {
            output::line(&line(row, anmodning, &known))?;
            for moved in &anmodning.moved {
                output::line(&format!("  {}: frist flyttet fra {} til {}: {}", moved.on, moved.from, moved.to, output::one_line(&moved.reason)))?;
            }
            if let Some(registered) = &anmodning.registered {
                let on = registered.on.map(|date| format!(" {date}")).unwrap_or_default();
                output::line(&format!("  i IMDinett{on}: {}", places(&registered.places)))?;
            }
        }
        None => output::line(&format!("{year}  {kommune} {}: ingen anmodning er registrert", name(kommune)))?,
    }
    if let Some(office) = desk.config.kommuner.get(kommune).and_then(|contact| contact.flyktningkontor.as_ref()) {
        let reached: Vec<&str> = [Some(&office.avdeling), office.epost.as_ref(), office.telefon.as_ref()].into_iter().flatten().map(String::as_str).collect();
        output::line(&format!("  flyktningkontor: {}", reached.join(", ")))?;
    }
    for vedtak in vedtak {
        let what = match vedtak.relation {
            cases::Relation::First => "vedtak",
            cases::Relation::Replaces => "nytt vedtak, erstatter det forrige",
            cases::Relation::Adds => "tilleggsvedtak",
            cases::Relation::Repeats => "samme vedtak på nytt, eller ett som ikke gjelder",
            cases::Relation::Unweighed => "fra før registeret, ikke holdt mot de andre",
        };
        output::line(&format!("  {}  {} {what} (record {})", vedtak.version, vedtak.our_ref, vedtak.record))?;
    }
    for task in tasks {
        output::line(&format!("  ! {}", crate::pipeline::register::open_task(&desk.vault, &task)?.message()))?;
    }
    Ok(Ending::Good)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The reason, from standard input: it is free text, and the command line is seen by others.
fn reason() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut std::io::stdin().lock(), &mut text).context("cannot read the reason from standard input")?;
    let reason = output::one_line(text.trim());
    anyhow::ensure!(!reason.is_empty(), "no reason was given\nwrite it on standard input: echo 'kommunestyret møtes 26. mars' | postsluse anmodning ...");
    anyhow::ensure!(
        reason.chars().count() <= REASON_MAX,
        "the reason has {} characters; the limit is {REASON_MAX}\nsay it in fewer words",
        reason.chars().count()
    );
    Ok(reason)
}

const REASON_MAX: usize = 500;

fn shown(row: &AnmodningRow, anmodning: &Anmodning, known: &Known, register: &KommuneRegister) -> serde_json::Value {
    let standing = u16::try_from(row.year).ok().and_then(|year| known.standing(year));
    json!({
        "v": 1, "kommune": row.kommune, "navn": name(&row.kommune), "aar": row.year, "status": row.status, "asked": anmodning.asked, "asked_total": anmodning.asked.total(),
        "svarfrist": anmodning.answer_by, "sendt": anmodning.sent, "moved": anmodning.moved, "registered": anmodning.registered, "returned": anmodning.returned,
        "decided": standing, "versions": register.vedtak.iter().filter(|vedtak| vedtak.year == row.year).count(),
        "remind_at": row.remind_at.map(|at| at.to_string()),
    })
}

fn line(row: &AnmodningRow, anmodning: &Anmodning, known: &Known) -> String {
    let standing = u16::try_from(row.year).ok().and_then(|year| known.standing(year)).and_then(|standing| standing.total);
    let decided = standing.map_or_else(|| "–".to_owned(), |total| total.to_string());
    format!(
        "{}  {} {:<20} {:<10} anmodet {}, vedtatt {decided}, frist {}",
        row.year,
        row.kommune,
        name(&row.kommune),
        row.status.as_str(),
        places(&anmodning.asked),
        dates::for_people(anmodning.answer_by)
    )
}

fn places(places: &Places) -> String {
    format!("{} ({} + {} + {})", places.total(), places.adults_families, places.minors_15_18, places.minors_under_15)
}

fn name(kommune: &str) -> &'static str {
    kommuner::by_number(kommune).map_or("", |kommune| kommune.name)
}

fn kommune(text: &str) -> Result<String, String> {
    kommuner::by_number(text).map(|_| text.to_owned()).ok_or_else(|| "no kommunenummer of 2024; use four digits such as 0301".to_owned())
}

fn status(text: &str) -> Result<Status, String> {
    Status::from_code(text).ok_or_else(|| format!("the statuses are {}", Status::ALL.map(Status::as_str).join(", ")))
}

pub(super) fn date(text: &str) -> Result<Date, String> {
    text.parse::<Date>().ok().or_else(|| dates::parse(text).ok()).ok_or_else(|| "no date such as 2026-03-26".to_owned())
}
