//! `postsluse tasks`: what is to be followed up with kommuner, each with the letter that would go out about it.

use anyhow::Context;
use serde_json::json;
use std::path::PathBuf;

use super::{Common, Ending, anmodning, output, setup};
use crate::clock::Date;
use crate::document::{RecordId, TaskId};
use crate::paper::Fonts;
use crate::pipeline::register::open_task;
use crate::registry::kommuner;
use crate::store::TaskFilter;

/// What to do with tasks.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List what is to be followed up
    List {
        /// What has been followed up, too
        #[arg(long)]
        done: bool,
    },
    /// Show the letter that would go out about a record; with --output also its PDF
    Draft {
        /// The record
        record: RecordId,
        /// By when an answer is wanted, such as 2026-03-26
        #[arg(long, value_parser = anmodning::date)]
        answer_by: Option<Date>,
        /// Write the PDF here
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Have that letter written and sent
    Send {
        /// The record
        record: RecordId,
        /// By when an answer is wanted, such as 2026-03-26
        #[arg(long, value_parser = anmodning::date)]
        answer_by: Option<Date>,
    },
    /// Say that a task is done
    Close {
        /// The task
        task: TaskId,
    },
}

pub(super) async fn run(common: &Common, command: &Command) -> anyhow::Result<Ending> {
    let desk = setup::desk(common).await?;
    match command {
        Command::List { done } => {
            for task in desk.store.tasks(TaskFilter { done: *done, ..TaskFilter::default() }).await? {
                let point = open_task(&desk.vault, &task)?;
                if common.json {
                    output::json_line(&json!({
                        "v": 1, "task": task.id, "kommune": task.kommune, "aar": task.year, "record": task.record, "code": task.code, "message": point.message(),
                        "point": point, "since": task.created_at.to_string(), "done": task.done_at.map(|at| at.to_string()),
                    }))?;
                } else {
                    let name = kommuner::by_number(&task.kommune).map_or("", |kommune| kommune.name);
                    let done = if task.done_at.is_some() { "  (ferdig)" } else { "" };
                    output::line(&format!("{}  {} {name} {}  {}{done}", task.id, task.kommune, task.year, point.message()))?;
                    output::line(&format!("{:36}  record {}", "", task.record))?;
                }
            }
        }
        Command::Draft { record, answer_by, output: file } => {
            let fonts = Fonts::load(desk.config.fonts.as_deref())?;
            let draft = desk.draft(*record, *answer_by, &fonts).await?;
            if let Some(file) = file {
                std::fs::write(file, &draft.letter.pdf).with_context(|| format!("cannot write {}", file.display()))?;
            }
            if common.json {
                output::json_line(
                    &json!({"v": 1, "record": record, "to": draft.to, "subject": draft.letter.subject, "body": draft.letter.body_text, "pdf_bytes": draft.letter.pdf.len()}),
                )?;
            } else {
                output::line(&format!("to {}\n{}\n\n{}", draft.to, draft.letter.subject, draft.letter.body_text))?;
            }
        }
        Command::Send { record, answer_by } => {
            let (id, our_ref) = desk.ask(*record, *answer_by, setup::actor()).await?;
            if common.json {
                output::json_line(&json!({"v": 1, "letter": id, "our_ref": our_ref}))?;
            } else {
                output::line(&format!("letter {our_ref} {id} is due; the service writes and sends it"))?;
            }
        }
        Command::Close { task } => {
            desk.store.close_task(*task, setup::actor(), setup::clock().now()).await?;
            output::line("the task is done")?;
        }
    }
    Ok(Ending::Good)
}
