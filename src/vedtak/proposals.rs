//! What was proposed, and which of it a decision adopts when it does not repeat it (`Som kommunedirektørens forslag.`).
//!
//! Proposals are told from one another by who made them and by their labels: `forslag fra Dahl`, `innstillingen`, `alternativ B`. A decision names one, or there is only one.

use std::sync::LazyLock;

use super::blocks::{Block, Outcome, Role};
use super::statements::{Statement, Void};
use super::wording::{Pattern, compile};

/// How many letters of a word tell it from others, whatever its ending.
const STEM: usize = 6;

/// Something that was proposed and did not fall.
struct Proposal<'a> {
    /// Stems of the words that say who made it, and its labels.
    makers: Vec<String>,
    statements: Vec<&'a Statement>,
    block: usize,
    /// A block of its own; else one sentence of the treatment.
    whole: bool,
}

/// What is adopted.
pub struct Adopted<'a> {
    /// The sentences.
    pub statements: Vec<&'a Statement>,
    /// The first block they stand in.
    pub block: usize,
}

/// How many proposals there are that did not fall.
pub fn count(text: &str, blocks: &[Block], all: &[Statement]) -> usize {
    proposals(text, blocks, all).len()
}

fn proposals<'a>(text: &str, blocks: &[Block], all: &'a [Statement]) -> Vec<Proposal<'a>> {
    // "Alt. 2 - inntil 52 personer", in a list of what can be voted on.
    static ALTERNATIVE: Pattern = LazyLock::new(|| compile(r"^(?:alt\.?|alternativ) ?[A-F\d]\b ?[-–:.]"));
    static MAKES: Pattern = LazyLock::new(|| compile(r"\b(?:forslag|framlegg|fremlegg) (?:\w+ ){0,2}?om\b|\b(?:foreslo|føreslo|foreslår|føreslår)\b"));
    let mut found: Vec<Proposal> = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        if block.role == Role::Proposal && block.outcome != Some(Outcome::Fallen) && !block.sentences.is_empty() {
            let makers = block.heading.clone().map_or_else(Vec::new, |heading| stems(&text[heading]));
            found.push(Proposal { makers, statements: all.iter().filter(|statement| statement.block == at).collect(), block: at, whole: true });
        }
    }
    let is_alternative = |statement: &&Statement| statement.has_number() && ALTERNATIVE.is_match(statement.written(text)) && statement.role != Role::Proposal;
    for statement in all.iter().filter(is_alternative) {
        found.push(Proposal { makers: stems(statement.written(text)), statements: vec![statement], block: statement.block, whole: false });
    }
    for statement in
        all.iter().filter(|statement| statement.void == Some(Void::Proposes) && matches!(statement.role, Role::Body | Role::Background | Role::Treatment))
    {
        let written = statement.written(text);
        if let Some(makes) = MAKES.find(written) {
            found.push(Proposal { makers: stems(&written[..makes.start()]), statements: vec![statement], block: statement.block, whole: false });
        }
    }
    found
}

/// What several sentences of one decision adopt together (`Pkt. 1 som i tilrådinga. Pkt. 2 som i framlegget frå …`); none when one of them cannot be told.
pub fn adopted<'a>(text: &str, blocks: &[Block], all: &'a [Statement], adoptions: &[&Statement]) -> Option<Adopted<'a>> {
    let proposals = proposals(text, blocks, all);
    let mut found: Option<Adopted> = None;
    for adoption in adoptions {
        for proposal in chosen(text, &proposals, adoption)? {
            let so_far = found.get_or_insert(Adopted { statements: Vec::new(), block: proposal.block });
            for statement in &proposal.statements {
                if !so_far.statements.iter().any(|known| known.sentence == statement.sentence) {
                    so_far.statements.push(statement);
                }
            }
        }
    }
    found
}

/// The proposals whose maker a sentence names, else the only one there is.
fn chosen<'p, 'a>(text: &str, proposals: &'p [Proposal<'a>], adoption: &Statement) -> Option<Vec<&'p Proposal<'a>>> {
    // "… vart sett opp mot framlegget frå rådmannen og vedteke": the other one lost.
    static AGAINST: Pattern = LazyLock::new(|| compile(r"\b(?:satt|sett|stilt) (?:opp )?mot (?:\S+ ){1,5}?(?:og|vart|ble|blei)\b"));
    let said = stems(&AGAINST.replace_all(adoption.written(text), " "));
    // A word of several makers tells none from another.
    let tells = |stem: &String| said.contains(stem) && proposals.iter().filter(|proposal| proposal.makers.contains(stem)).count() == 1;
    let named: Vec<&Proposal> = proposals.iter().filter(|proposal| proposal.makers.iter().any(tells)).collect();
    if !named.is_empty() {
        return Some(named);
    }
    let whole: Vec<&Proposal> = proposals.iter().filter(|proposal| proposal.whole).collect();
    (whole.len() == 1).then_some(whole)
}

/// The beginnings of the words that tell one proposal from another, and labels: `forslag A`, `alternativ 2`, `FrP`.
pub fn stems(text: &str) -> Vec<String> {
    const COMMON: [&str; 18] = [
        "forsla", "vedtak", "vedtat", "framle", "fremle", "enstem", "samrøy", "følgen", "slikt", "fremme", "fremja", "repres", "altern", "deretter", "stemme",
        "røyste", "tilleg", "kommun",
    ];
    const PARTIES: [&str; 7] = ["ap", "sp", "frp", "krf", "mdg", "inp", "fnb"];
    static LABEL: Pattern = LazyLock::new(|| compile(r"(?:\b(?:forslag|alternativ|alt\.|framlegg|punkt)|^) ?(?P<label>[A-Fa-f1-9])(?:\b|[.):])"));
    let words = || text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && word.chars().all(char::is_alphabetic));
    // In the genitive too: Dahls forslag.
    let stem = |word: &str| word.to_lowercase().trim_end_matches('s').chars().take(STEM).collect::<String>();
    let makers = words().filter(|word| word.chars().count() > 3).map(stem).filter(|stem| !COMMON.contains(&stem.as_str()));
    // The kommune's chief executive and its council begin alike.
    let chief = words().filter(|word| word.to_lowercase().starts_with("kommuned")).map(|_| "kommunedirektør".to_owned());
    let labels = LABEL.captures_iter(text).filter_map(|found| Some(format!("#{}", found.name("label")?.as_str().to_uppercase())));
    // Parties, as they are written: "Ap", "FrP", "SV".
    let is_party = |word: &&str| {
        let short = (2..5).contains(&word.chars().count());
        short && (word.chars().all(char::is_uppercase) || PARTIES.contains(&word.to_lowercase().as_str()) && word.starts_with(char::is_uppercase))
    };
    // In the genitive too: FrPs forslag.
    let bare = |word: &'_ str| -> String { word.strip_suffix('s').filter(|bare| is_party(bare)).unwrap_or(word).to_owned() };
    let parties = words().map(bare).filter(|word| is_party(&word.as_str())).map(|word| format!("${}", word.to_lowercase()));
    makers.chain(chief).chain(labels).chain(parties).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{blocks, statements};
    use super::*;
    use crate::transcript::tests::transcript;

    /// What the last sentence of a text adopts.
    fn adopts(text: &str) -> Option<Vec<String>> {
        let transcript = transcript(text);
        let blocks = blocks::cut(&transcript);
        let all = statements::read(&transcript.text, &blocks);
        let last = all.last()?;
        adopted(&transcript.text, &blocks, &all, &[last])
            .map(|found| found.statements.iter().map(|statement| statement.written(&transcript.text).to_owned()).collect())
    }

    const TWO: &str =
        "Kommunedirektørens innstilling:\nVi bosetter 20.\n\nBehandling:\nKari Dahl (FrP) la fram følgende forslag:\nVi bosetter 10.\n\nVedtak:\n";

    #[test]
    fn the_maker_tells_which_proposal_is_adopted() {
        for (decision, expected) in [
            ("Kommunedirektørens innstilling ble vedtatt.", Some("Vi bosetter 20.")),
            ("Som innstillingen.", Some("Vi bosetter 20.")),
            ("Dahls forslag ble vedtatt.", Some("Vi bosetter 10.")),
            ("Innstillingen ble satt opp mot forslaget fra Dahl og vedtatt.", Some("Vi bosetter 20.")),
            ("Forslaget ble vedtatt.", None),
        ] {
            assert_eq!(adopts(&format!("{TWO}{decision}")), expected.map(|text| vec![text.to_owned()]), "{decision}");
        }
    }

    #[test]
    fn the_only_proposal_needs_no_maker_and_a_fallen_one_is_none() {
        assert_eq!(adopts("Forslag til vedtak:\nVi bosetter 20.\n\nVedtak:\nSom forslaget."), Some(vec!["Vi bosetter 20.".to_owned()]));
        let voted = "Forslag fra Dahl:\nVi bosetter 10.\nNedstemt\n\nForslag fra Lie:\nVi bosetter 20.\n\nVedtak:\nSom forslaget.";
        assert_eq!(adopts(voted), Some(vec!["Vi bosetter 20.".to_owned()]));
    }

    #[test]
    fn labels_tell_alternatives_apart() {
        let text = "Forslag:\nA. Dahl, hovedforslag: Vi bosetter 10.\nB. Lie, hovedforslag: Vi bosetter 20.\n\nVedtak:\nSom forslag B.";
        assert_eq!(adopts(text), Some(vec!["Vi bosetter 20.".to_owned()]));
    }
}
