//! What kind of post a mail is.
//!
//! A machine's mail is known by its head first, and by its words only where the head says nothing. Else the cues of each kind are weighed, and the
//! heaviest kind counts if it reaches [`LIMIT`]. What is asked shows no kind but a question: who asks how one settles by own arrangement has not done so.
//!
//! Words on a person's health outweigh every other kind that a person wrote, since a diagnosis that is answered or passed on by mistake is the worst that
//! can happen here. Words on health in general, as a kommune's decision has them, do not.

mod cues;
mod quoted;

use std::collections::BTreeMap;

use crate::mail::Automatic;
use crate::record::Confidence;
use crate::registry::letters;
use cues::{BASIS, CUES, Cue, HEALTH, PEOPLE, PERSONAL, PRONOUNS, PURPOSE};
pub use quoted::own_words;

/// What the sorting looks at.
#[derive(Debug, Clone, Copy, Default)]
pub struct MailToSort<'m> {
    /// The subject; empty when there is none.
    pub subject: &'m str,
    /// All its words. Only [`own_words`] are weighed, unless the mail is a forward; what stands below is searched for health, and for what came back.
    pub text: &'m str,
    /// The domain of the sender's address. Nothing proves it.
    pub sender_domain: Option<&'m str>,
    /// What its head says of the machine that wrote it.
    pub automatic: Option<Automatic>,
    /// The messages that it answers, the nearest last.
    pub references: &'m [String],
    /// What it carries, as far as that says something of the mail.
    pub enclosed: &'m [Enclosed<'m>],
}

/// What a mail carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enclosed<'m> {
    /// A letter that was sorted as a vedtak.
    Vedtak,
    /// A message, with its Message-ID.
    Message(Option<&'m str>),
    /// A text, as the report of a bounce and the head of what came back are.
    Text(&'m str),
}

/// What a mail was sorted as, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct SortedMail {
    /// The kind of mail.
    pub kind: MailKind,
    /// How sure that is: 0.5 at the limit, and less where nothing reached it.
    pub score: Confidence,
    /// The cues that were found for this kind, for people who wonder. Words of the field, never of the mail.
    pub why: Vec<&'static str>,
    /// Another kind that is near: then a person looks.
    pub second: Option<MailKind>,
    /// Of [`MailKind::Innsyn`] only.
    pub request: Option<Request>,
    /// Of [`MailKind::Retur`] only: the Message-ID of what came back.
    pub returned: Option<String>,
}

/// What another authority says of its request; without both, nothing may be handed out (integreringsloven § 42). Whether it suffices is not judged here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// It names a legal basis.
    pub basis: bool,
    /// It says what the information is for.
    pub purpose: bool,
}

/// The kinds of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailKind {
    /// A kommune on how many refugees it settles.
    Vedtak,
    /// A kommune's answer to a list of persons whom it is asked to settle.
    Fordelingsliste,
    /// Someone is registered for settlement, or a place to settle.
    Innmelding,
    /// A person says no to the kommune that was offered.
    Bosettingsnekt,
    /// Settlement by own arrangement: a person wants it, or a kommune answers to it.
    Selvbosetting,
    /// A question.
    Spoersmaal,
    /// An answer that a machine gave.
    Autosvar,
    /// A mail of ours that came back.
    Retur,
    /// Another authority asks for information.
    Innsyn,
    /// UDI's decision on residence, sent on.
    UdiVedtak,
    /// Words on a person's health.
    Helse,
    /// Advertising and fraud.
    Reklame,
    /// Anything else, and what is unclear.
    Annet,
}

impl MailKind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Vedtak,
        Self::Fordelingsliste,
        Self::Innmelding,
        Self::Bosettingsnekt,
        Self::Selvbosetting,
        Self::Spoersmaal,
        Self::Autosvar,
        Self::Retur,
        Self::Innsyn,
        Self::UdiVedtak,
        Self::Helse,
        Self::Reklame,
        Self::Annet,
    ];

    /// The code as it stands in a record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vedtak => "vedtak",
            Self::Fordelingsliste => "fordelingsliste",
            Self::Innmelding => "innmelding",
            Self::Bosettingsnekt => "bosettingsnekt",
            Self::Selvbosetting => "selvbosetting",
            Self::Spoersmaal => "spoersmaal",
            Self::Autosvar => "autosvar",
            Self::Retur => "retur",
            Self::Innsyn => "innsyn",
            Self::UdiVedtak => "udi_vedtak",
            Self::Helse => "helse",
            Self::Reklame => "reklame",
            Self::Annet => "annet",
        }
    }

    /// Whether its cues count where something is asked too. Matters of settlement are asked about more often than they are reported.
    fn may_ask(self) -> bool {
        matches!(self, Self::Autosvar | Self::Retur | Self::Innsyn | Self::Helse | Self::Reklame)
    }
}

/// The least weight of a kind.
const LIMIT: i32 = 4;
/// What lies no farther from the heaviest kind is near.
const NEAR: i32 = 2;
/// So much above the limit, and above the next kind, is certain.
const ROOM: i32 = 4;
/// The weight of the name of an illness, or of a paper about one.
const ILLNESS: i32 = 3;
/// The weight of any word on health.
const MENTION: i32 = 2;
/// So much on health makes a person look at a mail that speaks of many.
const MUCH_IN_GENERAL: i32 = 6;
/// Kinds of mails that speak of many.
const IN_GENERAL: [MailKind; 4] = [MailKind::Vedtak, MailKind::Autosvar, MailKind::Reklame, MailKind::Annet];

/// So many bytes of words are weighed, and so many sentences told apart: no person writes more, and a hostile mail would cost minutes.
const WEIGHED_BYTES_MAX: usize = 128 << 10;
const SENTENCES_MAX: usize = 2000;

/// Sorts a mail.
#[must_use]
pub fn sort_mail(mail: &MailToSort<'_>) -> SortedMail {
    let text = &mail.text[..mail.text.floor_char_boundary(WEIGHED_BYTES_MAX)];
    let own = own_words(text);
    let forwarded = is_forward(mail.subject, own);
    let words = if forwarded { text } else { own };
    let sentences = sentences(mail.subject, words);
    let mut weighed = weigh(mail, &sentences);
    let by_head = by_head(mail, &weighed);
    let health = health(&sentences);
    let in_general = IN_GENERAL.iter().any(|kind| weighed.get(kind).is_some_and(|weight| weight.sum >= LIMIT));
    // A name of an illness is that of someone, unless the mail is one of those that speak of many.
    let is_health = health.personal || !in_general && health.weight.sum >= ILLNESS;
    let may_be_health = health.weight.sum >= if in_general { MUCH_IN_GENERAL } else { MENTION };
    if is_health {
        weighed.insert(MailKind::Helse, Weight { sum: health.weight.sum.max(LIMIT), why: health.weight.why });
    }
    let mut sorted = match by_head {
        Some(kind) => SortedMail::of(kind, Confidence::CERTAIN, with("hode", weighed.remove(&kind)), None),
        None => by_weight(weighed),
    };
    // A diagnosis in the thread below is in the mail all the same, and what is not weighed may hold anything.
    let hidden = || text.len() < mail.text.len() || !forwarded && self::health(&self::sentences("", text)).personal;
    if by_head.is_none() && sorted.kind != MailKind::Helse && (may_be_health || hidden()) {
        sorted.second = Some(MailKind::Helse);
    }
    // The archive of a kommune sends its decisions by itself.
    if by_head == Some(MailKind::Autosvar) && mail.enclosed.contains(&Enclosed::Vedtak) {
        sorted = SortedMail::of(MailKind::Vedtak, Confidence::new(0.5), vec![ENCLOSED], Some(MailKind::Autosvar));
    }
    match sorted.kind {
        MailKind::Innsyn => sorted.request = Some(request(words, &sentences)),
        MailKind::Retur => sorted.returned = returned(mail),
        _ => {}
    }
    sorted
}

const ENCLOSED: &str = "vedtak vedlagt";

impl SortedMail {
    fn of(kind: MailKind, score: Confidence, why: Vec<&'static str>, second: Option<MailKind>) -> Self {
        Self { kind, score, why, second, request: None, returned: None }
    }
}

/// How heavy a kind is, and the cues that make it so.
#[derive(Debug, Default)]
struct Weight {
    sum: i32,
    why: Vec<&'static str>,
}

impl Weight {
    fn add(&mut self, name: &'static str, weight: i32) {
        self.sum += weight;
        if !self.why.contains(&name) {
            self.why.push(name);
        }
    }
}

fn with(name: &'static str, weight: Option<Weight>) -> Vec<&'static str> {
    std::iter::once(name).chain(weight.unwrap_or_default().why).collect()
}

/// A sentence, its words in lower case with a space before and after each. A number that may count people is `#`; `^` stands before the subject. No word of
/// a mail is either.
struct Sentence {
    words: String,
    asks: bool,
}

impl Sentence {
    fn of(text: &str, start: &str) -> Self {
        let text = letters::compose(text).to_lowercase();
        let mut words = format!(" {start}");
        let mut rest = text.as_str();
        while let Some(from) = rest.find(char::is_alphanumeric) {
            rest = &rest[from..];
            let (word, after) = rest.split_at(rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()));
            words.push_str(if is_count(word, after) { "#" } else { word });
            words.push(' ');
            rest = after;
        }
        let asks = text.trim_end().ends_with(QUESTION_MARKS) || cues::ASKING.iter().any(|beginning| shows(&words, beginning));
        Self { words, asks }
    }

    fn says_something(&self) -> bool {
        self.words != " "
    }

    fn shows_any(&self, beginnings: &[&str]) -> bool {
        beginnings.iter().any(|beginning| shows(&self.words, beginning))
    }

    fn shows(&self, cue: &Cue) -> bool {
        cue.together.iter().all(|beginnings| self.shows_any(beginnings))
    }
}

/// Whether a number may count people: of at most three digits, and not the day of a date, which has a full stop and goes on.
fn is_count(word: &str, after: &str) -> bool {
    let is_ordinal = after.strip_prefix('.').is_some_and(|after| !after.trim().is_empty());
    word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit()) && !is_ordinal
}

/// The second is the Arabic and Persian one.
const QUESTION_MARKS: [char; 2] = ['?', '؟'];

/// Whether a word begins so; with a space at its end, a beginning is a whole word, and after `*` it may stand within one.
fn shows(words: &str, beginning: &str) -> bool {
    if let Some(within) = beginning.strip_prefix('*') {
        return words.contains(within);
    }
    words.match_indices(beginning).any(|(at, _)| words[..at].ends_with(' '))
}

/// The subject, then the sentences of the text.
fn sentences(subject: &str, text: &str) -> Vec<Sentence> {
    let mut all = vec![Sentence::of(subject, "^ ")];
    let mut start = 0;
    for (at, mark) in text.match_indices(['.', '!', '?', '؟', '\n']) {
        let end = at + mark.len();
        if all.len() < SENTENCES_MAX && ends_sentence(&text[start..end], &text[end..]) {
            all.extend(Some(Sentence::of(&text[start..end], "")).filter(Sentence::says_something));
            start = end;
        }
    }
    all.push(Sentence::of(&text[start..], ""));
    all
}

/// Whether a sentence ends between `before` and `after`. Lines are broken anywhere, so only an empty one ends it; a full stop may belong to a number or a
/// short form.
fn ends_sentence(before: &str, after: &str) -> bool {
    if before.ends_with('\n') {
        return after.split('\n').next().is_some_and(|line| line.trim().is_empty());
    }
    let next = after.trim_start().chars().next();
    if after.starts_with(|c: char| !c.is_whitespace()) {
        return false;
    }
    let word = before.trim_end_matches('.').rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let short = word.ends_with(|c: char| c.is_ascii_digit()) || word.chars().count() < 3;
    !before.ends_with('.') || !short || next.is_none_or(char::is_uppercase)
}

/// Whether a mail is what stands below its own words: it has none, says so, or its subject does, alone or before the names of answers.
fn is_forward(subject: &str, own: &str) -> bool {
    let subject = subject.to_lowercase();
    let mut names = subject.split_inclusive(':').map(str::trim_start).take_while(|name| REPLIES.contains(name) || FORWARDS.contains(name));
    let says_so = || own.split_whitespace().count() < COVER_WORDS_MAX && Sentence::of(own, "").shows_any(&cues::BELOW);
    own.trim().is_empty() || names.any(|name| FORWARDS.contains(&name)) || says_so()
}

const REPLIES: [&str; 3] = ["sv:", "re:", "svar:"];
const FORWARDS: [&str; 5] = ["vs:", "fw:", "fwd:", "videresendt:", "vidaresendt:"];
/// Who writes more says something of their own.
const COVER_WORDS_MAX: usize = 15;

/// The cues of each kind but health.
fn weigh(mail: &MailToSort<'_>, sentences: &[Sentence]) -> BTreeMap<MailKind, Weight> {
    let mut weighed: BTreeMap<MailKind, Weight> = BTreeMap::new();
    let body = &sentences[1..];
    let asks = body.iter().any(|sentence| sentence.asks);
    for (kind, cues) in CUES {
        let counts = |sentence: &&Sentence| kind.may_ask() || !sentence.asks;
        let stated = |cue: &Cue, among: &[Sentence]| among.iter().filter(counts).any(|sentence| sentence.shows(cue));
        // The subject of a question names what the question is about.
        let among = if asks && !kind.may_ask() && !cues.iter().any(|cue| stated(cue, body)) { body } else { sentences };
        for cue in cues.iter().filter(|cue| stated(cue, among)) {
            weighed.entry(*kind).or_default().add(cue.name, cue.weight);
        }
    }
    let mut add = |kind: MailKind, name: &'static str, weight: i32| weighed.entry(kind).or_default().add(name, weight);
    let questions = sentences.iter().filter(|sentence| sentence.asks).count();
    for weight in [LIMIT, 1].into_iter().take(questions) {
        add(MailKind::Spoersmaal, "spørsmål", weight);
    }
    if mail.enclosed.contains(&Enclosed::Vedtak) {
        add(MailKind::Vedtak, ENCLOSED, LIMIT);
    }
    let domain = mail.sender_domain.unwrap_or_default().to_ascii_lowercase();
    let is_under = |names: &[&str]| names.iter().any(|name| domain.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if is_under(&["kommune.no"]) {
        add(MailKind::Vedtak, "fra kommune", 1);
        add(MailKind::Fordelingsliste, "fra kommune", 1);
        // A kommune that says no is not the person who is offered a kommune.
        add(MailKind::Bosettingsnekt, "fra kommune", -3);
    } else if is_under(&cues::AUTHORITIES) {
        add(MailKind::Innsyn, "fra myndighet", 2);
    } else if matches!(mail.automatic, Some(Automatic::List | Automatic::Bulk)) {
        add(MailKind::Reklame, "masseutsending", 2);
    }
    weighed
}

/// The kind that the head alone shows.
fn by_head(mail: &MailToSort<'_>, weighed: &BTreeMap<MailKind, Weight>) -> Option<MailKind> {
    let sum = |kind: MailKind| weighed.get(&kind).map_or(0, |weight| weight.sum);
    match mail.automatic? {
        // An answer by itself also goes out without a way back.
        Automatic::Bounce if sum(MailKind::Autosvar) > sum(MailKind::Retur) || arrived(mail) => Some(MailKind::Autosvar),
        Automatic::Bounce => Some(MailKind::Retur),
        Automatic::Reply if sum(MailKind::Retur) >= LIMIT => Some(MailKind::Retur),
        Automatic::Reply => Some(MailKind::Autosvar),
        Automatic::List | Automatic::Bulk => None,
    }
}

fn texts<'m>(mail: &MailToSort<'m>) -> impl Iterator<Item = &'m str> {
    mail.enclosed.iter().filter_map(|enclosed| match enclosed {
        Enclosed::Text(text) => Some(*text),
        Enclosed::Vedtak | Enclosed::Message(_) => None,
    })
}

/// Whether a report says that the mail was delivered (RFC 3464) or shown (RFC 8098).
fn arrived(mail: &MailToSort<'_>) -> bool {
    let lines = texts(mail).flat_map(str::lines).map(str::to_ascii_lowercase);
    let mut outcomes = lines.filter(|line| line.starts_with("action:") || line.starts_with("disposition:")).peekable();
    outcomes.peek().is_some() && outcomes.all(|line| !line.contains("failed") && !line.contains("delayed"))
}

/// The heaviest kind that a person wrote; of two alike, the one that stands first and says most.
fn by_weight(mut weighed: BTreeMap<MailKind, Weight>) -> SortedMail {
    let mut order: Vec<(MailKind, i32)> = weighed.iter().map(|(kind, weight)| (*kind, weight.sum)).collect();
    let beats = |(kind, sum): &(MailKind, i32)| match kind {
        MailKind::Retur if *sum >= LIMIT => 3,
        // Only the subject that a machine wrote weighs so much.
        MailKind::Autosvar if *sum > LIMIT + 1 => 2,
        MailKind::Helse if *sum >= LIMIT => 1,
        _ => 0,
    };
    let says = |kind: MailKind| match kind {
        MailKind::Annet => 0,
        MailKind::Spoersmaal => 1,
        _ => 2,
    };
    order.sort_by_key(|weight| std::cmp::Reverse((beats(weight), weight.1, says(weight.0))));
    let (first, sum) = order.first().copied().unwrap_or((MailKind::Annet, 0));
    let next = order.get(1).copied().filter(|(_, next)| *next > 0);
    if sum < LIMIT {
        // The nearer a kind came, the less sure it is that the mail is none of them.
        let second = Some(first).filter(|kind| sum > LIMIT - NEAR && *kind != MailKind::Annet);
        return SortedMail::of(MailKind::Annet, Confidence::new(share(LIMIT - sum, LIMIT) / 2.0), Vec::new(), second);
    }
    let apart = next.map_or(ROOM, |(_, next)| sum - next);
    let second = next.filter(|(kind, next)| *kind != MailKind::Annet && *next >= LIMIT && (apart <= NEAR || beats(&(first, sum)) > 0)).map(|(kind, _)| kind);
    let distance = if second.is_some() { 0 } else { (sum - LIMIT).min(apart) };
    SortedMail::of(first, Confidence::new(0.5 + share(distance, ROOM) / 2.0), weighed.remove(&first).unwrap_or_default().why, second)
}

/// `part` of `whole`, between 0 and 1.
fn share(part: i32, whole: i32) -> f32 {
    let count = |number: i32| f32::from(u8::try_from(number.clamp(0, whole)).unwrap_or(u8::MAX));
    count(part) / count(whole)
}

/// What is said of health.
struct Health {
    weight: Weight,
    /// Whether it is said of a person.
    personal: bool,
}

/// Weighs words on health. They are of a person where the paper is one that only patients have, where someone of a family or a reception centre is named
/// anywhere, and where the same sentence says who.
fn health(sentences: &[Sentence]) -> Health {
    let mut weight = Weight::default();
    for cue in HEALTH {
        if sentences.iter().any(|sentence| sentence.shows(cue)) {
            weight.add(cue.name, cue.weight);
        }
    }
    if weight.sum == 0 {
        return Health { weight, personal: false };
    }
    let names_one = |sentence: &Sentence| sentence.shows_any(PEOPLE) || sentence.shows_any(PRONOUNS) && HEALTH.iter().any(|cue| sentence.shows(cue));
    let someone = sentences.iter().any(names_one);
    if someone {
        weight.add("person", 2);
    }
    let personal = weight.sum >= LIMIT && (someone || sentences.iter().any(|sentence| sentence.shows_any(PERSONAL)));
    Health { weight, personal }
}

fn request(words: &str, sentences: &[Sentence]) -> Request {
    let shown = |beginnings: &[&str]| sentences.iter().any(|sentence| sentence.shows_any(beginnings));
    // `barnevernsloven`, `folkeregisterlova`: the name of an act ends so.
    let names_act =
        |word: &str| ["sloven", "slova", "loven", "lova", "forskriften", "forskrifta", "forordningen", "forordninga"].iter().any(|end| word.ends_with(end));
    let basis = words.contains('§') || shown(BASIS) || sentences.iter().any(|sentence| sentence.words.split(' ').any(names_act));
    Request { basis, purpose: shown(PURPOSE) }
}

/// The Message-ID of what came back: that of the enclosed original, else the one that a report or the words name, else the one that the head answers.
fn returned(mail: &MailToSort<'_>) -> Option<String> {
    let message = mail.enclosed.iter().find_map(|enclosed| match enclosed {
        Enclosed::Message(id) => id.and_then(identifier),
        Enclosed::Vedtak | Enclosed::Text(_) => None,
    });
    message.or_else(|| texts(mail).chain([mail.text]).find_map(named)).or_else(|| mail.references.last().and_then(|id| identifier(id)))
}

/// The Message-ID that a field of a head names in a text; the report names the original's, so does the head that stands below it.
fn named(text: &str) -> Option<String> {
    let mut rest = text;
    while !rest.is_empty() {
        let line = rest.trim_start_matches(['>', ' ', '\t']);
        let value = ["original-message-id:", "message-id:"]
            .iter()
            .find_map(|name| line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name)).and_then(|_| identifier(&line[name.len()..])));
        if value.is_some() {
            return value;
        }
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    None
}

/// A Message-ID at the beginning of a text, without its brackets.
fn identifier(text: &str) -> Option<String> {
    let text = text.trim_start().trim_start_matches('<');
    let id = text.split(|c: char| c.is_whitespace() || c.is_control() || c == '>').next().unwrap_or_default();
    (id.contains('@') && id.len() <= ID_BYTES_MAX).then(|| id.to_owned())
}

/// A line of a head is no longer (RFC 5322 2.1.1).
const ID_BYTES_MAX: usize = 998;

#[cfg(test)]
mod tests;
