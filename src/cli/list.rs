//! `postsluse list`: the documents, what waits for a person, and what lies in the watched folders untaken.
//!
//! File names are shown here and nowhere else: they are the operator's own, on the operator's own screen.

use serde_json::json;

use super::{Common, Ending, output, setup};
use crate::document::Refusal;
use crate::inbox::{Hindrance, folder};
use crate::pipeline::{self, counted};
use crate::store::{CaseConflict, DocumentRow, Page, RecordFilter, RecordRow, Store};

/// Options of `list`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Only documents in this state: received, reading, filed, quarantined
    #[arg(long)]
    state: Option<String>,
    /// Only documents with records that wait for a person
    #[arg(long)]
    review: bool,
    /// Only what goes to this desk: the `route` of a watched folder or mailbox, or its name where it has none
    #[arg(long)]
    route: Option<String>,
    /// How many documents at most, newest first
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

/// How many documents are read in one go while those that are asked for are looked for.
const READ_AT_ONCE: u32 = 200;

pub(super) async fn run(common: &Common, options: &Options) -> anyhow::Result<Ending> {
    let config = setup::config(common)?;
    let vault = setup::vault(&config)?;
    let store = setup::store(&config, &vault, setup::actor()).await?;
    let mut page = Page::newest(READ_AT_ONCE);
    let mut left = options.limit;
    'all: loop {
        let documents = store.documents(options.state.as_deref(), page).await?;
        for document in &documents {
            if left == 0 {
                break 'all;
            }
            let route = config.route(&document.folder);
            if options.route.as_ref().is_some_and(|wanted| wanted != route) {
                continue;
            }
            let records = store.records(RecordFilter { document: Some(document.id), ..RecordFilter::default() }, Page::newest(1000)).await?;
            if !options.review || records.iter().any(|record| record.state == crate::record::RecordState::Review) {
                let refusal = pipeline::open_refusal(&store, &vault, document).await?;
                print(common, document, route, refusal.as_ref(), &records)?;
                left -= 1;
            }
        }
        page.before = documents.last().map(|last| last.id);
        if page.before.is_none() {
            break;
        }
    }
    if options.state.is_none() && !options.review && options.route.is_none() {
        print_backlog(common, &config)?;
        print_sums(common, &store).await?;
    }
    Ok(Ending::Good)
}

fn print(common: &Common, document: &DocumentRow, route: &str, refusal: Option<&Refusal>, records: &[RecordRow]) -> anyhow::Result<()> {
    if common.json {
        let records: Vec<_> = records.iter().map(record_json).collect();
        return output::json_line(&json!({
            "v": 1, "document": document.id, "state": document.state.name(), "folder": document.folder, "route": route, "bytes": document.size, "pages": document.pages,
            "received": document.received_at.to_string(), "attempts": document.attempts, "records": records,
            "refusal": refusal,
        }));
    }
    let pages = document.pages.map(|pages| format!(", {}", counted(pages, "page"))).unwrap_or_default();
    let desk = if route == document.folder { String::new() } else { format!(" to {route}") };
    output::line(&format!(
        "{}  {:<11} {} from {}{desk}, {} KiB{pages}",
        document.id,
        document.state.name(),
        document.received_at.strftime("%Y-%m-%d %H:%M"),
        document.folder,
        document.size.div_ceil(1024)
    ))?;
    if let Some(why) = refusal {
        output::line(&format!("    {}: {}", why.code.as_str(), why.message))?;
        output::line(&format!("    {}", why.advice))?;
    }
    for record in records {
        let conflict = record.conflict.map(|conflict| format!(", {}", conflict.as_str())).unwrap_or_default();
        output::line(&format!(
            "    record {}  {:<9} {}: {} accepted, {} to review{conflict}",
            record.id,
            record.state.as_str(),
            what(record),
            counted(record.accepted, "field"),
            record.to_review
        ))?;
    }
    Ok(())
}

pub(super) fn what(record: &RecordRow) -> String {
    record.form.as_ref().map_or_else(|| record.kind.as_str().to_owned(), |(form, version)| format!("{form} version {version}"))
}

pub(super) fn record_json(record: &RecordRow) -> serde_json::Value {
    json!({
        "record": record.id, "state": record.state, "kind": record.kind, "form": record.form.as_ref().map(|(name, version)| json!({"name": name, "version": version})),
        "pages": record.pages, "accepted": record.accepted, "to_review": record.to_review, "revision": record.revision, "case": record.case,
        "conflict": record.conflict.map(CaseConflict::as_str),
    })
}

/// What lies in the watched folders now, read afresh.
fn print_backlog(common: &Common, config: &crate::config::Config) -> anyhow::Result<()> {
    let others: Vec<_> = config.watch.iter().map(|watch| watch.path.clone()).collect();
    for watch in &config.watch {
        let scan = folder::scan(watch, &others);
        let candidates = scan.candidates.iter().map(|candidate| (&candidate.relative, candidate.hindrance(config.intake.bytes_max)));
        for (relative, why) in candidates.chain(scan.obstacles.iter().map(|obstacle| (&obstacle.relative, Some(obstacle.why.clone())))) {
            if common.json {
                let advice = why.as_ref().map(Hindrance::advice);
                let why = why.as_ref().map(ToString::to_string);
                let waiting = watch.path.join(relative).display().to_string();
                output::json_line(&json!({"v": 1, "waiting": waiting, "folder": watch.name, "why": why, "advice": advice}))?;
            } else if let Some(why) = why {
                output::line(&format!("in folder {}: {} is not taken: {why}; {}", watch.name, relative.display(), why.advice()))?;
            } else {
                output::line(&format!("in folder {}: {} waits to be taken", watch.name, relative.display()))?;
            }
        }
    }
    Ok(())
}

async fn print_sums(common: &Common, store: &Store) -> anyhow::Result<()> {
    let backlog = store.backlog().await?;
    if common.json {
        return output::json_line(&json!({"v": 1, "documents": backlog.documents, "records": backlog.records, "letters": backlog.letters}));
    }
    let sum = |counts: &std::collections::BTreeMap<String, u64>| {
        counts.iter().filter(|(_, number)| **number > 0).map(|(state, number)| format!("{number} {state}")).collect::<Vec<_>>().join(", ")
    };
    output::line(&format!("documents: {}; records: {}; letters: {}", sum(&backlog.documents), sum(&backlog.records), sum(&backlog.letters)))
}
