//! `postsluse settle`: a person decides what the machine was unsure of.
//!
//! On a terminal each doubtful field is asked for. Otherwise lines are read from standard input: `field=value`, `field=` for a blank one, `field` alone for
//! "right as read". Values are never taken from the command line, where other users and the shell's history could see them.

use anyhow::Context;
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};

use super::{Common, Ending, output, setup};
use crate::audit::{Action, Detail, Entry, Reason, Subject};
use crate::cases;
use crate::document::RecordId;
use crate::pipeline::settling::{self, OpenRecord, Verdict, Verdicts};
use crate::record::{Decision, Purpose, RecordState, Sensitivity};
use crate::store::CaseConflict;

/// Options of `settle`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The record's id
    id: RecordId,
    /// The findings have been looked at: the record may go on in spite of them
    #[arg(long)]
    confirm: bool,
    /// Of a vedtak that stands against another of its kommune: whether it counts (ja), or is only filed (nei)
    #[arg(long, value_name = "ja|nei", value_parser = yes_or_no)]
    applies: Option<bool>,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "ja" => Ok(true),
        "nei" => Ok(false),
        _ => Err("neither ja nor nei".to_owned()),
    }
}

pub(super) async fn run(common: &Common, options: &Options) -> anyhow::Result<Ending> {
    let desk = setup::desk(common).await?;
    let forms = crate::forms::load(&desk.config.forms)?;
    let open = settling::open_record(&desk.store, &desk.vault, options.id).await?;
    let mut verdicts = Verdicts { confirm_findings: options.confirm, applies: options.applies, ..Verdicts::default() };
    if std::io::stdin().is_terminal() {
        if open.fields.iter().any(|field| field.decision == Decision::Review && field.content.sensitivity() == Sensitivity::Special) {
            let detail = Detail::Read { field: None, reason: Reason::Review };
            let entry = Entry { actor: setup::actor(), action: Action::SpecialRead, subject: Subject::Record(options.id), detail };
            desk.store.audit(entry, setup::clock().now()).await?;
        }
        ask(&open, &mut verdicts)?;
    } else {
        verdicts.fields = from_lines(std::io::stdin().lock())?;
    }
    let settled = desk.settle(options.id, &verdicts, &forms, setup::actor()).await?;
    let letter = settled.link.and_then(|link| link.letter);
    if common.json {
        output::json_line(&serde_json::json!({
            "v": 1, "record": options.id, "state": settled.state, "revision": settled.revision,
            "conflict": settled.conflict.map(CaseConflict::as_str),
            "letter": letter.map(|(id, our_ref)| serde_json::json!({"letter": id, "our_ref": our_ref.to_string()})),
        }))?;
    } else {
        output::line(&format!("record {}: {}", options.id, settled.state.as_str()))?;
        if let Some((id, our_ref)) = letter {
            output::line(&format!("letter {our_ref} {id} is due; the service writes and sends it"))?;
        }
        if let Some(conflict) = settled.conflict {
            output::line(&format!("it waits all the same: {}", conflict.as_str()))?;
        }
    }
    Ok(if settled.state == RecordState::Complete { Ending::Good } else { Ending::Wanting })
}

fn from_lines(lines: impl BufRead) -> anyhow::Result<BTreeMap<String, Verdict>> {
    let mut verdicts = BTreeMap::new();
    for line in lines.lines() {
        let line = line.context("cannot read standard input")?;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (field, verdict) = match line.split_once('=') {
            None => (line, Verdict::AsRead),
            Some((field, "")) => (field, Verdict::Blank),
            Some((field, value)) => (field, Verdict::Says(value.trim().to_owned())),
        };
        verdicts.insert(field.trim().to_owned(), verdict);
    }
    Ok(verdicts)
}

/// Asks for each doubtful field, in Norwegian: this is a clerk's screen.
fn ask(open: &OpenRecord, verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let mut input = std::io::stdin().lock().lines();
    let mut screen = std::io::stderr().lock();
    let doubtful: Vec<_> = open.fields.iter().filter(|field| field.decision == Decision::Review).collect();
    writeln!(screen, "{} felter skal avgjøres. Enter = riktig lest, «-» = tomt, «?» = la det vente, ellers skriv det som står.", doubtful.len())?;
    for field in doubtful {
        let read = field.content.expose(Purpose::Settle);
        let shown = read.text.as_deref().or(read.raw.as_deref()).unwrap_or("(ikke lest)");
        let page = field.page.map(|page| format!(", side {page}")).unwrap_or_default();
        write!(screen, "{}{page} [{shown}]: ", field.name)?;
        screen.flush()?;
        let Some(answer) = input.next().transpose().context("cannot read the answer")? else { return Ok(()) };
        let verdict = match answer.trim() {
            "" if read.value.is_some() => Verdict::AsRead,
            "" | "?" => continue,
            "-" => Verdict::Blank,
            value => Verdict::Says(value.to_owned()),
        };
        verdicts.fields.insert(field.name.clone(), verdict);
    }
    if !open.summary.findings.is_empty() {
        for finding in &open.summary.findings {
            writeln!(screen, "  ! {}", finding.message)?;
        }
        write!(screen, "Er merknadene over vurdert, så saken kan gå videre? (ja/nei): ")?;
        screen.flush()?;
        verdicts.confirm_findings |= input.next().transpose().context("cannot read the answer")?.is_some_and(|answer| answer.trim() == "ja");
        if verdicts.confirm_findings && verdicts.applies.is_none() && open.summary.findings.iter().any(|finding| cases::asks_which_applies(&finding.code)) {
            write!(screen, "Gjelder dette vedtaket, i stedet for eller i tillegg til det vi har? (ja/nei): ")?;
            screen.flush()?;
            verdicts.applies = input.next().transpose().context("cannot read the answer")?.and_then(|answer| yes_or_no(answer.trim()).ok());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_value_blank_or_as_read() {
        let lines = "# from the paper\nduf=202203141502\nfnr=\netternavn\n\n";
        let verdicts = from_lines(lines.as_bytes()).expect("sound lines");
        assert_eq!(verdicts["duf"], Verdict::Says("202203141502".into()));
        assert_eq!(verdicts["fnr"], Verdict::Blank);
        assert_eq!(verdicts["etternavn"], Verdict::AsRead);
        assert_eq!(verdicts.len(), 3);
    }
}
