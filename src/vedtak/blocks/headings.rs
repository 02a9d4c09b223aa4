//! Which lines head a block or lead it in, and what role they give it.

use std::ops::Range;
use std::sync::LazyLock;

use super::super::wording::{self, Pattern, compile};
use super::sentences::sentences_of;
use super::{Outcome, Role, is_row};

pub(super) static PROPOSAL: Pattern = LazyLock::new(|| {
    compile(r"forslag|framlegg|fremlegg|innstilling|tilråding|tilrådning|anbefaling|alternativ|uttalelse|uttale\b|fråsegn|høringssvar|høyringssvar|resolusjon")
});
static DECISION: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:dette|slikt|følgende|følgjande) svar(?:et)?\b|\b(?:ble|blei|vart) (?:det (?:slik|såleis|dette)|avgjort|avgjord)\b|\butskrift\w* (?:seier|sier|lyder|lyd)\b|(?:\b(?:ks|bs|bys|fs|kst|heradsstyre|kommunestyre|bystyre|formannskaps?)[- ]?)?\b(?:\w*vedtak|\w*vedtaket|vedtatt|vedteke|vedtok)\b",
    )
});
static FINITE: Pattern = LazyLock::new(|| compile(r"\b(?:ble|blei|vart|er|var|gjorde|har|kjem|kommer)\b"));
static NOUN: Pattern = LazyLock::new(|| compile(r"vedtak"));
static DECISION_TITLE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:vedtak om|vedtaket om|vedtak vedr\w*|vedtak [–-]|melding om (?:\w+ )?vedtak|melding om|underretning om|utskrift|tidsfrist|svar på|nytt vedtak)\b|- vedtak$|– vedtak$",
    )
});
static EARLIER: Pattern = LazyLock::new(|| compile(r"\b(?:tidligere|tidlegare|gjeldende|gjeldande|førre|forrige)\b[^:]{0,20}\bvedtak"));
static BACKGROUND: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"^(?:saksopplysning\w*|bakgrunn\w*|vurdering\w*|saksutgreiing\w*|saksutredning\w*|saksframstilling\w*|saksframlegg\w*|saksgang\w*|vedlegg\w*|dokument\w*|historikk\w*|økonomi\w*|oppmoding\w*|",
        r"anmodning\w*|oppsummering\w*|samandrag\w*|sammendrag\w*|hva saken gjelder|kva saka gjeld|faktiske opplysninger|konsekvens\w*|orientering\w*|protokolltilførsel\w*|merknad\w*|stemmeforklaring\w*)$",
    ))
});
static TREATMENT: Pattern = LazyLock::new(|| {
    compile(
        "^(?:(?:kommunestyret|bystyret|formannskapet|heradsstyret|utvalget|utvalet)(?: si| sin| sitt)?[ –-]+)?(?:møteutgreiing\\w*|møtebehandling\\w*|behandling\\w*|handsaming\\w*|ordskifte\\w*|debatt\\w*|votering\\w*|røysting\\w*|avrøysting\\w*|avstemning\\w*|avstemming\\w*|stemmegivning\\w*)(?: \\S+){0,4}$|^(?:behandling|handsaming)/vedtak\\b",
    )
});
static CLOSING: Pattern = LazyLock::new(|| {
    compile(
        r"^(?:med (?:vennlig |venleg |vennleg |beste )?(?:hilsen|helsing)\b|(?:vennlig |venleg |beste |god )?(?:hilsen|helsing)\b(?: fra| frå)?|mvh\b|vh\b|rett utskrift|dokumentet er (?:elektronisk )?godkjent|brevet er (?:elektronisk )?godkj)",
    )
});
static ADOPTED_LINE: Pattern = LazyLock::new(|| {
    compile(
        r"^(?:(?:enstemmig |samrøystes |einstemmig )?(?:vedtatt|vedteke|vedteken|tiltrådt)(?: (?:enstemmig|samrøystes|einstemmig))?|enstemmig|samrøystes)[.!]?(?: \(?(?:\d|for\b|mot\b).*)?$",
    )
});
static FALLEN_LINE: Pattern =
    LazyLock::new(|| compile(r"^(?:nedstemt|nedrøysta|falt|fall|ikke vedtatt|ikkje vedteke|forkastet|forkasta)[.!]?(?: \(?(?:\d|for\b|mot\b).*)?$"));
/// What was adopted changes, adds to or precedes the decision, or another body adopted it.
static ADOPTED_IN_PART: Pattern = LazyLock::new(|| compile(r"endring|tillegg|punkt|pkt|delvis|delt|utsett|utsatt|\bi\b|\bav\b|tilråding til|innstilling til"));
/// "Framlegg frå ordføraren, samrøystes vedteke:" leads in the decision.
static ADOPTED_LEAD_IN: Pattern = LazyLock::new(|| {
    compile(
        r"^\w*(?:forslag|framlegg|fremlegg|innstilling|tilråding)\w*\b[^:,]*,? (?:(?:ble|blei|vart|er) )?(?:(?:samrøystes|enstemmig|einstemmig) (?:vedtatt|vedteke\w?)|(?:vedtatt|vedteke\w?) (?:samrøystes|enstemmig|einstemmig))$",
    )
});
/// The most words a heading has when no colon ends it.
const HEADING_WORDS_MAX: usize = 8;
/// A line that says nothing but how a vote went.
pub(super) fn outcome(line: &str) -> Option<Outcome> {
    if line.ends_with(':') || is_row(line) && !line.contains(['–', '-']) {
        return None;
    }
    if FALLEN_LINE.is_match(line) {
        Some(Outcome::Fallen)
    } else if ADOPTED_LINE.is_match(line) {
        Some(Outcome::Adopted)
    } else {
        None
    }
}

/// The role a line gives as a heading, and how many bytes of it are the heading. `may_open` is whether a heading can stand here at all.
pub(super) fn heading_role(line: &str, may_open: bool) -> Option<(Role, usize)> {
    // "Vedtak (etter felles forslag fra alle partier):" is a decision; the brackets begin with the vote.
    static ADVISES: Pattern = LazyLock::new(|| compile(r"innstilling|tilråding|anbefaling"));
    static BRACKETS: Pattern = LazyLock::new(|| compile(r"^vedtak ?(?P<how>\((?:samrøystes|einstemmig|enstemmig|\d+)[^)]*\))$"));
    static VOTES: Pattern = LazyLock::new(|| {
        compile(r"^ ?(?:\d+ ?(?:røyst|stemme|for\b|[–-] ?\d)|vedtatt|vedteke|falt|fall)|^[^:]*\b(?:framlegg|forslag|tilråding|innstilling)\w* [^:]*\bmot\b")
    });
    static ALONE: Pattern = LazyLock::new(|| compile(r"^vedtak\b[^:.]{0,12}(?:enst\.|einst\.)?:$"));
    static OF_COUNCIL: Pattern = LazyLock::new(|| {
        compile(
            r"^(?:{COUNCIL})(?: sitt?)? vedtak(?: |,|av\b|frå\b|fra\b|den\b|i møte\b|i\b|sak\b|\w-sak\b|PS\b|KS\b|nr\.?|{DATE}|\d+/\d+)+$|^(?:PS|KS|KST|k-sak|sak) ?\d+/\d+ [–-] vedtak$",
        )
    });
    if ALONE.is_match(line) || may_open && OF_COUNCIL.is_match(line) {
        return Some((Role::Decision, line.len()));
    }
    if !may_open || !line.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) {
        return None;
    }
    if CLOSING.is_match(line) {
        return Some((Role::Closing, 0));
    }
    let colon = line.match_indices(':').map(|(at, _)| at).find(|at| line[at + 1..].chars().next().is_none_or(|next| !next.is_ascii_digit()));
    let (heading, length) = match colon {
        Some(at) => (&line[..at], at + 1),
        None if !line.ends_with(['.', ',', ';']) => (line, line.len()),
        None => return None,
    };
    // "Framlegget frå Lia: 9 røyster, vedteke." tells how a vote went.
    let words = heading.split_whitespace().count();
    if words > HEADING_WORDS_MAX || VOTES.is_match(line[length..].trim_start()) || VOTES.is_match(heading) {
        return None;
    }
    let bare = heading.trim().trim_end_matches('.');
    let bare = BRACKETS
        .captures(bare)
        .and_then(|found| found.name("how"))
        .filter(|how| !wording::RECOMMENDS_STRICTLY.is_match(how.as_str()) && !ADVISES.is_match(how.as_str()))
        .map_or(bare, |how| bare[..how.start()].trim_end());
    let role = if ADOPTED_LEAD_IN.is_match(bare) && colon.is_some() && !ADOPTED_IN_PART.is_match(bare) {
        Role::Decision
    } else if PROPOSAL.is_match(bare) || wording::RECOMMENDS.is_match(bare) && line.contains(':') {
        Role::Proposal
    } else if BACKGROUND.is_match(bare) || EARLIER.is_match(bare) {
        Role::Background
    } else if TREATMENT.is_match(bare) {
        Role::Treatment
    } else if DECISION.is_match(bare) && !DECISION_TITLE.is_match(bare) && (line.contains(':') || NOUN.is_match(bare) && words <= 5 && !FINITE.is_match(bare)) {
        Role::Decision
    } else {
        return None;
    };
    Some((role, length))
}

/// A heading that tells what somebody did is a sentence that leads in.
pub(super) static TELLS: Pattern = LazyLock::new(|| compile(r"\b(?:gjorde|vedtok|fattet|fatta|har|ble|vart|behandlet|handsama)\b"));
/// Whether a sentence that leads something in does so where it stands: what case papers tell of was decided before.
pub(super) fn may_lead(within: Role, role: Role) -> bool {
    match within {
        Role::Quoted | Role::Head => false,
        Role::Background => role == Role::Proposal,
        _ => true,
    }
}

/// The last sentence of a paragraph that ends in a colon, with the role it gives to what follows.
pub(super) fn lead_in(text: &str, paragraph: &Range<usize>) -> Option<(Role, Range<usize>)> {
    let lead = sentences_of(text, paragraph).pop()?;
    leads_in(&text[lead.clone()]).map(|role| (role, lead))
}

/// The role that a sentence with a colon gives to what follows.
pub(super) fn leads_in(sentence: &str) -> Option<Role> {
    static IS: Pattern = LazyLock::new(|| compile(r"vedtak\w* (?:er|vart|ble|blei|lyder|lyd)\b"));
    static VOTE: Pattern = LazyLock::new(|| compile(r"\b(?:mot|røyster|stemmer)\b"));
    if PROPOSAL.is_match(sentence) && VOTE.is_match(sentence) {
        return None;
    }
    if IS.is_match(sentence) && !wording::RECOMMENDS_STRICTLY.is_match(sentence) {
        return Some(Role::Decision);
    }
    if PROPOSAL.is_match(sentence) || wording::RECOMMENDS.is_match(sentence) {
        Some(Role::Proposal)
    } else if DECISION.is_match(sentence) {
        Some(Role::Decision)
    } else {
        None
    }
}
