//! What people do with the register: anmodninger and registrations come in as lists, deadlines move, answers are confirmed or returned.

use super::register::{open_anmodning, open_register, seal_anmodning};
use super::{Desk, StepError, open_envelope};
use crate::audit::{Actor, Code};
use crate::cases::{self, Agreement, Anmodning, AskedLine, Known, Listed, Moved, Point, Registration, Relation, Status};
use crate::clock::{Date, office_date};
use crate::document::{AnmodningId, CaseId};
use crate::store::{AnmodningChange, AnmodningFilter, AnmodningRow, Fault, KommuneRegister, NewAnmodning, NewTask, StoreError, TaskFilter, TaskRow, VedtakRow};

/// Why something cannot be done with the register. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The kommune was not asked for that year.
    #[error("there is no anmodning to kommune {kommune} for {year}\n`postsluse anmodning import` takes a list of them")]
    NoAnmodning {
        /// Kommunenummer.
        kommune: String,
        /// The year.
        year: i16,
    },
    /// A list has other numbers or another deadline than the register.
    #[error("these are registered with other numbers or another deadline: {}\nimport with --replace if the list is right; a deadline alone is moved with `postsluse anmodning deadline`", .0.join(", "))]
    Differs(Vec<String>),
    /// A list has registrations for which nothing was asked.
    #[error("these have no anmodning to be held against: {}\nimport the anmodninger first; nothing was taken", .0.join(", "))]
    NotAsked(Vec<String>),
    /// The anmodning does not stand where that can be done.
    #[error("the anmodning to kommune {kommune} for {year} is {status}: {why}\n{advice}")]
    NotNow {
        /// Kommunenummer.
        kommune: String,
        /// The year.
        year: i16,
        /// Its status.
        status: Status,
        /// Why not.
        why: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Everything else.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl From<StoreError> for RegisterError {
    fn from(error: StoreError) -> Self {
        Self::Step(error.into())
    }
}

/// What an import of anmodninger did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// New in the register.
    pub added: usize,
    /// Changed.
    pub changed: usize,
    /// As they were.
    pub unchanged: usize,
    /// Of the new ones, those whose deadline was over already: nobody is reminded of them.
    pub overdue: usize,
}

/// What an import of registrations came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Letter and registration say the same.
    pub agree: Vec<(String, i16)>,
    /// They do not: there is a task.
    pub differ: Vec<(String, i16)>,
    /// The vedtak itself has not come.
    pub without_vedtak: Vec<(String, i16)>,
}

/// How often a change is tried while the register of its kommune moves.
const TRIES: u32 = 5;

fn named(kommune: &str, year: i16) -> String {
    format!("{kommune}/{year}")
}

impl Desk {
    /// Takes a list of anmodninger. What is in the register already stays, and what the list has differently is changed only with `replace`.
    ///
    /// # Errors
    /// [`RegisterError::Differs`] before anything is changed; when the store fails, what was taken until then stays.
    pub async fn import_anmodninger(&self, listed: &Listed<AskedLine>, replace: bool, actor: Actor) -> Result<Imported, RegisterError> {
        let mut planned = Vec::new();
        let mut differ = Vec::new();
        for ((kommune, year), line) in listed {
            let known = self.find(kommune, *year).await?;
            if let Some((_, anmodning)) = &known
                && !line_agrees(anmodning, line)
            {
                differ.push(named(kommune, *year));
            }
            planned.push((kommune, *year, line, known));
        }
        if !differ.is_empty() && !replace {
            return Err(RegisterError::Differs(differ));
        }
        let mut imported = Imported::default();
        for (kommune, year, line, known) in planned {
            match known {
                None => {
                    imported.overdue += usize::from(self.add(kommune, year, *line, actor).await?);
                    imported.added += 1;
                }
                Some((_, anmodning)) if line_agrees(&anmodning, line) => imported.unchanged += 1,
                Some(_) => {
                    self.change(kommune, year, "numbers", actor, |row, anmodning| {
                        let sent = line.sent.or(anmodning.sent);
                        // A deadline that was moved stays moved, unless the list has another than it had at first.
                        let answer_by = if first_deadline(&anmodning) == line.answer_by { anmodning.answer_by } else { line.answer_by };
                        let confirmed = row.status == Status::Bekreftet && anmodning.asked != line.asked;
                        Ok((Anmodning { asked: line.asked, answer_by, sent, ..anmodning }, confirmed.then_some(Status::Svart)))
                    })
                    .await?;
                    imported.changed += 1;
                }
            }
        }
        Ok(imported)
    }

    /// Puts an anmodning into the register; whether its deadline is over already.
    async fn add(&self, kommune: &str, year: i16, line: AskedLine, actor: Actor) -> Result<bool, RegisterError> {
        let mut tries = 1;
        let overdue = line.answer_by < office_date(self.clock.now());
        loop {
            let id = AnmodningId::new(self.clock.as_ref(), self.entropy.as_ref());
            let (envelope, stored) = self.opened_envelope();
            let anmodning = Anmodning { asked: line.asked, answer_by: line.answer_by, sent: line.sent, moved: Vec::new(), registered: None, returned: None };
            let (known, register) = open_register(&self.store, &self.vault, kommune).await?;
            let new = NewAnmodning {
                id,
                kommune: kommune.to_owned(),
                year,
                new_case: CaseId::new(self.clock.as_ref(), self.entropy.as_ref()),
                series: self.series(),
                sealed: seal_anmodning(&envelope, id, crate::seal::FIRST_REVISION, &anmodning),
                envelope: stored,
                // A list of former years is no reason to write to every kommune.
                remind_at: if overdue { None } else { self.remind_after(line.answer_by) },
                expected: register.revision,
                tasks: self.held_against(&anmodning, year, known, &register).await?,
            };
            match self.store.add_anmodning(&new, actor, self.clock.now()).await {
                Err(StoreError::Final(Fault::RegisterMoved { .. })) if tries < TRIES => tries += 1,
                added => return Ok(added.map(|()| overdue)?),
            }
        }
    }

    /// What is to be followed up about a vedtak that came before what it answers was entered or corrected.
    async fn held_against(&self, anmodning: &Anmodning, year: i16, mut known: Known, register: &KommuneRegister) -> Result<Vec<NewTask>, RegisterError> {
        let number = u16::try_from(year).unwrap_or_default();
        known.asked.insert(number, anmodning.asked);
        self.tasks_of(&cases::hold_against_request(&known, number), year, register).await
    }

    /// Tasks about the vedtak that came last for a year.
    async fn tasks_of(&self, points: &[Point], year: i16, register: &KommuneRegister) -> Result<Vec<NewTask>, RegisterError> {
        let counts = |vedtak: &&VedtakRow| vedtak.year == year && vedtak.relation != Relation::Repeats;
        let Some(vedtak) = register.vedtak.iter().rev().find(counts).filter(|_| !points.is_empty()) else { return Ok(Vec::new()) };
        let record = self.store.record(vedtak.record).await?;
        let envelope = open_envelope(&self.vault, &record.envelope)?;
        Ok(points.iter().map(|point| self.task(&envelope, record.id, u16::try_from(year).unwrap_or_default(), point)).collect())
    }

    /// Moves a deadline. The kommune must give a reason, and so must who moves it.
    ///
    /// # Errors
    /// When there is no such anmodning, or it is answered.
    pub async fn move_deadline(&self, kommune: &str, year: i16, to: Date, reason: &str, actor: Actor) -> Result<(), RegisterError> {
        let on = office_date(self.clock.now());
        self.change(kommune, year, "deadline", actor, |row, mut anmodning| {
            if !row.status.awaits_answer() {
                return Err(not_now(row, "there is an answer, so no deadline runs", "return the answer with `postsluse anmodning return` to ask for another"));
            }
            anmodning.moved.push(Moved { on, from: anmodning.answer_by, to, reason: reason.to_owned() });
            Ok((Anmodning { answer_by: to, ..anmodning }, None))
        })
        .await
    }

    /// Sends an answer back: the kommune is to answer again by a day.
    ///
    /// # Errors
    /// When there is no such anmodning, or no answer to it.
    pub async fn return_answer(&self, kommune: &str, year: i16, by: Date, reason: &str, actor: Actor) -> Result<(), RegisterError> {
        let on = office_date(self.clock.now());
        self.change(kommune, year, "returned", actor, |row, mut anmodning| {
            if !matches!(row.status, Status::Svart | Status::Bekreftet) {
                return Err(not_now(row, "there is no answer to return", "move the deadline with `postsluse anmodning deadline` instead"));
            }
            anmodning.moved.push(Moved { on, from: anmodning.answer_by, to: by, reason: reason.to_owned() });
            Ok((Anmodning { answer_by: by, returned: Some(reason.to_owned()), ..anmodning }, Some(Status::Returnert)))
        })
        .await
    }

    /// Confirms an answer.
    ///
    /// # Errors
    /// When there is no such anmodning, no answer to it, or something is still to be followed up.
    pub async fn confirm_answer(&self, kommune: &str, year: i16, actor: Actor) -> Result<(), RegisterError> {
        let (row, _) = self.found(kommune, year).await?;
        if !self.tasks_about(&row).await?.is_empty() {
            return Err(not_now(&row, "something is still to be followed up", "`postsluse tasks list` shows what; close each task that is settled"));
        }
        self.change(kommune, year, "confirmed", actor, |row, anmodning| {
            if row.status != Status::Svart {
                return Err(not_now(row, "there is no answer to confirm", "wait for the vedtak, or settle it if it waits for a person"));
            }
            Ok((anmodning, Some(Status::Bekreftet)))
        })
        .await
    }

    /// Takes a list of what kommuner have registered in IMDinett, and holds each against the vedtak.
    ///
    /// # Errors
    /// [`RegisterError::NotAsked`] before anything is changed.
    pub async fn import_registrations(&self, listed: &Listed<Registration>, actor: Actor) -> Result<Reconciled, RegisterError> {
        let mut unknown = Vec::new();
        for (kommune, year) in listed.keys() {
            if self.find(kommune, *year).await?.is_none() {
                unknown.push(named(kommune, *year));
            }
        }
        if !unknown.is_empty() {
            return Err(RegisterError::NotAsked(unknown));
        }
        let mut reconciled = Reconciled::default();
        for ((kommune, year), registration) in listed {
            let came_to = self.register_in_imdinett(kommune, *year, *registration, actor).await?;
            let list = match came_to {
                Some(true) => &mut reconciled.agree,
                Some(false) => &mut reconciled.differ,
                None => &mut reconciled.without_vedtak,
            };
            list.push((kommune.clone(), *year));
        }
        Ok(reconciled)
    }

    /// Whether the registration agrees with the vedtak; none when there is none, or nothing in it to compare.
    async fn register_in_imdinett(&self, kommune: &str, year: i16, registration: Registration, actor: Actor) -> Result<Option<bool>, RegisterError> {
        let mut tries = 1;
        loop {
            match self.reconcile_once(kommune, year, registration, actor).await {
                Err(RegisterError::Step(StepError::Store(StoreError::Final(Fault::RegisterMoved { .. })))) if tries < TRIES => tries += 1,
                reconciled => return reconciled,
            }
        }
    }

    async fn reconcile_once(&self, kommune: &str, year: i16, registration: Registration, actor: Actor) -> Result<Option<bool>, RegisterError> {
        // The register first: what changes after it is found out when this is saved.
        let (mut known, register) = open_register(&self.store, &self.vault, kommune).await?;
        let (row, anmodning) = self.found(kommune, year).await?;
        let number = u16::try_from(year).unwrap_or_default();
        known.registered.insert(number, registration.places);
        let (agrees, point) = match cases::reconcile(&known, number) {
            Agreement::Agrees => (Some(true), None),
            Agreement::Differs(point) => (Some(false), Some(point)),
            Agreement::Unknown => (None, None),
        };
        let open = self.tasks_about(&row).await?;
        if anmodning.registered == Some(registration) && (point.is_none() || open.iter().any(|task| task.code == REGISTRATION)) {
            return Ok(agrees);
        }
        // Letter and registration agree and nobody has anything to ask: then the answer is confirmed.
        let quiet = open.iter().all(|task| task.code == REGISTRATION);
        let status = (agrees == Some(true) && quiet && row.status == Status::Svart).then_some(Status::Bekreftet);
        let changed = Anmodning { registered: Some(registration), ..anmodning };
        let tasks = self.tasks_of(point.as_slice(), year, &register).await?;
        self.save(&row, &changed, register.revision, Change { what: "registration", status, ends: &[REGISTRATION], tasks }, actor).await?;
        Ok(agrees)
    }

    /// What is to be followed up about an anmodning.
    async fn tasks_about(&self, row: &AnmodningRow) -> Result<Vec<TaskRow>, RegisterError> {
        Ok(self.store.tasks(TaskFilter { about: Some((row.kommune.clone(), row.year)), ..TaskFilter::default() }).await?)
    }

    /// The anmodning to a kommune for a year, opened.
    async fn find(&self, kommune: &str, year: i16) -> Result<Option<(AnmodningRow, Anmodning)>, RegisterError> {
        let filter = AnmodningFilter { kommune: Some(kommune.to_owned()), year: Some(year), status: None };
        let Some(row) = self.store.anmodninger(&filter).await?.into_iter().next() else { return Ok(None) };
        let anmodning = open_anmodning(&self.vault, &row)?;
        Ok(Some((row, anmodning)))
    }

    async fn found(&self, kommune: &str, year: i16) -> Result<(AnmodningRow, Anmodning), RegisterError> {
        self.find(kommune, year).await?.ok_or_else(|| RegisterError::NoAnmodning { kommune: kommune.to_owned(), year })
    }

    /// Changes an anmodning; `how` says what it becomes, from what it is now.
    async fn change(
        &self,
        kommune: &str,
        year: i16,
        what: &'static str,
        actor: Actor,
        how: impl Fn(&AnmodningRow, Anmodning) -> Result<(Anmodning, Option<Status>), RegisterError> + Send,
    ) -> Result<(), RegisterError> {
        let mut tries = 1;
        loop {
            let (known, register) = open_register(&self.store, &self.vault, kommune).await?;
            let (row, anmodning) = self.found(kommune, year).await?;
            let asked = anmodning.asked;
            let (changed, status) = how(&row, anmodning)?;
            // Another number asked for may be more than what was decided.
            let again = changed.asked != asked;
            let tasks = if again { self.held_against(&changed, year, known, &register).await? } else { Vec::new() };
            let ends = if again { &AGAINST_REQUEST[..] } else { &[] };
            match self.save(&row, &changed, register.revision, Change { what, status, ends, tasks }, actor).await {
                Err(RegisterError::Step(StepError::Store(StoreError::Final(Fault::RegisterMoved { .. })))) if tries < TRIES => tries += 1,
                saved => return saved,
            }
        }
    }

    async fn save(&self, row: &AnmodningRow, anmodning: &Anmodning, expected: u32, change: Change, actor: Actor) -> Result<(), RegisterError> {
        let Change { what, status, ends, tasks } = change;
        let awaits = status.unwrap_or(row.status).awaits_answer();
        // A new deadline has its own reminder; any other change leaves what is to come.
        let runs_anew = matches!(what, "deadline" | "returned") || what == "numbers" && open_anmodning(&self.vault, row)?.answer_by != anmodning.answer_by;
        let change = AnmodningChange {
            expected,
            revision: row.revision + 1,
            sealed: seal_anmodning(&open_envelope(&self.vault, &row.envelope)?, row.id, row.revision + 1, anmodning),
            status,
            remind_at: if !awaits {
                Some(None)
            } else if runs_anew {
                Some(self.remind_after(anmodning.answer_by))
            } else {
                None
            },
            what: Code::or_unnamed(what),
            ends,
            tasks,
        };
        Ok(self.store.change_anmodning(row.id, &change, actor, self.clock.now()).await?)
    }
}

/// What is changed beside the content of an anmodning.
struct Change {
    what: &'static str,
    /// The status it gets; none leaves it.
    status: Option<Status>,
    /// Open tasks of these codes are done with it.
    ends: &'static [&'static str],
    tasks: Vec<NewTask>,
}

/// The code of the task that a registration which differs makes.
const REGISTRATION: &str = "registration_differs";
/// The codes of tasks that depend on the number asked for.
const AGAINST_REQUEST: [&str; 2] = ["lower_without_reason", "asked_differs"];

/// The deadline before it was moved: what a list said when it was written.
fn first_deadline(anmodning: &Anmodning) -> Date {
    anmodning.moved.first().map_or(anmodning.answer_by, |moved| moved.from)
}

fn line_agrees(anmodning: &Anmodning, line: &AskedLine) -> bool {
    anmodning.asked == line.asked
        && (anmodning.answer_by == line.answer_by || first_deadline(anmodning) == line.answer_by)
        && (line.sent.is_none() || anmodning.sent == line.sent)
}

fn not_now(row: &AnmodningRow, why: &'static str, advice: &'static str) -> RegisterError {
    RegisterError::NotNow { kommune: row.kommune.clone(), year: row.year, status: row.status, why, advice }
}
