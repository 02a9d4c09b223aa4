//! The numbers of a sentence, each with what it counts.
//!
//! Most numbers in a letter on settlement are no decision: votes, money, ages, dwellings, what was asked for, what was decided last year. What stands right before and right
//! after a number says what it counts; the nearest verb or noun of deciding to its left says how it stands to the decision. A number for which neither speaks is left out.

use std::ops::Range;
use std::sync::LazyLock;

use super::numbers;
use super::wording::{self as words, Pattern, compile, exactly};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// People who are settled in one year.
    Settled,
    /// Grown-ups and families, beside the minors.
    Adults,
    /// Unaccompanied minors.
    Minors(Age),
    /// People that were asked for.
    Asked,
    /// A number on top of an earlier decision.
    Added,
    /// What was decided or settled before.
    Before,
    /// More, if the need grows.
    More,
    /// A sum over several years.
    Period,
    /// What somebody proposed.
    Proposed,
    /// Families, or a stock at all times: no number of people for a year.
    Other,
}

impl What {
    /// Whether such a number could be what was decided.
    pub fn could_be_decided(self) -> bool {
        matches!(self, Self::Settled | Self::Adults | Self::Added | Self::Period | Self::Other)
    }
}

/// Which minors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// All, or the text does not say.
    Any,
    /// Between 15 and 18.
    Older,
    /// Below 15.
    Younger,
}

/// How a number bounds what was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Just so many.
    Exact,
    /// At most.
    UpTo,
    /// At least.
    AtLeast,
}

/// A number of people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about its words")]
pub struct Mention {
    /// How many.
    pub value: i64,
    /// The number's words.
    pub span: Range<usize>,
    /// What it counts.
    pub what: What,
    /// The years it is for, as the sentence says.
    pub years: Vec<i64>,
    /// The bound.
    pub limit: Limit,
    /// Whether the word for people stands beside it; else it is understood from the verb.
    pub named: bool,
    /// It is a part of a number before it (`hvorav`, `av disse`).
    pub part: bool,
    /// It comes on top of another (`i tillegg`).
    pub beside: bool,
    /// It stands beside what was asked for, proposed or before.
    pub quoted: bool,
    /// It is said to be the sum (`til sammen`).
    pub sum: bool,
}

/// The most people one kommune is believed to decide for in a year. Above it a number is a population or a sum of money.
const PEOPLE_MAX: i64 = 2000;

static NUMBER: Pattern = LazyLock::new(|| compile(r"{N}"));
/// A space was lost: `18flyktninger`.
static GLUED: Pattern = LazyLock::new(|| compile(r"\b(?P<n>\d{1,4})(?:flykt|person|menneske|plass|ensl|einsl)"));
/// What follows a number of something else than people.
static NO_PEOPLE_AFTER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"^(?:,\d|\.\d|:\d|/\d| ?%| ?prosent| ?pst\b| (?:,\d+ )?(?:mill|milliard|mrd|kr\b|kron)| ?år\b| (?:siste |første |fyrste |neste |kommende |komande )?år(?:a|ane|ene)\b| ?åring|\.–|",
        r" (?:av (?:dei |de )?{N} )?(?:av dei |av de )?(?:stemme|røyst|representant|medlem|mandat|parti|politikar|politiker|frammøtt|fremmøtt)| mot {N}| av {N}\b| ?[–-] ?\d+ ?(?:røyst|stemme)|",
        r" (?:\w+ )?(?:barnehage|skole|skule|sykehjem|sjukeheim|omsorg|parkering|lærling|lære|praksis|tiltak|arbeid|studie|kurs|heildøgn|heldøgn)\w*plass| (?:\w+ )?(?:\w*bolig|\w*bustad|leilighet|\w*leilegheit|husvære|klasserom|stilling|årsverk|tilsett|ansatt|einingar|enheter|hybl|hus\b|rom\b)|",
        r" (?:ledige |ulike |ulike |andre |av )?(?:kommun|sak|side|vedlegg|dag|veke|uke|måned|månad|time|minutt|meter|km|bygg|barnehage|avdeling|ganger|gonger|gong|forslag|punkt|tall\b|tal\b|partigrupp|alternativ|kvadrat|MB|kB|ungar|elev|lærar|lærer|fosterheim|fosterhjem|asyl|busett|bosatt|komne|kommet)|",
        r"\. ?(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember|jan|feb|mar|apr|jun|jul|aug|sep|okt|nov|des)\b)",
    ))
});
/// Letters of a party right after a number: `19H`, `7 AP`.
static PARTY: Pattern = LazyLock::new(|| exactly(r"^(?:[A-ZÆØÅ]{1,4}|Rødt|Uavh)\b"));
/// What stands before a number of something else than people.
static NO_PEOPLE_BEFORE: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"(?:§ ?|\bnr\.? ?|\bsak(?:snr|snummer)?\.?:? |\b(?:PS|FS|KS|RS|KST|BST|BYST|HST) ?|\bkl\.? ?|\bkr\.? ?|\d[/–-] ?|\d:|\d[.,]|\b(?:tapte|tapt|vant|vann|fall|falt|stemmer|røyster|{N}) mot |(?:,|\bog|\bmen) ikkj?e |\b(?:i stedet for|i staden for|istedenfor|framfor|heller enn) (?:de |dei )?|(?:[a-zæøå]{2}|[\d,)»]) mot (?:de |dei )?|[a-zæøå]/|\b(?:votering|punkt|pkt\.?|side|vedlegg|uke|veke|postboks|boks|tertialrapport|rapport|fase|tlf\.?|telefon|kap\.?|alternativ|gate|veg|vei|vegen|veien|om lag kr) |",
        r"\b(?:FOR|MOT): ?|\b(?:til stede|til stades|tilstede|møtte):? |\b(?:med|mot) {N} (?:mot|til) |\b(?:stemte|røysta) |\bsamrøystes,? ?|\benstemmig,? ?\()$",
    ))
});
static AGE: Pattern = LazyLock::new(|| compile(r"\b(?:under|over|fylt|mellom|15 ?[–-]|15 til|15 og|femten og) ?$"));
static TO_EIGHTEEN: Pattern = LazyLock::new(|| compile(r"^ ?(?:[–-]|til|og) ?(?:18|atten)\b"));
static PEOPLE_AFTER: Pattern = LazyLock::new(|| {
    compile(
        r"^ ?(?:[\w-]+ ){0,2}?(?:\w*flykt(?:- )?n\w*|flykning\w*|person(?:er|ar|ane|ene|en|a)?\b|menneske\w*|plass(?:er|ar|ane|ene)?\b|\w*plassar?\b|\w*plasser\b|innvandr\w*|nykom\w*|stk)",
    )
});
static ADULTS_AFTER: Pattern = LazyLock::new(|| compile(r"^ (?:\w+ )?(?:voksne|vaksne|ordinære)\b|^ ?\((?:voksne|vaksne)"));
static MINORS_AFTER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"^(?: av (?:de|dei|desse|disse) {N})? (?:\w*plass\w* (?:[\w-]+ ){0,4}?(?:til|for|forbeholdt) |(?:kan|er|vere|vera|være|av (?:disse|desse|dem|dei|plassene|plassane|talet)|som|skal|til|nye|inntil|også|i {YEAR}|for|øremerket|øyremerka|reservert|sett av|barn|personer|personar|stk\.?|flyktninger|flyktningar|settes av|sette|av|gjelder|gjeld) |",
        r"(?:[\w-]+ ){0,1})*?{EM}|^ ?\({EM}\)",
    ))
});
static NOT_WITHIN: Pattern = LazyLock::new(|| compile(r"\b(?:ikke|ikkje|ingen|inga|uten|utan)\b"));
static MINORS_BEFORE: Pattern = LazyLock::new(|| compile(r"{EM}(?: (?:er|blir|vert|settes til|er satt til|talet|tallet|er talet|er tallet|med))?:? {UP_TO}$"));
static ONE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?P<one>én|éin|ett|eitt|ein|en)\b (?:(?:av (?:dem|dei|disse|desse)|barn|ungdom|er|plass|enslig|einsleg|mindreårig|for) ){0,4}?(?:under|over|mellom) (?:15|femten)",
    )
});
static UNDER_15: Pattern = LazyLock::new(|| compile(r"^[^;.]{0,60}?\b(?:under|yngre enn|yngre) (?:15|femten)\b"));
static OVER_15: Pattern =
    LazyLock::new(|| compile(r"^[^;.]{0,60}?\b(?:over (?:15|femten)|mellom (?:15|femten)|eldre enn 15|(?:15|femten) ?(?:[–-]|til|og) ?(?:18|atten))"));
static FAMILY_AFTER: Pattern = LazyLock::new(|| compile(r"^ (?:\w+ ){0,2}(?:{FAMILY}|selvbosatt\w*|sjølvbusett\w*)"));
static FAMILIES_AFTER: Pattern = LazyLock::new(|| compile(r"^ (?:\w+ )?(?:\w*famili(?:er|ar|ane|ene)|husstand\w*|hushald\w*|par)\b"));
static STOCK: Pattern = LazyLock::new(|| compile(r"\b(?:til enhver tid|til ei kvar tid|til eikvar tid|til kvar tid)\b"));
static ASKED_AFTER: Pattern = LazyLock::new(|| {
    compile(
        r"^(?: (?:flyktn\w+|person\w+|plass\w+))?(?: i {YEAR})? (?:som )?(?:IMDi|de|dei|dere|dykk|direktoratet|staten|det er|det ble|det vart|me|vi) (?:har |hadde |er |vart |ble )?(?:\w+ )?(?:ber|ba|bad|bedt|bede|anmod\w+|oppmod\w+|spør|spurde|spurte|ønskte|ønsket)\b",
    )
});
static DEFINITE: Pattern = LazyLock::new(|| compile(r"\b(?:de|dei|dem|alle) (?:\w+ )?$"));
static CHANGED_TO: Pattern = LazyLock::new(|| {
    compile(r"\b(?:fra|frå) (?:de |dei |dagens |tidligere |tidlegare |inntil )?{N}(?: \w+){0,2}?(?: i (?:{YEAR}|år))? (?:og )?(?:opp |ned )?til {UP_TO}$")
});
static AMENDED: Pattern = LazyLock::new(|| {
    compile(r"\b{N} (?:\w+ )?(?:endres|endrast|byttes ut|byttast ut|erstattes|blir erstatta|settes|vert endra|blir endra|justeres) (?:til|med|av) {UP_TO}$")
});
static CHANGED_FROM: Pattern = LazyLock::new(|| compile(r"\b(?:fra|frå) (?:de |dei |dagens |tidligere |tidlegare |inntil )?$"));
static GOES_TO: Pattern = LazyLock::new(|| compile(r"^(?: \w+){0,2}?(?: i (?:{YEAR}|år))? (?:og )?(?:opp |ned )?til (?:\w+ ){0,2}?{N}"));
static BEFORE_AFTER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"^(?: \w+){0,2}? som (?:\w+ ){0,3}?(?:vedt\w+|bosatt|busett\w*|planlag\w+|kom\w*|avtalt|lå|låg|ble|vart|blei|var|utsøkt)\b|",
        r"^(?: \w+){0,2}? (?:er|var|ble|vart|blei|har|hadde) (?:\w+ ){0,3}?(?:bosatt|busett|busette|flyttet|flytta|på plass|komne|kommet|avtalt|utsøkt)\b|",
        r"^ (?:allerede|allereie|alt|tidligere|tidlegare) |^(?: \w+)? (?:på plass|avtalt\w*|busette|bosatt)\b",
    ))
});
static BEFORE_LEFT: Pattern = LazyLock::new(|| {
    compile(
        r"(?:\b(?:tidligere|tidlegare|opprinnelig\w*|opphavleg\w*|førre|forrige)\b[^,;.]{0,40}|\b(?:utover|ut over|i tillegg til|på toppen av|enn) (?:de|dei|det|tidligere|tidlegare)? ?(?:\w+ )?|\bav (?:de|dei|disse|desse) )$",
    )
});
static COMPARED: Pattern = LazyLock::new(|| {
    compile(
        r"^ (?:\w+ )?(?:færre|mindre|lavere|lågare) enn\b|^ (?:\w+ )?(?:flere|fleire|færre|mer|meir|mindre|fleir|over|under|høyere|lavere|lågare|høgare) enn (?:det )?(?:(?:i|for) {YEAR}|{YEAR})|^ (?:\w+ )?(?:flere|fleire|færre|mer|meir|mindre|fleir|over|under|høyere|lavere|lågare|høgare) enn (?:det )?(?:\w+ )?(?:anmod|oppmod|imdi|de\b|dei\b|dykk|i fjor|i år|året|snittet|sist|førre|forrige|fjor|utgangspunkt|{N} )",
    )
});
static ADDED_AFTER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"^ (?:\w+ ){0,2}?(?:ekstra|fleire|flere|meir|mer|til)\b(?: i| for|,|\.| enn|$| plass\w*)|^ (?:[\w,]+ ){0,6}?(?:utover|ut over|utanom|utenom|i tillegg til|på toppen av|oppå|attåt) (?:de|dei|dem|det|den|vedtak\w*|tidl\w*|kvota|kvoten|ordin\w*|opphav\w*|opprinn\w*|førre|forrige)\b|",
        r"^ (?:\w+ ){0,3}?(?:flere|fleire|mer|meir) enn (?:det |den |de )?(?:\w+ ){0,3}?(?:vedt|lå|låg|plan|kvot|før|tidl)",
    ))
});
static OF_EXTRA: Pattern = LazyLock::new(|| compile(r"^ av (?:de |dei |disse |desse )?{N} (?:ekstra|nye|tilleggs)"));
static ADDED_BEFORE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:(?:reduser|senk|kutt|øk|auk|hev)\w*\b[^.;,]{0,70}? med|ytterl\w+|ekstra|enda|i tillegg|tilleggsplass\w*|tilleggsvedtak\w*|økt? med|øke med|økes med|auk\w+ med|øker \w+ med|utvid\w* \w* ?med) (?:{UP_TO})$",
    )
});
static BESIDE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:i tillegg|attåt|pluss|dessutan|dessuten|samt)(?: (?:kommer|kjem|til dette|til desse|(?:tar|tek|bosetter|buset) (?:vi|me|kommunen|kommuna|heradet)(?: i ?mot)?|til|tas det imot|kan det komme|kan))*:? {UP_TO}$",
    )
});
static PART: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:hvorav|kvarav|herav|derav|herunder|inkludert|inklusive|inkl\.?|medrekna|medregnet|der(?: er| inntil| minst| maks)? ?$|der (?:er )?(?:{N} )|av (?:disse|desse|dem|dei|de|plassene|plassane|totalen|kvota|kvoten|tallet|talet)(?: {N})?(?: plassene| plassane)?)\b[^;.]{0,70}$",
    )
});
/// Words of deciding and asking, to find the one nearest to a number. A verb of settling that belongs to a request is part of the request.
static CUES: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"(?P<asked>\b(?:nei til(?: å {TO_SETTLE})?|(?:ikke|ikkje) (?:å )?{TO_SETTLE}|{ASKED_NOUN}(?: (?:\w+[.,]? ){0,7}?(?:om|på|til)(?: å)?(?: {TO_SETTLE}| (?:bosett|buset)\w* av| at)?)?|{ASKED_VERB}(?: [\w.]+){0,6}?(?: {TO_SETTLE}| (?:bosett|buset)\w* av| plass(?:er)? til)|{ASKED_VERB}|",
        r"(?:IMDi|dei|de|direktoratet|staten|UDI) (?:(?:ville|vil) ha|(?:ønsk(?:er|te|ar|et)|ynskte)(?: (?:å|at (?:\w+ ){1,3}?)?{SETTLE})?)|andel\w* (?:er|på|var|blir)|spør|spurde|spurte|spørsmål om|førespurnad(?:en)? om|(?:forespørsel|henvendelse)(?:en)? om(?: å {TO_SETTLE})?)\b)|",
        r"(?P<before>\b(?:bosatte|(?:kommun\w+|heradet|vi|me) busette|tok (?:\w+ ){0,3}?i ?mot|(?:har|er|var|ble|vart|blei|hadde|vi|me) (?:[\w]+ ){0,5}?(?:bosatt|busett|busette|tatt i ?mot|teke i ?mot|kommet|komne|flyttet inn|fått|tatt)|(?:i|I) fjor|(?:fra|frå) før|har det kom\w+|har (?:\w+ )?vedtatt {N} og|så langt|hittil|per i dag|(?:i|I) år (?:er|var) (?:tallet|talet|vedtaket|kvota|kvoten)|var (?:talet|tallet)|(?:inneværende|inneverande) år,? (?:20\d\d,? )?er (?:vedtaket|talet|tallet)|vedtaket (?:er|var) på|(?:var|er) vedtaket på|(?:tall?et|vedtaket) (?:i|for) (?:\S+ ){0,2}?20\d\d var|(?:I|i) 20\d\d (?:var(?: vedtaket| tall?et)?|sa|tok|bosatte|vedtok|fikk|fekk|busette (?:kommun\w+|vi|me|det))|(?:det )?opprinnelige vedtaket|det fyrste vedtaket|det første vedtaket)\b)|",
        r"(?P<proposed>\b(?:{N} (?:\w+ ){0,2}?(?:ønsket|ønska|ynskte|ønskte|ville|stemte for|røysta for|gikk inn for|gjekk inn for) (?:å )?(?:{TO_SETTLE}|seie ja til|si ja til)?|foresl\w*|føresl\w*|forslag\w* (?:\w+ ){0,4}?(?:om|på)|framlegg\w* (?:\w+ ){0,4}?(?:om|på)|innstil\w*|tilråd\w*|tilrå\w*|anbefal\w*|rår til|rådde til|ville (?:ha|gi|stoppe)|ønsket \w*|gikk inn for å stoppe)\b)|",
        r"(?P<decided>\b(?:(?:kan|vil|skal|må|å) (?:\w+ ){0,4}?(?:busette|busetta)|{SETTLE}|tilbyr|tilbyd|stiller|stillar|set av|setter av|reserverer|vedt\w+|{YES}|godkj\w+|fullmakt|forplikt\w*|bind seg|sett\w* til|(?:blir|vert|ble|vart|blei) det|lyd\w* på|hev\w+|auk\w*|øk\w*|reduser\w*|opprett\w*|står ved|står fast|stod på|tallet|talet|antall\w*|kvot\w*|sum|skal ha|vil ha|ha|tilstreb\w*|sikte på|mål av seg|(?:kommer|kjem|blir|vert)(?: det)?|land(?:et|a) på|end(?:te|a) på|stående på|ståande på|samlet seg om|samla seg om|stå elleve|skal stå|svarte|svara|resultatet (?:ble|blei|vart)|altså|nemlig|nemleg|det vil si|dvs\.?|(?:gikk|gjekk|gått) (?:\w+ ){0,3}?(?:inn )?for|(?:fikk|fekk|får) (?:\w+ )?(?:gjennom|igjennom|igjennem)|(?:gikk|gjekk) (?:igjennom|gjennom) med|rett\w* er)\b)",
    ))
});
static OFFER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:ved (?:større |auka |økt |ytterligere )?behov\w*|(?:dersom|hvis|viss|om|når|skulle) (?:det )?(?:blir |vert |er |oppstår |oppstår |IMDi (?:har |får )?)?(?:større |auka |økt |nytt )?behov\w*|",
        r"(?:dersom|hvis|viss) (?:det trengs|det trengst|IMDi|ny anmod|ny oppmod)|ved ny anmod\w*|etter ny oppmod\w*|om det trengs\w*|om naudsynt|om nødvendig)",
    ))
});
/// "(ev. 30)": it bears on the number after it, not on the one before ("15 voksne, eventuelt i familier").
static PERHAPS: Pattern = LazyLock::new(|| compile(r"\b(?:ev\.|eventuelt)"));
static MORE_BESIDE: Pattern = LazyLock::new(|| compile(r"\b(?:flere|fleire|til\b|ytterl\w+|opp mot|ekstra|i tillegg|ev\.)|\beventuelt {UP_TO}$"));
static OVER_YEARS: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:fordelte? (?:på|over) (?:de |dei )?(?:\w+ ){0,3}?(?:år\w*|{N}[- ]års?\w*|{YEAR})|over (?:en |ein )?(?:{N}|\w+)?[- ]?års?|i løpet av (?:de|dei|perioden|{YEAR} ?(?:og|[–-]))|{YEAR} ?(?:og|[–-]) ?{YEAR} (?:til sammen|til saman|samlet|samla|totalt|i alt)|fram til|frem til|innen utgangen|i perioden|for perioden|sett under (?:eitt|ett)|(?:i|for) (?:åra|årene) 20\d\d|samlet ramme|samla ramme|under ett|treårsperiod\w*|toårsperiod\w*|fireårsperiod\w*|over {N} år|planperiod\w*|over åra)\b",
    )
});
static TIED_AFTER: Pattern = LazyLock::new(|| {
    compile(
        r"^[^\d;]{0,60}?\b(?:i ?|(?:for|i løpet av|innen|innan|gjeldende for|gjeld) )(?:heile |hele |året |år |åra |årene |hvert av årene |kvart av åra |perioden )?(?P<years>{YEAR_LIST})",
    )
});
static TIED_BEFORE: Pattern = LazyLock::new(|| {
    compile(
        r"(?P<years>{YEAR_LIST})(?: ?\(|: ?| ?[–-] | er talet | er tallet | blir det | blir talet | bosettes | bosetter | buset | tar vi imot | tek vi imot | )?{UP_TO}$",
    )
});
static HALF: Pattern = LazyLock::new(|| compile(r"\bhalvparten av (?:de|dei|dem)? ?$"));
/// "36 i 2024 ble vedtatt av kommunestyret": the number is what the verb is about.
static PASSIVE: Pattern =
    LazyLock::new(|| compile(r"^ (?:\w+ )?(?:i|for) {YEAR} (?:ble|blei|vart|er) (?:\w+ ){0,2}?(?:vedtatt|vedteke\w?|godkjent|godkjend)\b"));
static YEAR_ALONE: Pattern =
    LazyLock::new(|| compile(r"^(?:[-–•*·] ?)?(?:(?:tall?|tall?et|antall|antallet|vedtak|vedtatt|vedteke) )?(?:i |for )?{YEAR} ?[:–-] ?{UP_TO}$"));
static ALONE: Pattern = LazyLock::new(|| compile(r"^(?: \w*flyktn\w*| person\w*)?(?: \([^)]*\))?[.,;»]?$"));
static YEAR_NEXT: Pattern = LazyLock::new(|| compile(r"^ (?:\w+ )?(?:i|for|til) (?:år|neste år|{YEAR})\b"));
static WON: Pattern = LazyLock::new(|| compile(r"^ (?:fekk|fikk) (?:fleirtal|flertall)"));
static BEGINS: Pattern = LazyLock::new(|| compile(r"(?:^|[:«„“”]|\b{YEAR} ?[–:(]?) ?(?:[-–•*·] ?|\d+[.)] ?|[a-h]\) ?)?(?:ca\.? |{UP_TO})?$"));
/// A new number of the list, no part of the one before.
/// "tilleggsanmodningen om 24 flyktninger": on top of what was decided before, unless a sum of all is told.
static OF_EXTRA_REQUEST: Pattern = LazyLock::new(|| compile(r"\btilleggs(?:anmod|oppmod|buset|bosett|kvot)\w*(?P<between>[^.;\d]{0,60})$"));
static REFUSED: Pattern = LazyLock::new(|| compile(r"\b(?:ikkj?e|nei|avsl\w+)\b"));
static TURNED_DOWN: Pattern =
    LazyLock::new(|| compile(r"^[^.;,]{0,40}\b(?:(?:imøtekomm\w+|imøtekjem\w*|innvilg\w+|aksepter\w+|blir|vert) (?:\w+ )?ikkj?e|avslå\w*|avslag|avvis\w+)\b"));
/// "Aukar behovet, kan Suldal ta imot": a condition without a word for it.
static SHOULD: Pattern = LazyLock::new(|| {
    compile(
        r"^(?:\d+[.)] ?|[a-h]\) ?|[-–•*·] ?)?(?:au?k\w+|øk\w+|op[n]\w+|åpn\w+|skulle|blir|vert|får|kjem|kommer|viser|finn\w*|lykk\w+) [^.;]{0,80}, (?:kan|vil|skal)\b",
    )
});
static SOME_OF_THEM: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:halvpart\w*|halve\w*|rest\w*|noen|nokre|nokon|flertallet|fleirtalet|(?:de|dei) (?:fleste|andre|øvrige)|en del|ein del|ingen|inga|ikkj?e|minst|helst|hovedsakelig|hovudsakleg)\b",
    )
});
/// "5 av dei 40 plassane", "ingen av de 40": what is said of the part is not said of the whole.
static WHOLE_OF_A_PART: Pattern = LazyLock::new(|| compile(r"\b(?:{N}|én|ein|ingen|inga) av (?:de|dei|disse|desse) $"));
static LISTED: Pattern = LazyLock::new(|| compile(r"(?:,|,? (?:og|samt)) {UP_TO}$"));
static AND: Pattern = LazyLock::new(|| compile(r",? (?:og|samt) {UP_TO}$"));
static ALL: Pattern = LazyLock::new(|| compile(r"\b(?:til sammen|til saman|tilsammen|tilsaman|i alt|total\w*|saml\w+|sum)\b"));
static SUM: Pattern = LazyLock::new(|| compile(r"\b(?:til sammen|til saman|tilsammen|tilsaman|i alt|totalt|sum)(?: \w+){0,5}? ?:? ?$"));
static LIMIT_UP: Pattern = LazyLock::new(|| {
    compile(r"\b(?:inntil|opptil|opp til|maksimalt|maksimum|maks\.?|høyst|høgst|ikke mer enn|ikkje meir enn|ikkje fleire enn|ikke flere enn)(?: \w+)?\s*$")
});
static LIMIT_LEAST: Pattern = LazyLock::new(|| compile(r"\b(?:minst|minimum)(?: \w+)?\s*$"));

/// The numbers of people in a sentence, in order.
pub fn of(text: &str, sentence: &Range<usize>) -> Vec<Mention> {
    let written = &text[sentence.clone()];
    let mut numbers: Vec<(Range<usize>, i64)> =
        NUMBER.find_iter(written).filter_map(|found| Some((found.range(), of_people(written, &found.range())?))).collect();
    // One is an article too: it counts where an age follows.
    numbers.extend(ONE.captures_iter(written).filter_map(|found| found.name("one")).map(|one| (one.range(), 1)));
    let glued = GLUED.captures_iter(written).filter_map(|found| found.name("n"));
    numbers.extend(glued.filter_map(|number| Some((number.range(), of_people(written, &number.range())?))));
    numbers.retain(|(place, _)| !WHOLE_OF_A_PART.is_match(&written[..place.start]));
    numbers.sort_by_key(|(place, _)| place.start);
    let mut mentions: Vec<Mention> = Vec::new();
    for (index, (place, value)) in numbers.iter().enumerate() {
        let half = HALF.is_match(&written[..place.start]);
        let value = if half { value / 2 } else { *value };
        let next = numbers.get(index + 1).map_or(written.len(), |(next, _)| next.start);
        let around = Around { before: &written[..place.start], after: &written[place.end..], near: &written[place.end..next] };
        let Some(what) = (if half { Some(What::Settled) } else { what(&around, &mentions) }) else { continue };
        let limit = if LIMIT_UP.is_match(around.before) {
            Limit::UpTo
        } else if LIMIT_LEAST.is_match(around.before) {
            Limit::AtLeast
        } else {
            Limit::Exact
        };
        let years = years_of(&around);
        // "110 i 2023, av desse 10 einslege mindreårige, 90 i 2024": the list of years goes on.
        let of_next_year = !years.is_empty()
            && LISTED.is_match(around.before)
            && mentions.iter().any(|known| known.what == What::Settled && !known.years.is_empty() && known.years.iter().all(|year| !years.contains(year)));
        let named = PEOPLE_AFTER.is_match(around.near);
        mentions.push(Mention {
            value,
            span: sentence.start + place.start..sentence.start + place.end,
            what,
            years,
            limit,
            named: named || matches!(what, What::Minors(_) | What::Adults),
            part: PART.is_match(around.before) && !half && !of_next_year && !(named && AND.is_match(around.before)),
            beside: BESIDE.is_match(around.before),
            quoted: CUES.captures_iter(around.before).last().is_some_and(|cue| cue.name("decided").is_none()),
            sum: SUM.is_match(around.before),
        });
    }
    mentions
}

/// A number and the words around it, within its sentence.
struct Around<'a> {
    before: &'a str,
    after: &'a str,
    /// Up to the next number of people.
    near: &'a str,
}

/// The value of a number that may be one of people.
fn of_people(written: &str, place: &Range<usize>) -> Option<i64> {
    let (before, after) = (&written[..place.start], &written[place.end..]);
    let digits = &written[place.clone()];
    let value = numbers::value(digits).filter(|value| (1..=PEOPLE_MAX).contains(value))?;
    let year = words::A_YEAR.find(digits).is_some_and(|year| year.len() == digits.len()) || (digits.len() == 4 && digits.starts_with("19"));
    let age = matches!(value, 15 | 18) && (AGE.is_match(before) || TO_EIGHTEEN.is_match(after));
    let else_ = NO_PEOPLE_AFTER.is_match(after) || NO_PEOPLE_BEFORE.is_match(before) || PARTY.is_match(after);
    (!year && !age && !else_ && !is_vote(before, after)).then_some(value)
}

/// One of two numbers with a dash between them, after a word of voting: `VEDTEKE 31 – 4`.
fn is_vote(before: &str, after: &str) -> bool {
    static FIRST: Pattern = LazyLock::new(|| compile(r"^ ?[–-] ?\d+\b"));
    static SECOND: Pattern = LazyLock::new(|| compile(r"\b\d+ ?[–-] ?$"));
    static VOTE: Pattern =
        LazyLock::new(|| compile(r"\b(?:vedt\w+|fall\w*|falt|nedstemt|nedrøysta|stemmer|røyster|flertall|fleirtal|røystetal)\b[^\d]{0,12}(?:\d+ ?[–-] ?)?$"));
    (FIRST.is_match(after) || SECOND.is_match(before)) && VOTE.is_match(before)
}

fn what(around: &Around<'_>, known: &[Mention]) -> Option<What> {
    let Around { before, after, near } = *around;
    if FAMILY_AFTER.is_match(near) || COMPARED.is_match(near) {
        return None;
    }
    let minors = MINORS_AFTER.find(near).is_some_and(|found| !NOT_WITHIN.is_match(found.as_str())) || MINORS_BEFORE.is_match(before);
    let after_minors = known.last().is_some_and(|last| matches!(last.what, What::Minors(_)));
    let named = PEOPLE_AFTER.is_match(near);
    let cue = CUES.captures_iter(before).last();
    let nearest = |name: &str| cue.as_ref().is_some_and(|cue| cue.name(name).is_some());
    // "Åtte av desse er einslege mindreårige, halvparten under 15 år": the age is of some of them.
    let of_all = SOME_OF_THEM.find(near).map_or(near, |some| &near[..some.start()]);
    let (younger, older) = (UNDER_15.is_match(of_all), OVER_15.is_match(of_all));
    if minors || ((younger || older) && (after_minors || !named)) {
        return Some(What::Minors(match (younger, older) {
            (true, false) => Age::Younger,
            (false, true) => Age::Older,
            _ => Age::Any,
        }));
    }
    if FAMILIES_AFTER.is_match(near) && !ADULTS_AFTER.is_match(near) || STOCK.is_match(before) {
        return Some(What::Other);
    }
    // "sa nei til å øke fra 35 til 50"
    if CHANGED_TO.is_match(before) && REFUSED.is_match(before) {
        return Some(What::Asked);
    }
    if CHANGED_TO.is_match(before) || AMENDED.is_match(before) {
        return Some(if nearest("proposed") { What::Proposed } else { What::Settled });
    }
    if CHANGED_FROM.is_match(before) && GOES_TO.is_match(after) || BEFORE_LEFT.is_match(before) || BEFORE_AFTER.is_match(near) {
        return Some(What::Before);
    }
    // "de 176 de hadde bedt om"; "24 flyktningar, som IMDi bed om" says how many all the same.
    let asked_after = DEFINITE.is_match(before) && ASKED_AFTER.is_match(near);
    if ADDED_BEFORE.is_match(before) && asked_after {
        return Some(What::Added);
    }
    let of_extra_request = OF_EXTRA_REQUEST.captures(before).and_then(|found| found.name("between")).is_some_and(|between| !ALL.is_match(between.as_str()));
    let refused = REFUSED.is_match(before) || REFUSED.is_match(near);
    if of_extra_request && named && !refused {
        return Some(What::Added);
    }
    if nearest("asked") || asked_after {
        return Some(What::Asked);
    }
    if nearest("proposed") {
        return Some(What::Proposed);
    }
    if nearest("before") {
        return Some(What::Before);
    }
    let aside = near.split('(').next().unwrap_or_default();
    if (OFFER.is_match(before) || PERHAPS.is_match(before) || OFFER.is_match(aside) || SHOULD.is_match(before))
        && (MORE_BESIDE.is_match(aside) || MORE_BESIDE.is_match(before))
    {
        return Some(What::More);
    }
    if ADDED_BEFORE.is_match(before) && TURNED_DOWN.is_match(near) {
        return Some(What::Asked);
    }
    if ADDED_BEFORE.is_match(before) || ADDED_AFTER.is_match(near) || OF_EXTRA.is_match(after) {
        return Some(What::Added);
    }
    let of_year = known.iter().any(|mention| mention.what == What::Settled) && TIED_BEFORE.is_match(before);
    // A line of nothing but a year and a number: "- 2027: 35".
    if YEAR_ALONE.is_match(before) && ALONE.is_match(after) {
        return Some(What::Settled);
    }
    // "… sa ja i går. 70 i år, det samme som dere ba om."
    if BEGINS.is_match(before) && YEAR_NEXT.is_match(near) && !ADULTS_AFTER.is_match(near) {
        return Some(What::Settled);
    }
    if WON.is_match(near) || PASSIVE.is_match(after) {
        return Some(What::Settled);
    }
    // "Beregningen bygger på 20 nye flyktninger": a number that no word of deciding governs counts only where a line or point begins with it.
    if named && cue.is_none() && !BEGINS.is_match(before) {
        return Some(What::Other);
    }
    if !named && !ADULTS_AFTER.is_match(near) && !nearest("decided") && !of_year {
        return None;
    }
    if OVER_YEARS.is_match(&format!("{before}{near}")) && !words::YEARLY.is_match(&format!("{before}{near}")) {
        return Some(What::Period);
    }
    Some(if ADULTS_AFTER.is_match(near) { What::Adults } else { What::Settled })
}

/// "60 i året de to neste årene", after the last year before it.
fn coming_years(around: &Around<'_>) -> Option<Vec<i64>> {
    static COMING: Pattern = LazyLock::new(|| {
        compile(r"^[^\d;.]{0,40}?\b(?:de|dei) (?P<n>{N}) (?:neste|påfølgende|påfølgjande|etterfølgende|etterfølgjande|følgende|komande|kommende|siste) år")
    });
    let last: i64 = words::A_YEAR.find_iter(around.before).last()?.as_str().parse().ok()?;
    let count = numbers::value(COMING.captures(around.after)?.name("n")?.as_str())?;
    Some((last + 1..=last + count.min(10)).collect())
}

/// The years that the sentence ties to a number.
fn years_of(around: &Around<'_>) -> Vec<i64> {
    if let Some(years) = coming_years(around) {
        return years;
    }
    let after = TIED_AFTER.captures(around.near).filter(|found| !OF_ANOTHER_DAY.is_match(&around.near[..found.name("years").map_or(0, |years| years.start())]));
    let ahead = TIED_BEFORE.captures(around.before).and_then(|found| found.name("years"));
    // "For 2027 bosettes 35 flyktninger, for 2028 bosettes 30": past a comma the next number's year begins.
    let after = after.filter(|found| ahead.is_none() || !found.get(0).is_some_and(|whole| whole.as_str().contains(',')));
    let tied = after.and_then(|found| found.name("years")).or(ahead);
    tied.map_or_else(Vec::new, |years| year_list(years.as_str()))
}

static OF_ANOTHER_DAY: Pattern = LazyLock::new(|| compile(r"\b(?:vedt\w+|møte\w*|brev\w*|gjort|sak|anmod\w*|oppmod\w*|registr\w*)\b"));

/// `2026`, `2026 og 2027`, `2024–2026`, `2024-26` as years.
pub fn year_list(written: &str) -> Vec<i64> {
    let mut years: Vec<i64> = Vec::new();
    let mut end = 0;
    for found in DIGITS.find_iter(written) {
        let Ok(mut year) = found.as_str().parse::<i64>() else { continue };
        let Some(last) = years.last().copied() else {
            years.push(year);
            end = found.end();
            continue;
        };
        if year < 100 {
            year += 2000;
        }
        let between = &written[end..found.start()];
        if between.contains([',']) || between.contains("og") && !between.contains("til") || between.contains("samt") {
            years.push(year);
        } else if year > last && year - last < 10 {
            years.extend(last + 1..=year);
        }
        end = found.end();
    }
    years
}

static DIGITS: Pattern = LazyLock::new(|| compile(r"\d+"));

#[cfg(test)]
mod tests {
    use super::*;
    use What::{Added, Adults, Asked, Before, Minors, More, Other, Period, Proposed, Settled};

    fn read(text: &str) -> Vec<(i64, What)> {
        of(text, &(0..text.len())).into_iter().map(|mention| (mention.value, mention.what)).collect()
    }

    #[test]
    fn what_a_number_counts_stands_beside_it() {
        let all = Minors(Age::Any);
        let cases: [(&str, &[(i64, What)]); 27] = [
            ("Narvik kommune bosetter 31 flyktninger i 2026.", &[(31, Settled)]),
            ("Kommunen kan i 2026 bosette tolv.", &[(12, Settled)]),
            ("IMDi har bedt kommunen om å bosette 35, og kommunestyret vedtok å bosette 31.", &[(35, Asked), (31, Settled)]),
            ("I tråd med anmodning fra IMDi bosettes 70 flyktninger.", &[(70, Settled)]),
            ("Kommunen øker fra 40 til inntil 65 flyktninger.", &[(40, Before), (65, Settled)]),
            ("Kommunen bosetter ytterligere 24 flyktninger.", &[(24, Added)]),
            ("Kommunen tek imot 10 flyktningar ekstra i 2024.", &[(10, Added)]),
            ("Kommunen bosetter 5 i tillegg til de 20 som er vedtatt.", &[(5, Added), (20, Before)]),
            ("Kommunen sier ja til tilleggsanmodningen om 24 flyktninger.", &[(24, Added)]),
            ("Kommunen sier nei til tilleggsanmodningen om 24 flyktninger.", &[(24, Asked)]),
            ("Dersom behovet øker, kan kommunen bosette 5 til.", &[(5, More)]),
            ("3. Aukar behovet, kan Suldal ta imot 4 personar til.", &[(4, More)]),
            ("Tilleggsanmodningen om ytterligere 24 plasser imøtekommes ikke.", &[(24, Asked)]),
            ("I fjor tok kommunen imot 44 flyktninger.", &[(44, Before)]),
            ("Kommunen takker ja til forslaget om 20 flyktninger.", &[(20, Proposed)]),
            ("Kommunen takker nei til å bosette 20 flyktninger.", &[(20, Asked)]),
            ("Kommunen bosetter i alt 210 flyktninger, fordelt på tre år.", &[(210, Period)]),
            ("Kommunen skal til enhver tid ha 40 flyktninger bosatt.", &[(40, Other)]),
            ("Kommunen tek imot to familiar.", &[(2, Other)]),
            ("Kommunen bosetter 40 voksne og familier og 6 enslige mindreårige.", &[(40, Adults), (6, all)]),
            ("Av disse er 15 enslige mindreårige, tre av dem under 15 år.", &[(15, all), (3, Minors(Age::Younger))]),
            ("Hvorav 3 enslige mindreårige, én over 15 år og to under 15 år.", &[(3, all), (1, Minors(Age::Older)), (2, Minors(Age::Younger))]),
            ("Hvorav 4 enslige mindreårige mellom 15 og 18 år.", &[(4, Minors(Age::Older))]),
            ("Åtte av desse er einslege mindreårige, halvparten under 15 år.", &[(8, all)]),
            ("Det er tre fleire enn oppmodinga.", &[]),
            ("Inntil 80 familiegjenforente kan komme i tillegg.", &[]),
            ("Forslaget falt med 6 mot 27 stemmer, og 9 boliger koster 1,4 mill. kroner, 50 %, kl. 13:52.", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn years_and_bounds_are_tied_to_their_numbers() {
        let read = |text: &str| -> Vec<(i64, Vec<i64>, Limit)> {
            let counts = of(text, &(0..text.len())).into_iter().filter(|mention| mention.what != What::Other);
            counts.map(|mention| (mention.value, mention.years, mention.limit)).collect()
        };
        for (text, expected) in [
            ("bosetter 20 flyktninger i 2026 og 25 i 2027", vec![(20, vec![2026], Limit::Exact), (25, vec![2027], Limit::Exact)]),
            ("bosetter 2025 (inntil 30 personer), 2026 (inntil 25)", vec![(30, vec![2025], Limit::UpTo), (25, vec![2026], Limit::UpTo)]),
            ("bosetter minst åtte flyktninger årlig i perioden 2024–2026", vec![(8, vec![2024, 2025, 2026], Limit::AtLeast)]),
            ("bosetter 100 i 2023 og 60 i året de to neste årene", vec![(100, vec![2023], Limit::Exact), (60, vec![2024, 2025], Limit::Exact)]),
            ("bosetter 20 flyktninger, slik kommunestyret vedtok i 2024", vec![(20, Vec::new(), Limit::Exact)]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn lists_and_ranges_of_years() {
        for (text, expected) in [
            ("2026", vec![2026]),
            ("2026 og 2027", vec![2026, 2027]),
            ("2024–2026", vec![2024, 2025, 2026]),
            ("2024-26", vec![2024, 2025, 2026]),
            ("2025, 2026 og 2027", vec![2025, 2026, 2027]),
        ] {
            assert_eq!(year_list(text), expected, "{text}");
        }
    }
}
