//! The words around a number of people, as patterns: what it counts, for when, and how it is bounded.

use std::sync::LazyLock;

use super::super::wording::{Pattern, compile, exactly};

pub(super) static NUMBER: Pattern = LazyLock::new(|| compile(r"{N}"));
/// A space was lost: `18flyktninger`.
pub(super) static GLUED: Pattern = LazyLock::new(|| compile(r"\b(?P<n>\d{1,4})(?:flykt|person|menneske|plass|ensl|einsl)"));
/// What follows a number of something else than people.
pub(super) static NO_PEOPLE_AFTER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"^(?:,\d|\.\d|:\d|/\d| ?%| ?prosent| ?pst\b| (?:,\d+ )?(?:mill|milliard|mrd|kr\b|kron)| ?år\b| (?:siste |første |fyrste |neste |kommende |komande )?år(?:a|ane|ene)\b| ?åring|\.–|",
        r" (?:av (?:dei |de )?{N} )?(?:av dei |av de )?(?:stemme|røyst|representant|medlem|mandat|parti|politikar|politiker|frammøtt|fremmøtt)| mot {N}| av {N}\b| ?[–-] ?\d+ ?(?:røyst|stemme)|",
        r" (?:\w+ )?(?:barnehage|skole|skule|sykehjem|sjukeheim|omsorg|parkering|lærling|lære|praksis|tiltak|arbeid|studie|kurs|heildøgn|heldøgn)\w*plass| (?:\w+ )?(?:\w*bolig|\w*bustad|leilighet|\w*leilegheit|husvære|klasserom|stilling|årsverk|tilsett|ansatt|einingar|enheter|hybl|hus\b|rom\b)|",
        r" (?:ledige |ulike |ulike |andre |av )?(?:kommun|sak|side|vedlegg|dag|veke|uke|måned|månad|time|minutt|meter|km|bygg|barnehage|avdeling|ganger|gonger|gong|forslag|punkt|tall\b|tal\b|partigrupp|alternativ|kvadrat|MB|kB|ungar|elev|lærar|lærer|fosterheim|fosterhjem|asyl|busette?\b|bosatt|komne|kommet)|",
        r"\. ?(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember|jan|feb|mar|apr|jun|jul|aug|sep|okt|nov|des)\b)",
    ))
});
/// Letters of a party right after a number: `19H`, `7 AP`.
pub(super) static PARTY: Pattern = LazyLock::new(|| exactly(r"^(?:[A-ZÆØÅ]{1,4}|Rødt|Uavh)\b"));
/// What stands before a number of something else than people.
pub(super) static NO_PEOPLE_BEFORE: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"(?:§ ?|\bnr\.? ?|\bsak(?:snr|snummer)?\.?:? |\b(?:PS|FS|KS|RS|KST|BST|BYST|HST) ?|\bkl\.? ?|\bkr\.? ?|\d[/–-] ?|\d:|\d[.,]|\b(?:tapte|tapt|vant|vann|fall|falt|stemmer|røyster|{N}) mot |(?:,|\bog|\bmen) ikkj?e |\b(?:i stedet for|i staden for|istedenfor|framfor|heller enn) (?:de |dei )?|(?:[a-zæøå]{2}|[\d,)»]) mot (?:de |dei )?|[a-zæøå]/|\b(?:votering|punkt|pkt\.?|side|vedlegg|uke|veke|postboks|boks|tertialrapport|rapport|fase|tlf\.?|telefon|kap\.?|alternativ|gate|veg|vei|vegen|veien|om lag kr) |",
        r"\b(?:FOR|MOT): ?|\b(?:til stede|til stades|tilstede|møtte):? |\b(?:med|mot) {N} (?:mot|til) |\b(?:stemte|røysta) |\bsamrøystes,? ?|\benstemmig,? ?\()$",
    ))
});
pub(super) static AGE: Pattern = LazyLock::new(|| compile(r"\b(?:under|over|yngre enn|eldre enn|fylt|mellom|15 ?[–-]|15 til|15 og|femten og) ?$"));
pub(super) static TO_EIGHTEEN: Pattern = LazyLock::new(|| compile(r"^ ?(?:[–-]|til|og) ?(?:18|atten)\b"));
pub(super) static PEOPLE_AFTER: Pattern = LazyLock::new(|| {
    compile(
        r"^ ?(?:[\w-]+ ){0,2}?(?:\w*flykt(?:- )?n\w*|flykning\w*|person(?:er|ar|ane|ene|en|a)?\b|menneske\w*|plass(?:er|ar|ane|ene)?\b|\w*plassar?\b|\w*plasser\b|innvandr\w*|nykom\w*|stk)",
    )
});
pub(super) static ADULTS_AFTER: Pattern = LazyLock::new(|| compile(r"^ (?:\w+ )?(?:voksne|vaksne|ordinære)\b|^ ?\((?:voksne|vaksne)"));
pub(super) static MINORS_AFTER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"^(?: av (?:de|dei|desse|disse) {N})? (?:\w*plass\w* (?:[\w-]+ ){0,4}?(?:til|for|forbeholdt) |(?:kan|er|vere|vera|være|av (?:disse|desse|dem|dei|plassene|plassane|talet)|som|skal|til|nye|inntil|også|i {YEAR}|for|øremerket|øyremerka|reservert|sett av|barn|personer|personar|stk\.?|flyktninger|flyktningar|settes av|sette|av|gjelder|gjeld) |",
        r"(?:[\w-]+ ){0,1})*?{EM}|^ ?\({EM}\)",
    ))
});
pub(super) static NOT_WITHIN: Pattern = LazyLock::new(|| compile(r"\b(?:ikke|ikkje|ingen|inga|uten|utan)\b"));
pub(super) static MINORS_BEFORE: Pattern =
    LazyLock::new(|| compile(r"{EM}(?: (?:er|blir|vert|settes til|er satt til|talet|tallet|er talet|er tallet|med))?:? {UP_TO}$"));
pub(super) static ONE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?P<one>én|éin|ett|eitt|ein|en)\b (?:(?:av (?:dem|dei|disse|desse)|av (?:de|dei|disse|desse) {N}(?: plassene| plassane)?|kan|skal|være|vere|igjen|til|barn|ungdom|er|plass|enslig|einsleg|mindreårig|for) ){0,4}?(?:under|over|mellom) (?:15|femten)",
    )
});
/// "éin av dei fire": the four are those that were counted before.
pub(super) static OF_THE_SAME: Pattern = LazyLock::new(|| compile(r"^(?: \w+)? av (?:de|dei|disse|desse) $"));
pub(super) static UNDER_15: Pattern = LazyLock::new(|| compile(r"^[^;.]{0,60}?\b(?:under|yngre enn|yngre) (?:15|femten)\b"));
pub(super) static OVER_15: Pattern =
    LazyLock::new(|| compile(r"^[^;.]{0,60}?\b(?:over (?:15|femten)|mellom (?:15|femten)|eldre enn 15|(?:15|femten) ?(?:[–-]|til|og) ?(?:18|atten))"));
pub(super) static FAMILY_AFTER: Pattern = LazyLock::new(|| compile(r"^ (?:\w+ ){0,2}(?:{FAMILY}|selvbosatt\w*|sjølvbusett\w*)"));
pub(super) static FAMILIES_AFTER: Pattern = LazyLock::new(|| compile(r"^ (?:\w+ )?(?:\w*famili(?:er|ar|ane|ene)|husstand\w*|hushald\w*|par)\b"));
pub(super) static STOCK: Pattern = LazyLock::new(|| compile(r"\b(?:til enhver tid|til ei kvar tid|til eikvar tid|til kvar tid)\b"));
pub(super) static ASKED_AFTER: Pattern = LazyLock::new(|| {
    compile(
        r"^(?: (?:flyktn\w+|person\w+|plass\w+))?(?: i {YEAR})? (?:som )?(?:IMDi|de|dei|dere|dykk|direktoratet|staten|det er|det ble|det vart|me|vi) (?:har |hadde |er |vart |ble )?(?:\w+ )?(?:ber|ba|bad|bedt|bede|anmod\w+|oppmod\w+|spør|spurde|spurte|ønskte|ønsket)\b",
    )
});
pub(super) static DEFINITE: Pattern = LazyLock::new(|| compile(r"\b(?:de|dei|dem|alle) (?:\w+ )?$"));
pub(super) static CHANGED_TO: Pattern = LazyLock::new(|| {
    compile(r"\b(?:fra|frå) (?:de |dei |dagens |tidligere |tidlegare |inntil )?{N}(?: \w+){0,2}?(?: i (?:{YEAR}|år))? (?:og )?(?:opp |ned )?til {UP_TO}$")
});
pub(super) static AMENDED: Pattern = LazyLock::new(|| {
    compile(r"\b{N} (?:\w+ )?(?:endres|endrast|byttes ut|byttast ut|erstattes|blir erstatta|settes|vert endra|blir endra|justeres) (?:til|med|av) {UP_TO}$")
});
pub(super) static CHANGED_FROM: Pattern = LazyLock::new(|| compile(r"\b(?:fra|frå) (?:de |dei |dagens |tidligere |tidlegare |inntil )?$"));
pub(super) static GOES_TO: Pattern = LazyLock::new(|| compile(r"^(?: \w+){0,2}?(?: i (?:{YEAR}|år))? (?:og )?(?:opp |ned )?til (?:\w+ ){0,2}?{N}"));
pub(super) static BEFORE_AFTER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"^(?: \w+){0,2}? som (?:\w+ ){0,3}?(?:vedt\w+|bosatt|busett\w*|planlag\w+|kom\w*|avtalt|lå|låg|ble|vart|blei|var|utsøkt)\b|",
        r"^(?: \w+){0,2}? (?:er|var|ble|vart|blei|har|hadde) (?:\w+ ){0,3}?(?:bosatt|busett|busette|flyttet|flytta|på plass|komne|kommet|avtalt|utsøkt)\b|",
        r"^ (?:allerede|allereie|alt|tidligere|tidlegare) |^(?: \w+)? (?:på plass|avtalt\w*|busette|bosatt)\b",
    ))
});
pub(super) static BEFORE_LEFT: Pattern = LazyLock::new(|| {
    compile(
        r"(?:\b(?:tidligere|tidlegare|opprinnelig\w*|opphavleg\w*|førre|forrige)\b[^,;.]{0,40}|\b(?:utover|ut over|i tillegg til|på toppen av|enn) (?:de|dei|det|tidligere|tidlegare)? ?(?:\w+ )?|\bav (?:de|dei|disse|desse) )$",
    )
});
pub(super) static COMPARED: Pattern = LazyLock::new(|| {
    compile(
        r"^ (?:\w+ )?(?:færre|mindre|lavere|lågare) enn\b|^ (?:\w+ )?(?:flere|fleire|færre|mer|meir|mindre|fleir|over|under|høyere|lavere|lågare|høgare) enn (?:det )?(?:(?:i|for) {YEAR}|{YEAR})|^ (?:\w+ )?(?:flere|fleire|færre|mer|meir|mindre|fleir|over|under|høyere|lavere|lågare|høgare) enn (?:det )?(?:\w+ )?(?:anmod|oppmod|imdi|formannskap|kommunedirektør|rådmann|de\b|dei\b|dykk|i fjor|i år|året|snittet|sist|førre|forrige|fjor|utgangspunkt|{N} )",
    )
});
pub(super) static ADDED_AFTER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"^ (?:\w+ ){0,2}?(?:ekstra|fleire|flere|meir|mer|til)\b(?: i| for|,|\.| enn|$| plass\w*| \w*flyktning\w*| person\w*| menneske\w*)|^ (?:[\w,]+ ){0,6}?(?:utover|ut over|utanom|utenom|i tillegg til|på toppen av|oppå|attåt) (?:de|dei|dem|det|den|vedtak\w*|tidl\w*|kvota|kvoten|ordin\w*|opphav\w*|opprinn\w*|førre|forrige)\b|",
        r"^ (?:\w+ ){0,3}?(?:flere|fleire|mer|meir) enn (?:det |den |de )?(?:\w+ ){0,3}?(?:vedt|lå|låg|plan|kvot|før|tidl)",
    ))
});
pub(super) static OF_EXTRA: Pattern = LazyLock::new(|| compile(r"^ av (?:de |dei |disse |desse )?{N} (?:ekstra|nye|tilleggs)"));
pub(super) static ADDED_BEFORE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:(?:reduser|senk|kutt|øk|auk|hev)\w*\b[^.;,]{0,70}? med|ytterl\w+|ekstra|enda|i tillegg|tilleggsplass\w*|tilleggsvedtak\w*|økt? med|øke med|økes med|auk\w+ med|øker \w+ med|utvid\w* \w* ?med) (?:{UP_TO})$",
    )
});
pub(super) static BESIDE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:i tillegg|attåt|pluss|dessutan|dessuten|samt)(?: (?:kommer|kjem|til dette|til desse|(?:tar|tek|bosetter|buset) (?:vi|me|kommunen|kommuna|heradet)(?: i ?mot)?|til|tas det imot|kan det komme|kan))*:? {UP_TO}$",
    )
});
pub(super) static PART: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:hvorav|kvarav|herav|derav|herunder|inkludert|inklusive|inkl\.?|medrekna|medregnet|der(?: er| inntil| minst| maks)? ?$|der (?:er )?(?:{N} )|av (?:disse|desse|dem|dei|de|plassene|plassane|totalen|kvota|kvoten|tallet|talet)(?: {N})?(?: plassene| plassane)?)\b[^;.]{0,70}$",
    )
});
/// Words of deciding and asking, to find the one nearest to a number. A verb of settling that belongs to a request is part of the request.
pub(super) static CUES: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"(?P<asked>\b(?:{ASKED_NOUN}(?: (?:frå|fra) \w+)? (?:var|er) tall?et|(?:anmodes|oppmodes|oppmodast) (?:[\wæøå-]+ ){1,3}?om|nei til(?: å {TO_SETTLE})?|(?:ikke|ikkje) (?:å )?{TO_SETTLE}|{ASKED_NOUN}(?: (?:\w+[.,]? ){0,7}?(?:om|på|til)(?: å)?(?: {TO_SETTLE}| (?:bosett|buset)\w* av| at(?:(?: [\w.-]+){1,5}? (?:bosetter|buset|busettar|skal {TO_SETTLE}|tar i ?mot|tek i ?mot))?)?)?|{ASKED_VERB}(?: [\w.]+){0,6}?(?: {TO_SETTLE}| (?:bosett|buset)\w* av| plass(?:er)? til)|{ASKED_VERB}|",
        r"(?:IMDi|dei|de|direktoratet|staten|UDI) (?:(?:ville|vil) ha|(?:ønsk(?:er|te|ar|et)|ynskte)(?: (?:å|at (?:\w+ ){1,3}?)?{SETTLE})?)|andel\w* (?:er|på|var|blir)|spør|spurde|spurte|spørsmål om|førespurnad(?:en)? om|(?:forespørsel|henvendelse)(?:en)? om(?: å {TO_SETTLE})?)\b)|",
        r"(?P<before>\b(?:bosatte|(?:kommun\w+|heradet|vi|me) busette|tok (?:\w+ ){0,3}?i ?mot|(?:har|er|var|ble|vart|blei|hadde|vi|me) (?:[\w]+ ){0,5}?(?:bosatt|busett|busette|tatt i ?mot|teke i ?mot|kommet|komne|flyttet inn|fått|tatt)|(?:i|I) fjor|(?:fra|frå) før|har det kom\w+|har (?:\w+ )?vedtatt {N} og|så langt|hittil|per i dag|(?:i|I) år (?:er|var) (?:tallet|talet|vedtaket|kvota|kvoten)|var (?:talet|tallet)|(?:inneværende|inneverande) år,? (?:20\d\d,? )?er (?:vedtaket|talet|tallet)|vedtaket (?:er|var) på|(?:var|er) vedtaket på|(?:tall?et|vedtaket) (?:i|for) (?:\S+ ){0,2}?20\d\d var|(?:i|for) 20\d\d (?:var(?: vedtaket| tall?et)?|sa|tok|bosatte|vedtok|fikk|fekk|busette (?:kommun\w+|vi|me|det))|(?:det )?opprinnelige vedtaket|det fyrste vedtaket|det første vedtaket)\b)|",
        r"(?P<proposed>\b(?:{N} (?:\w+ ){0,2}?(?:ønsket|ønska|ynskte|ønskte|ville|stemte for|røysta for|gikk inn for|gjekk inn for) (?:å )?(?:{TO_SETTLE}|seie ja til|si ja til)?|foresl\w*|føresl\w*|forslag\w* (?:\w+ ){0,4}?(?:om|på)|framlegg\w* (?:\w+ ){0,4}?(?:om|på)|innstil\w*|tilråd\w*|tilrå\w*|anbefal\w*|rår til|rådde til|ville (?:ha|gi|stoppe)|ønsket \w*|gikk inn for å stoppe)\b)|",
        r"(?P<decided>\b(?:(?:kan|vil|skal|må|å) (?:\w+ ){0,4}?(?:busette|busetta)|{SETTLE}|tilbyr|tilbyd|stiller|stillar|set av|setter av|reserverer|vedt\w+|{YES}|godkj\w+|fullmakt|forplikt\w*|bind seg|sett\w* til|(?:blir|vert|ble|vart|blei) det|det (?:ble|vart|blei)|lyd\w* på|hev\w+|auk\w*|øk\w*|reduser\w*|opprett\w*|står ved|står fast|stod på|tallet|talet|antall\w*|kvot\w*|sum|skal ha|vil ha|ha|tilstreb\w*|sikte på|mål av seg|(?:kommer|kjem|blir|vert)(?: det)?|(?:land(?:et|a)|end(?:te|a)|stoppet|stoppa|stansa|stanset) (?:(?:{COUNCIL}|i|går|kveld|\w+dag|til|slutt|vi|me) ){0,4}?på|stående på|ståande på|samlet seg om|samla seg om|stå elleve|skal stå|svarte|svara|resultatet (?:ble|blei|vart)|altså|nemlig|nemleg|det vil si|dvs\.?|(?:gikk|gjekk|gått) (?:\w+ ){0,3}?(?:inn )?for|(?:fikk|fekk|får) (?:\w+ )?(?:gjennom|igjennom|igjennem)|(?:gikk|gjekk) (?:igjennom|gjennom) med|rett\w* er)\b)",
    ))
});
pub(super) static OFFER: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:ved (?:større |auka |økt |ytterligere )?behov\w*|(?:dersom|hvis|viss|om|når|skulle) (?:det )?(?:blir |vert |er |oppstår |oppstår |IMDi (?:har |får )?)?(?:større |auka |økt |nytt )?behov\w*|",
        r"(?:dersom|hvis|viss) (?:det trengs|det trengst|IMDi|ny anmod|ny oppmod)|ved ny anmod\w*|etter ny oppmod\w*|om det trengs\w*|om naudsynt|om nødvendig)",
    ))
});
/// "(ev. 30)": it bears on the number after it, not on the one before ("15 voksne, eventuelt i familier").
pub(super) static PERHAPS: Pattern = LazyLock::new(|| compile(r"\b(?:ev\.|eventuelt)"));
pub(super) static MORE_BESIDE: Pattern = LazyLock::new(|| compile(r"\b(?:flere|fleire|til\b|ytterl\w+|opp mot|ekstra|i tillegg|ev\.)|\beventuelt {UP_TO}$"));
pub(super) static OVER_YEARS: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:fordelte? (?:på|over) (?:de |dei )?(?:\w+ ){0,3}?(?:år\w*|{N}[- ]års?\w*|{YEAR})|over (?:en |ein )?(?:{N}|\w+)?[- ]?års?|i løpet av (?:de|dei|perioden|{YEAR} ?(?:og|[–-]))|{YEAR} ?(?:og|[–-]) ?{YEAR} (?:til sammen|til saman|samlet|samla|totalt|i alt)|fram til|frem til|innen utgangen|i perioden|for perioden|sett under (?:eitt|ett)|(?:i|for) (?:åra|årene) 20\d\d|samlet ramme|samla ramme|under ett|treårsperiod\w*|toårsperiod\w*|fireårsperiod\w*|over {N} år|planperiod\w*|over åra)\b",
    )
});
pub(super) static TIED_AFTER: Pattern = LazyLock::new(|| {
    compile(
        r"^[^\d;]{0,60}?\b(?:i ?|(?:for|i løpet av|innen|innan|gjeldende for|gjeld) )(?:heile |hele |året |år |åra |årene |hvert av årene |kvart av åra |perioden )?(?P<years>{YEAR_LIST})",
    )
});
pub(super) static TIED_BEFORE: Pattern = LazyLock::new(|| {
    compile(
        r"(?P<years>{YEAR_LIST})(?: ?\(|: ?| ?[–-] | er talet | er tallet | blir det | blir talet | bosettes | bosetter | buset | tar vi imot | tek vi imot | )?{UP_TO}$",
    )
});
pub(super) static HALF: Pattern = LazyLock::new(|| compile(r"\bhalvparten av (?:de|dei|dem)? ?$"));
/// "36 i 2024 ble vedtatt av kommunestyret": the number is what the verb is about.
pub(super) static PASSIVE: Pattern =
    LazyLock::new(|| compile(r"^ (?:\w+ )?(?:i|for) {YEAR} (?:ble|blei|vart|er) (?:\w+ ){0,2}?(?:vedtatt|vedteke\w?|godkjent|godkjend)\b"));
pub(super) static YEAR_ALONE: Pattern =
    LazyLock::new(|| compile(r"^(?:[-–•*·] ?)?(?:(?:tall?|tall?et|antall|antallet|vedtak|vedtatt|vedteke) )?(?:i |for )?{YEAR} ?[:–-] ?{UP_TO}$"));
pub(super) static ALONE: Pattern = LazyLock::new(|| compile(r"^(?: \w*flyktn\w*| person\w*)?(?: \([^)]*\))?[.,;»]?$"));
pub(super) static YEAR_NEXT: Pattern = LazyLock::new(|| compile(r"^ (?:\w+ )?(?:i|for|til) (?:år|neste år|{YEAR})\b"));
/// "Saken ble vedtatt. Det betyr 60 i 2027."
pub(super) static MEANS: Pattern = LazyLock::new(|| compile(r"^(?:det|dette) (?:betyr|tyder|vil si|inneber|innebærer) {UP_TO}$"));
pub(super) static WON: Pattern = LazyLock::new(|| {
    compile(r"^(?: \w*flyktn\w*| person\w*)?(?: (?:i|for) {YEAR})? (?:som )?(?:(?:fekk|fikk) (?:fleirtal|flertall)|(?:vant|vann) (?:fram|frem))")
});
pub(super) static BEGINS: Pattern = LazyLock::new(|| compile(r"(?:^|[:«„“”]|\b{YEAR} ?[–:(]?) ?(?:[-–•*·] ?|\d+[.)] ?|[a-h]\) ?)?(?:ca\.? |{UP_TO})?$"));
/// A new number of the list, no part of the one before.
/// "tilleggsanmodningen om 24 flyktninger": on top of what was decided before, unless a sum of all is told.
pub(super) static OF_EXTRA_REQUEST: Pattern = LazyLock::new(|| compile(r"\btilleggs(?:anmod|oppmod|buset|bosett|kvot)\w*(?P<between>[^.;\d]{0,60})$"));
pub(super) static REFUSED: Pattern = LazyLock::new(|| compile(r"\b(?:ikkj?e|nei|avsl\w+)\b"));
pub(super) static TURNED_DOWN: Pattern =
    LazyLock::new(|| compile(r"^[^.;,]{0,40}\b(?:(?:imøtekomm\w+|imøtekjem\w*|innvilg\w+|aksepter\w+|blir|vert) (?:\w+ )?ikkj?e|avslå\w*|avslag|avvis\w+)\b"));
/// "Aukar behovet, kan Suldal ta imot": a condition without a word for it.
pub(super) static SHOULD: Pattern = LazyLock::new(|| {
    compile(
        r"^(?:\d+[.)] ?|[a-h]\) ?|[-–•*·] ?)?(?:au?k\w+|øk\w+|op[n]\w+|åpn\w+|skulle|blir|vert|får|kjem|kommer|viser|finn\w*|lykk\w+) [^.;]{0,80}, (?:kan|vil|skal)\b",
    )
});
pub(super) static SOME_OF_THEM: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:halvpart\w*|halve\w*|rest\w*|noen|nokre|nokon|flertallet|fleirtalet|(?:de|dei) (?:fleste|andre|øvrige)|(?:én|éin|ein|en|ett|eitt) av (?:dem|dei|disse|desse)|en del|ein del|ingen|inga|ikkj?e|minst|helst|hovedsakelig|hovudsakleg)\b",
    )
});
/// "5 av dei 40 plassane", "ingen av de 40": what is said of the part is not said of the whole.
pub(super) static WHOLE_OF_A_PART: Pattern = LazyLock::new(|| compile(r"\b(?:{N}|én|ein|ingen|inga) av (?:de|dei|disse|desse) $"));
pub(super) static LISTED: Pattern = LazyLock::new(|| compile(r"(?:,|,? (?:og|samt)) {UP_TO}$"));
pub(super) static AND: Pattern = LazyLock::new(|| compile(r",? (?:og|samt) {UP_TO}$"));
pub(super) static ALL: Pattern = LazyLock::new(|| compile(r"\b(?:til sammen|til saman|tilsammen|tilsaman|i alt|total\w*|saml\w+|sum)\b"));
pub(super) static SUM: Pattern = LazyLock::new(|| compile(r"\b(?:til sammen|til saman|tilsammen|tilsaman|i alt|totalt|sum)(?: \w+){0,5}? ?:? ?$"));
pub(super) static LIMIT_UP: Pattern = LazyLock::new(|| {
    compile(r"\b(?:inntil|opptil|opp til|maksimalt|maksimum|maks\.?|høyst|høgst|ikke mer enn|ikkje meir enn|ikkje fleire enn|ikke flere enn)(?: \w+)?\s*$")
});
pub(super) static LIMIT_LEAST: Pattern = LazyLock::new(|| compile(r"\b(?:minst|minimum)(?: \w+)?\s*$"));
