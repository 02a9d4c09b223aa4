//! What stands around a decision in running text and can make it another's, or none: who proposed what, what was changed, what is still to come.

use std::sync::LazyLock;

use super::blocks::{Block, Role};
use super::statements::{Statement, Void};
use super::wording::{self as words, Pattern, compile};

/// Words of those who have no last word, and of proposals: in running text little says which sentence they bear on.
pub static PROPOSERS: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:formannskap(?:et|ets|a)?|(?:hoved|hovud|opp\w+|helse\w*|service\w*|finans\w*|kontroll\w*)?utval\w*|komite\w*|råd(?:et|mann)? går|(?:gruppa|gruppen) (?:\w+ )?(?:vedt\w+|går|gikk|gjekk|mein\w+|men\w+|stemm\w*|røyst\w*)|partigrupp\w*|innstill\w*|tilrå\w*|anbefal\w*|forslag\w*|foresl\w*|føresl\w*|",
        r"framlegg\w*|fremlegg\w*|alternativ\w*)\b",
    ))
});
/// Words of what may still change, or has changed.
static UNSETTLED: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:utsett\w*|utsatt|opphev\w*|omgj\w*|gjort om|gjorde om|",
        r"nytt vedtak|ny sak|ny behandling|på nytt|ny avgjer\w*|klage\w*|anke\w*|lovlig\w*|ugyldig\w*|feil|rettelse|retting|riktig|rett tal|skrivefeil|(?:beklager|orsakar|orsak) (?:feil\w*|bry\w*|forvirr\w*|mistydi\w*|misforst\w*)|foreløpig|førebels|utkast|høring|høyring|endelig|endeleg|ikke avgjort|",
        r"behandles|behandlast|handsamast|møteinnkalling|saksframlegg|dersom kommunestyret|om kommunestyret|kan (?:dere|de|dykk|du) (?:bekrefte|stadfeste)|(?:ser|såg|så|las|leste|les) (?:i|på) (?:media|avis\w*|nett\w*|facebook))\b",
    ))
});
/// Whether a sentence says that the matter itself was not decided on, or that a decision falls: wherever it stands, a person looks.
pub fn undoes(written: &str) -> bool {
    static UNDONE: Pattern = LazyLock::new(|| {
        compile(concat!(
            r"\b(?:uten|utan) realitets\w+|\bneste (?:behandling|handsaming)\b|\b(?:ikke|ikkje) (?:\w+ )?(?:tatt|teken|teke|tekne) opp til (?:\w+ )?(?:votering|røysting|avstemning|avrøysting)\b|",
            r"\b(?:{COUNCIL}) har (?:\w+ ){0,2}?(?:ikke|ikkje) (?:bestemt|vedtatt|vedteke|behandla|behandlet|handsama|tatt stilling|teke stilling|svart)\b|\bvedtak\w* (?:\S+ ){0,6}?(?:oppheves|opphevast|oppheva|opphevet)\b",
        ))
    });
    UNDONE.is_match(written)
}

/// Whether a sentence only reckons with a number: in a budget, or as a premise.
pub fn reckons(written: &str) -> bool {
    static RECKONS: Pattern = LazyLock::new(|| compile(r"\b(?:budsjetter\w*|lagt til grunn|lagt inn|ut (?:frå|fra) at)\b"));
    RECKONS.is_match(written)
}

/// Whether a sentence says that what is decided comes on top of what was decided before.
pub fn tops_up(written: &str) -> bool {
    static ON_TOP: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:ut ?over|på toppen av|attåt|i tillegg til) (?:\w+ ){0,3}?(?:\w*kvot\w*|(?:ordinære|opprinnelige|opphavlege|tidligere|tidlegare|første|fyrste) (?:vedtak\w*|plass\w*|tal\w*))\b",
        )
    });
    ON_TOP.is_match(written)
}

/// A condition; more people if more are in need is none.
static IF: Pattern = LazyLock::new(|| compile(r"\b(?:hvis|viss)\b"));
static IF_NEEDED: Pattern = LazyLock::new(|| compile(r"\b(?:hvis|viss) (?:\w+ ){0,3}(?:behov\w*|treng\w*)"));
/// Whether the text is the directorate's own mail, or a reader's letter: what it says of a decision is hearsay.
pub fn is_of_no_kommune(text: &str, blocks: &[Block]) -> bool {
    static DIRECTORATE: Pattern = LazyLock::new(|| compile(r"@imdi\.no\b|\b(?:fra|frå|from):? (?:IMDi|Integrerings)"));
    static READER: Pattern = LazyLock::new(|| compile(r"^\W*(?:leserinnlegg|lesarinnlegg|leserbrev|lesarbrev|debattinnlegg|kronikk)\b"));
    sender(text, blocks).is_some_and(|sender| DIRECTORATE.is_match(sender)) || READER.is_match(text)
}

/// Whether the text is a mail from an address outside of the kommuner.
pub fn is_of_an_outsider(text: &str, blocks: &[Block]) -> bool {
    static ADDRESS: Pattern = LazyLock::new(|| compile(r"@(?P<domain>[\w.-]+)"));
    let domain = sender(text, blocks).and_then(|sender| ADDRESS.captures(sender)?.name("domain"));
    domain.is_some_and(|domain| !domain.as_str().to_lowercase().trim_end_matches('.').ends_with("kommune.no"))
}

/// Whether the text is of papers for a meeting to come, as its first lines say: a call to it, or the case as it is laid before it.
pub fn are_papers(text: &str) -> bool {
    /// How far the head of such papers goes.
    const HEAD: usize = 600;
    static BEFORE: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:møteinnkalling|innkalling til|saksframlegg|saksfremlegg|sakspapir\w*|saksliste|sakliste|behandles (?:i|av):|behandlast (?:i|av):|handsamast (?:i|av):)",
        )
    });
    static AFTER: Pattern = LazyLock::new(|| compile(r"\b\w*(?:protokoll|møtebok|utskrift|melding om vedtak)\w*"));
    let end = text.char_indices().map(|(at, _)| at).take(HEAD).last().unwrap_or(0);
    BEFORE.is_match(&text[..end]) && !AFTER.is_match(&text[..end])
}

/// The line of a mail's first head that says who sent it.
fn sender<'t>(text: &'t str, blocks: &[Block]) -> Option<&'t str> {
    let head = blocks.iter().find(|block| !block.sentences.is_empty()).filter(|block| block.role == Role::Head)?;
    let written = &text[head.sentences.first()?.start..head.sentences.last()?.end];
    // It goes before those of the subject and the day.
    written.split("Emne:").next()
}

/// Whether a sentence tells of something that was changed, corrected or left open, or sets a condition.
pub fn is_unsettled(text: &str, own: &[&Statement]) -> bool {
    // "Vedtaket er endelig": that it is final unsettles nothing; "blir endelig når …" does.
    static FINAL: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:vedtaket|avgjerda|avgjørelsen|svaret) er (?:nå |no |dermed )?endel\w+|\b(?:er|ble|vart) (?:det )?(?:treft|fattet|fatta|gjort) endel\w+ vedtak\b|\bendel\w+ bestemt\b",
        )
    });
    static NOT_BEFORE: Pattern = LazyLock::new(|| compile(r"\b(?:ikkj?e|når|før|dersom|hvis|viss|til|først)\b"));
    own.iter().any(|statement| {
        let whole = statement.written(text);
        let written = if NOT_BEFORE.is_match(whole) { whole.into() } else { FINAL.replace_all(whole, " ") };
        let written = written.as_ref();
        UNSETTLED.is_match(written) || IF.is_match(written) && !IF_NEEDED.is_match(written)
    })
}

/// Whether somebody without the last word, or a proposal, is named otherwise than as what lost, what the council adopted, or what had been before.
pub fn names_proposers(text: &str, own: &[&Statement]) -> bool {
    static HAD_BEEN: Pattern = LazyLock::new(|| {
        compile(
            r"\bhadde (?:\w+ ){0,3}?(?:innstilt|foreslått|føreslått|tilrådd|tilrådt|anbefalt|tilrådet|rådd)\b|\b(?:mindre|lavere|lågare|færre) enn (?:innstill|tilrå|foresl|føresl)\w*",
        )
    });
    let harmless = |statement: &Statement| {
        let written = statement.written(text);
        let adopted = words::ADOPTED_ALL_THE_SAME.is_match(written) && words::COUNCILS.is_match(written) && !words::OTHER_BODY.is_match(written);
        // Who has the council's power decides and proposes nothing.
        let has_power = words::POWER_GIVEN.is_match(written) && !words::PROPOSED.is_match(written) && !words::RECOMMENDS.is_match(written);
        statement.void == Some(Void::Fallen) || adopted || has_power || HAD_BEEN.is_match(written)
    };
    own.iter().any(|statement| PROPOSERS.is_match(statement.written(text)) && !harmless(statement))
}

/// Whether a sentence with a word of what is to come tells of what is done: "Saken ble vedtatt uten votering, sist på kartet", "svaret kommer senere enn vi hadde
/// tenkt"; but not "ble vedtatt sendt tilbake".
pub fn is_done(written: &str) -> bool {
    static DONE: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:saken|saka) (?:ble|blei|vart) (?:\w+ )?(?:vedtatt|vedteken)\b|\b(?:saken|saka) (?:ble|blei|vart) (?:tatt|teken|behandlet|behandla|handsama) (?:\w+ )?som (?:nummer|nr\.?|sak) {N}|\b(?:senere|seinare) enn\b|\b(?:andre|øvrige) sak(?:ene|ane)\b",
        )
    });
    static SENT_ON: Pattern = LazyLock::new(|| compile(r"\b(?:utsatt|utsett|utsatte|send\w*|oversend\w*|fremmet|fremja|vidare|videre|på nytt)\b"));
    DONE.is_match(written) && !SENT_ON.is_match(written)
}

/// Whether a sentence of what is to come is about the matter itself: houses that are not ready, reports to be made and a new case if something happens leave the
/// decision as it is.
pub fn leaves_open(written: &str, role: Role) -> bool {
    static PEOPLE_COME: Pattern = LazyLock::new(|| compile(r"\b{N} (?:\w+ )?(?:er (?:ventet|venta|forventet)|ventes|ventast)\b"));
    static TREATED: Pattern = LazyLock::new(|| compile(r"\b(?:sak\w*|\w*vedtak\w*|vedt\w+|svar\w*|avgj\w+|behandl\w*|handsam\w*|møte\w*|(?:{COUNCIL}))\b"));
    static MATTER: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:sak(?:en|a|er|ene|ane)?\b|\w*(?:forslag|framlegg|fremlegg|innstilling|tilråding|vedtak|anmodning|oppmoding|svar)\w*|avgj\w+|(?:{COUNCIL})|spørsmål\w*|behandl\w*|handsam\w*|møte\w*|den|talet|tallet)\b",
        )
    });
    static ON_CONDITION: Pattern = LazyLock::new(|| compile(r"^(?:\d+[.)] ?|[-–•*·] ?)?(?:dersom|hvis|viss|skulle|ved)\b"));
    static CAME_BACK: Pattern = LazyLock::new(|| {
        compile(r"\b(?:utsatt|utsett)\b[^;]{0,80}\b(?:kom opp|kom opp att|tatt opp|teke opp|ble behandlet|vart handsama|ble avgjort|vart avgjord)")
    });
    static NOW_FINAL: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:ble|blei|vart|gjorde|gjort|fattet|fatta|traff|fattar|er|her er) (?:\w+ ){0,4}?(?:det )?endel\w* (?:vedtak|svar)|^(?:[^.]{0,60} )?[–-]? ?endel\w* svar$|endel\w* frå kommun\w*",
        )
    });
    // "… fordi boligene ikke er avklart før i mai": a reason leaves nothing open.
    static REASON: Pattern =
        LazyLock::new(|| compile(r"\b(?:fordi|ettersom|sidan|siden|skyldes|kjem av|skuldast|(?:grunn|årsak)\w*(?: [^ .;]+){0,12}? er(?: den)? at)\b"));
    static ASIDE: Pattern = LazyLock::new(|| compile(r"^til (?:orientering|vitande|informasjon|opplysning)\b"));
    // The body that decides has been given the power, and the council is only told.
    static NOT_ON: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:går|sendes|skal|vert send\w*) (?:\w+ )?ikkj?e (?:vidare|videre|(?:opp )?til politisk (?:behandling|handsaming))|\b(?:{COUNCIL}) (?:får|blir|vert) (?:saken|saka|vedtaket|orientert)(?: lagt fram)?(?: til (?:orientering|etterretning|vitande)| om)",
        )
    });
    if REASON.find(written).is_some_and(|reason| !words::PENDING.is_match(&written[..reason.start()])) {
        return false;
    }
    if words::BY_DELEGATION.is_match(written) || NOT_ON.is_match(written) {
        return false;
    }
    // "… er 17 på plass, og 3 er ventet i oktober": people come, and no answer does.
    if PEOPLE_COME.is_match(written) && !TREATED.is_match(written) {
        return false;
    }
    let later = ASIDE.is_match(written) || role == Role::Decision && ON_CONDITION.is_match(written);
    MATTER.is_match(written) && !later && !CAME_BACK.is_match(written) && !NOW_FINAL.is_match(written)
}
