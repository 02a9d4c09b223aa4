//! The words of decisions, in bokmål and nynorsk, as patterns.
//!
//! A pattern is written with names in braces for what recurs (`{N}` a number, `{REFUGEES}`, `{SETTLE}`, `{YEAR}`, `{DATE}`, `{EM}`, `{UP_TO}`). Patterns
//! are matched without regard to case; a space in a pattern is any white space, a line's end included.

use regex::Regex;
use std::sync::LazyLock;

use super::numbers;

/// Those who are settled.
const REFUGEES: &str =
    r"(?:(?:nye|nyankomne|vaksne|voksne|slike) )?(?:(?:overførings|kvote)?flykt(?:- )?ning(?:er|ar|ene|ane)|person(?:er|ar)|menneske(?:r)?)\b";
/// The verb for settling, and the nouns and participles made of it.
const SETTLE: &str = r"(?:bosett\w*|boset|buset\w*|ta(?:r|k|ke)? i ?mot|tek i ?mot|(?:tar|tek|ta) i 20[1-4]\d i ?mot|motta(?:r)?)";
/// Settling as an infinitive.
const TO_SETTLE: &str = r"(?:bosett?e|bosetja|busetje|busetja|busetta|busette|ta i ?mot|take i ?mot|motta)";
/// Settling as a finite verb.
const SETTLES: &str = r"(?:bosetter|buset|busettar|busetter|tar i ?mot|tek i ?mot|mottar)";
/// Unaccompanied minors.
const EM: &str = r"(?:(?:enslig\w*|einsleg\w*) (?:unge )?mindre?årig\w*|(?:enslige|einslege) barn(?: og ?unge)?|(?:barn|unge|mindreårige?) (?:uten|utan) (?:foreldre|følg\w+|føl[gj]+e)|\bEMF?\b)";
/// What stands between a verb and its number.
const UP_TO: &str = r"(?:(?:inntil|opptil|opp til|maksimalt|maksimum|maks\.?|minst|minimum|totalt|til sammen|til saman|i alt|samla|samlet) ){0,2}";
/// Family members who join later.
const FAMILY: &str = r"\b(?:fam\.? ?gjenfor\w*|familiegjenfor\w*|familiesam\w*|familieat\w*|familieforein\w*|familieinnvandr\w*|famili\w* som (?:kjem|kommer) (?:etter|seinare|senere))";
/// What a request is called, and the verbs of asking.
const ASKED_NOUN: &str = r"(?:\w*anmodning\w*|\w*oppmoding\w*|kravet|ønsket|ynsket)";
const ASKED_VERB: &str =
    r"(?:anmod(?:er|et|a)\b|oppmod(?:ar|a|et)\b|(?:der|hvor|kor) kommun\w+ (?:anmodes|oppmodast|oppmodes)\b|bedt|bede|bedne|ber|ba|bad|oppmodar)";
/// To say yes to what was asked for.
const YES: &str = r"(?:(?:sier|seier|sa|sagt|si|seia|svarer|svarar|svarte) (?:\w+ ){0,2}?ja|ja til|takke?r? ja|takka ja|imøtekom\w*|imøtekjem\w*|godta\w*|godtek\w*|godtok|slutt(?:er|ar|et|a) seg|stett\w+|støtt\w+|tilslutning til|etterkom\w*|etterkjem\w*|følg(?:er|jer|je|e|de|te)|aksepter\w*|i tråd med|i samsvar med|i henhold til|i medhald av|hele anmodningen|heile oppmodinga|tilsvarer (?:det |anmod)\w*|tilsvarar (?:det |oppmod)\w*|som (?:anmodet|oppmoda|ønsket|ynskt|IMDi ber)|slik (?:IMDi|dei|de|direktoratet|det er|vi) (?:\w+ ){0,2}?(?:ber|ba|bad|bedt|bede|anmod|oppmod)\w*|det (?:antallet|talet|tallet) (?:\S+ ){0,2}?(?:har )?(?:anmodet|bedt|bede|oppmoda)|det sam[em]e? (?:talet |tallet )?som (?:de|dei|IMDi)|(?:akkurat )?(?:så|like) mange som)";
/// To do as one is asked, within [`YES`]; "følger opp vedtaket" says nothing of a request, so it needs what is followed.
const FOLLOWS: &str = "følg(?:er|jer|je|e|de|te)";
const FOLLOWED: &str = r" (?:\w+ )?(?:\w*anmod\w*|\w*oppmod\w*|imdi\w*|direktorat\w*|staten\w*|ønsk\w*|ynsk\w*|\w*tilråd\w*|\w*innstill\w*|\w*forslag\w*|\w*framlegg\w*|tall?et|det|dei|de)";
/// The bodies that have a kommune's last word.
const COUNCIL: &str = r"\w*kommunestyre\w*|bystyre\w*|heradsstyre\w*|bydelsutval\w*|byrådet|byråd";
/// Power to decide that the council has given away, or that the law lends where a matter cannot wait. A word begins it: no boundary of one stands before a bare `§`.
const DELEGATED: &str = r"(?:kommunel\w+|koml\.?|etter|paragraf|jf\.?),? § ?11-8|hasteparagraf\w*|hastefullmakt\w*|(?:gitt|gjeve|gjevi) formannskap\w* (?:\w+ )?(?:\w*myndighet|\w*mynde|fullmakt) (?:i|over) (?:\w+ )?(?:bosett|buset|flyktn)\w*|hastesak|hastevedtak|mynde til|myndighet til|fullmakt til å (?:gjere|gjøre|fatte|avgjere|avgjøre)|deleger\w*|delegasjon\w*|delegert|etter fullmakt|med fullmakt|på fullmakt|fullmakt fra kommunestyret|fullmakt frå kommunestyret";
/// A decision that has been made.
const DECIDED: &str = concat!(
    r"vedtok|vedtatt|vedteke\w?|vedtekne|vedtar|vedtek|(?:gjorde|gjort|fattet|fatta|fattar|fatter|traff) (?:\w+ ){0,3}?\w*vedtak\w*|vedtak(?:et|a)? (?:(?:fra|frå|i|av) \w+ )?(?:var|er|vart|ble|blei|lød|lyder|lydde)|(?:sa|sagt|seier|sier|svarte|svara|si|seia) (?:[\w.]+ ){0,5}?(?:ja|nei|at|takk)\b|(?:ga|gav) (?:\w+ )?tilslutning|(?:endte|enda) (?:\w+ ){0,3}?(?:på|opp)|(?:gikk|gjekk|gått|gåande) (?:\w+ ){0,3}?inn for|",
    r"stemte for|røysta for|stemt for|godkjente|godkjende|godkjent|godtok|godtek|slutta (?:\w+ )?seg|sluttet (?:\w+ )?seg|stetta|støttet|støtta|hevet|heva|auka|økte|reduserte|senket|følgde|fulgte|takke[tr]? ja|takka[r]? ja|takke[tr]? nei|takka[r]? nei|enige om|einige om|samrøystes|enstemmig|opprettholdt|opprettheldt|avslo|imøtekom\b|imøtekjem|imøtekommer|bestemte|bestemt|avgjort|avgjorde|landa på|landet på|endte på|enda på|samlet seg|forplikt(?:et|a) seg"
);
const YEAR_LIST: &str =
    r"(?:{YEAR}(?:(?: ?, ?| og | samt ){YEAR}| ?[–-] ?(?:20[1-4]\d|[1-4]\d)\b| ?/ ?{YEAR}| til (?:og med )?{YEAR}| t\.? ?o\.? ?m\.? {YEAR}){0,6})";
const YEAR: &str = r"(?:20[1-4]\d)\b";
const DATE: &str = r"(?:\d{1,2}\. ?\d{1,2}\. ?(?:19|20)\d{2}|\d{1,2}\. ?(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember) (?:19|20)\d{2})";

/// A pattern for [`LazyLock`].
pub type Pattern = LazyLock<Regex>;

/// Compiles a pattern.
pub fn compile(template: &str) -> Regex {
    let expanded = template
        .replace("{N}", &format!(r"\b(?:\d{{1,3}}(?:[ .]\d{{3}})+|\d+|{})\b", numbers::alternation()))
        .replace("{REFUGEES}", REFUGEES)
        .replace("{SETTLE}", SETTLE)
        .replace("{TO_SETTLE}", TO_SETTLE)
        .replace("{SETTLES}", SETTLES)
        .replace("{EM}", EM)
        .replace("{UP_TO}", UP_TO)
        .replace("{FAMILY}", FAMILY)
        .replace("{ASKED_NOUN}", ASKED_NOUN)
        .replace("{ASKED_VERB}", ASKED_VERB)
        .replace("{YES}", YES)
        .replace("{COUNCIL}", COUNCIL)
        .replace("{DELEGATED}", DELEGATED)
        .replace("{DECIDED}", DECIDED)
        .replace("{YEAR_LIST}", YEAR_LIST)
        .replace("{YEAR}", YEAR)
        .replace("{DATE}", DATE)
        .replace(' ', r"\s+")
        .replace(r"\s+?", r"\s*")
        // A space in a class of characters is a plain space.
        .replace(r"[\s+.]", "[ .]")
        .replace(r"[^\s+\d]", r"[^\s\d]");
    Regex::new(&format!("(?i){}", latin(&expanded))).expect("the patterns are constants, and each is compiled by a test")
}

/// Compiles a pattern that is matched as it is written, with regard to case.
pub fn exactly(pattern: &str) -> Regex {
    Regex::new(&latin(pattern)).expect("the patterns are constants, and each is compiled by a test")
}

/// Letters and digits of Norwegian and Sámi in place of those of every script: a reader holds hundreds of patterns, and they take a fraction of the memory so.
fn latin(pattern: &str) -> String {
    pattern.replace(r"\w", "[0-9A-Za-zÀ-ÖØ-öø-ſ_]").replace(r"\d", "[0-9]")
}

/// Recommends, proposes or weighs, and so decides nothing.
pub static RECOMMENDS: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:innstill\w*|rår (?:\w+ ){0,3}?til|rår kommunestyret|rå til|rå kommunestyret|råd(?:d|de|er) til|tilrå\w*|anbefal\w*|foresl\w*|føresl\w*|forslag\w*|framlegg\w*|fremlegg\w*|ber kommunestyret|bes om å|burde|vurderer å|vurderast|håper|håpar|planlegg\w*|ville ha|ville gi|mener|meiner)\b",
    )
});
/// Recommends to somebody who decides.
pub static RECOMMENDS_STRICTLY: Pattern = LazyLock::new(|| compile(r"\b(?:rår (?:\w+ ){0,3}?til|rår|tilrår|tilrå|anbefaler|anbefalar|innstiller)\b"));
/// A proposal that was voted down or withdrawn.
pub static FALLEN: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:falt|fall|fallen|nedstemt|nedrøysta|nedstemd|forkast\w*|fekk ikkje|fikk ikke|trukket|trekt|tapte|(?:fikk|fekk) (?:bare |berre |kun )?{N} (?:av (?:de |dei )?{N} )?(?:stemme\w*|røyst\w*)|alene om|åleine om|bak seg|fikk med seg)\b",
    )
});
/// A sentence of a vote that one side won.
pub static ADOPTED_ALL_THE_SAME: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:ble|blei|vart|blir|vert|er) (?:det )?(?:\w+ ){0,3}?(?:vedtatt|vedteke|vedteken|vedtekne|tiltrådt)\b|\b(?:ble|blei|vart) (?:sett|satt|stilt) (?:opp )?mot [^.;]{1,80}? og vedt\w+|\b(?:forslag\w*|framlegg\w*|innstilling\w*|tilråding\w*) (?:\S+ ){0,8}?(?:som )?(?:(?:fikk|fekk) (?:flertall|fleirtal)|(?:vant|vann) (?:fram|frem))\b|\b(?:fikk|fekk) {N} (?:stemme\w*|røyst\w*) og (?:er|ble|blei|vart) (?:\w+ )?(?:vedtatt|vedteke\w?)\b|\b(?:samlet|samla) (?:et|eit) (?:flertall|fleirtal)[^.;:]{0,30} seg (?:om|bak)\b|\bfleirtal\w* (?:vedtok|gjekk)|\bflertall\w* (?:vedtok|gikk|samlet)|\bsamlet flertallet\b",
    )
});
/// A proposal won by its votes: what else tells of a vote that was lost counts them too.
pub static WON_BY_VOTES: Pattern =
    LazyLock::new(|| compile(r"\b(?:fikk|fekk) {N} (?:stemme\w*|røyst\w*) og (?:er|ble|blei|vart) (?:\w+ )?(?:vedtatt|vedteke\w?)\b"));
/// What won is told of another body than the council.
pub static WITHIN_ANOTHER_BODY: Pattern = LazyLock::new(|| {
    compile(r"\b(?:i|på) (?:\w+ ){0,2}?(?:formannskap\w*|\w*utval\w*|komite\w*|\w*gruppe\w*|\w*gruppa|fraksjon\w*|\w*råd(?:et)?|\w*årsmøte\w*)\b")
});
/// The matter is still to be decided.
pub static PENDING: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:skal (?:\w+ ){0,2}?(?:stemme|røyste|votere|ta stilling)|(?:utsatte|utsette|utsetter|utset) (?:\w+ ){0,3}?(?:saken|saka|behandl\w*|handsam\w*)|(?:sendte|sende|sender) (?:\w+ ){0,3}?(?:saken|saka) [^.;]{0,60}?(?:tilbake|attende)|(?:saken|saka)\b[^.;]{0,80}\b(?:(?:sendes|sendast|vert send|blir sendt) (?:\w+ )?(?:tilbake|attende|til (?:ny|formannskap\w*|\w*utval\w*|administrasjon\w*|kommunedirektør\w*|rådmann\w*))|returneres|returnerast|utsettes|utsettast)\b|(?:dersom|hvis|viss|om|så sant) (?:{COUNCIL}) (?:\w+ )?(?:sier|seier|vedtar|vedtek|følger|følgjer|går inn|godkjenner|godkjenn)|svar\w* (?:på \w+ )?(?:kommer|kjem) (?:i|etter|når|først|til|seinare|senere)\b|(?:{COUNCIL}) (?:\w+ )?(?:avgjør|avgjer|behandler|behandlar|handsamar|drøfter|drøftar|(?:tek|tar) (?:opp|saka|saken))\b|er ikkj?e (?:noe|noko) vedtak\b|(?:behandler|behandlar|handsamar|avgjør|avgjer|drøfter|drøftar) (?:saken|saka|forslaget|spørsmålet|sin sak|si sak|den|tallet|talet)|",
        r"(?:skal|vil|blir|vert|bli) (?:\w+ )?(?:opp til |bli |verte )?(?:behandl\w*|handsam\w*|avgjort|avgjere|avgjøre|lagt fram|lagt frem|drøft\w*)|(?:behandles|behandlast|handsamast|avgjøres|avgjerast|drøftes) (?:av|først|(?:i|på) (?:\w*kommunestyre|bystyre|heradsstyre|formannskap|utval|møte|neste|komite|kveld|morgen|morgon|\w*dag|januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember))|",
        r"siste ord\w*|før (?:{COUNCIL}) (?:har|er|får)|det siste ordet|endeleg\w* (?:avgjer\w*|vedtak\w*|svar)|endelig\w* (?:avgjørelse\w*|vedtak\w*|svar)|(?:saken|saka|forslaget|framlegget|innstillingen|innstillinga|tilrådinga) (?:går|sendes|oversendes|vert send|blir send|ligg|ligger|skal|kjem|kommer) (?:nå |no |så |difor |derfor )?(?:videre |vidare )?(?:til|opp|i|for|{COUNCIL})|(?:{COUNCIL}) (?:får|har) (?:saken|saka)|(?:som |og )har (?:saken|saka)|ikkj?e (?:\w+ )?avgj\w+|(?:avgjerd\w*|avgjørelse\w*)[^.]{0,60}(?:kjem|kommer)|til (?:vitande|orientering\b|etterretning)|(?:settes|vert sett|blir satt) opp (?:i|til|på)|(?:legges|leggjast|vert lagd|blir lagt|vert lagt) fram|eigen sak|egen sak|eiga sak|til høyring|på høring|forskuttere|(?:avgjøre|avgjere|vurdere) om|tas ikke stilling|føres inn|førast inn|fylles ut|må opp|ny behandling|ny handsaming|sende (?:saken|saka) (?:tilbake|attende)|i retur|fastsettes (?:av|i|når)|fastset\w*ast|behandlingen skjer|handsaminga skjer|avgjørelsen faller|avgjerda fell|på (?:sakskartet|kartet|saklista|sakslista|saklisten)|",
        r"(?:skal|går|kommer|kjem|tas|takast|tek|ta den|er) (?:saken |saka |den |ho )?(?:opp|oppe) (?:til |i |på |igjen )|(?:skal|går|kommer|kjem) til (?:kommunestyret|bystyret|heradsstyret)|(?:ennå|enda|enno|foreløpig|førebels)? ?ikkj?e (?:er |ennå |enno |blitt |vorte |gjort |fatta |fattet |fatt |noe |noko ){0,4}(?:ferdig|vedtatt|vedteke|behandlet|behandla|handsama|svart)|",
        r"(?:tar|tek|skal ta|ta) (?:\w+ )?stilling|avventer|avventar|avvente|utsett\w* (?:saka|saken)|(?:saken|saka|behandlinga|behandlingen) (?:er |ble |vart |blir |vert )?(?:utsatt|utsett|utsettes|utsettast)|utsatt (?:til|svarfrist|frist|en)|utsetj\w*|utsett svarfrist|er opp til (?:kommunestyret|bystyret)|opp til kommunestyret|er venta|er ventet|er forventet|ventes|ventast|vurder(?:t|es|ast) fortløpande?|skal seie sitt|skal si sitt|ser ut til å|ligger an til|ligg an til|forel\w+ svar|førebels svar)",
    ))
});
/// What a body decided is that somebody shall look into the matter, or ask for something: no decision on it.
pub static DECIDES_TO_ASK: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:vedt\w+|bestem\w+|(?:gikk|gjekk|går) inn for|ønsk(?:er|jer)|ynskjer) (?:\w+ ){0,3}?å (?:be|bede|vurdere|utrede|utgreie|greie ut|avvente|vente med|utsette|utsetje|sende|drøfte|diskutere|spørre|spørje|oppfordre|oppmode|invitere|få utredet|få utgreidd|legge fram|leggje fram)\b|",
        r"\b(?:{COUNCIL}|formannskapet) (?:\w+ ){0,2}?(?:ber|bed|ba|bad|har bedt|har bede) (?:\w+ ){1,4}?(?:om å |å )?(?:vurdere|utrede|utgreie|greie ut|redusere|auke|øke|sjå på|se på|komme tilbake|kome tilbake|legge fram|leggje fram)\b",
    ))
});
/// No decision yet.
pub static NOT_YET: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:ikkj?e (?:\w+ ){0,2}?(?:vedtak|vedtatt|vedteke)|skal (?:\w+ ){0,3}?(?:vedta|gjere vedtak|gjøre vedtak|fatte vedtak|behandle|handsame|avgjøre|avgjere|seie|si)|vil tilrå|kommer til å|(?:regner|rekner|reknar) med|tror|trur|antar|antek|forvent(?:er|ar)|sats(?:er|ar) på|håper|håpar)\b",
    )
});
/// What has been before.
pub static PAST: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:bosatte|(?:ble|vart|blei|er|har|var) (?:\w+ ){0,3}?(?:bosatt|busett|busette|busatt|teke i ?mot|tatt i ?mot)|tidligere|tidlegare|i fjor|så langt (?:har|er|i år|i 20)|(?:har|er|bosatt|busett) (?:\w+ ){0,3}?så langt|hittil|til no|til nå|allerede|allereie|opprinnelig|opphavleg|tok i ?mot|tok \w+ i ?mot|I 20\d\d (?:vedtok|tok|bosatte|busette (?:kommun\w+|vi|me|det)))\b|^(?:[–-] )?I 20\d\d (?:ble|vart)\b",
    )
});
/// What somebody outside of the kommune asks for.
pub static ASKED_BY_OTHERS: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:IMDi|direktoratet|staten|regjeringa|regjeringen|UDI|de|dei|dere|de) (?:\w+ ){0,4}?(?:ber|ba|bad|bedt|bede|anmod\w*|oppmod\w*|ville ha|vil ha|ønsk\w*|spør|spurte)\b|\b(?:er|ble|vart|blei|har) (?:\w+ ){0,2}?(?:bedt|bede|anmodet|anmoda|oppmoda|oppmodet)\b|\b{ASKED_NOUN} (?:er|var|lød|lyder|lydde|på)\b",
    )
});
/// A council, or a kommune, has decided in so many words.
pub static BY_COUNCIL: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:{COUNCIL}|flertallet|fleirtalet|{DELEGATED})\b[^;:]{0,110}?\b(?:{DECIDED})|",
        r"\b(?:{DECIDED})[^;:]{0,70}?\b(?:i|av|frå|fra) (?:\w+ )?(?:{COUNCIL})|\bvedtak\w* (?:i|av|frå|fra) (?:\w+ )?(?:{COUNCIL})|\b(?:sa|seier|sier) (?:(?:et|eit) (?:\w+ )?)?(?:{COUNCIL}) (?:[\w.]+ ){0,4}?(?:ja|nei)\b|",
        // The verb before its subject: "Med 12 mot 7 stemmer vedtok kommunestyret".
        r"\b(?:vedtok|har vedtatt|har vedteke|stetta|støttet|støtta|godkjente|godkjende|godtok|avslo|avgjorde|bestemte|fastsette|slutta|sluttet) (?:(?:et|eit|da|då|så|også|òg|enig|eining|samla|samlet|samrøystes|enstemmig|(?-i:[A-ZÆØÅ])[\wæøå]+) ){0,3}(?:{COUNCIL})|",
        r"\b(?:land(?:et|a)|end(?:te|a)|stoppet|stoppa|stansa|stanset) (?:{COUNCIL}) (?:\w+ ){0,5}?på {UP_TO}{N}|",
        // A case of the council by its short name; what stands after says that it was not sent on.
        r"\b(?:K|KS|KST|BS|BYST|HST)-?sak \d+/\d+ (?:ble|blei|vart|er) (?:\w+ )?(?:vedtatt|vedteke\w?)(?:[.,;]|$| (?:på|i går|i dag|i kveld|den|med|uten|utan|mot|samrøystes|enstemmig|einstemmig|\w*dag)\b)|",
        r"\b(?:godteke\w?|godtatt|imøtekommet|imøtekomen|innvilget|innvilga|avslått|avslegen|vedtatt|vedteke\w?) av (?:(?-i:[A-ZÆØÅ])[\wæøå]+ ){0,3}(?:{COUNCIL})|",
        r"\b(?:{COUNCIL}) har (?:gitt|gjeve|gjevi) (?:\w+ ){0,2}?fullmakt|\b(?:{COUNCIL})s? vedtak (?:av |frå |fra |den )?\d{1,2}\. ?(?:\w+|\d{1,2}\.)(?: ?20\d\d)?(?:,? (?:i )?\w*-?sak \S+)? (?:er|var|lyder|lyd|lød)\b|",
        r"\b(?:full|brei|bred|stor|samla|samlet) (?:oppslutning|tilslutning|semje|enighet) i (?:{COUNCIL})|\b(?:ble|blei|vart) (?:det )?(?:[\w.]+ ){0,6}?(?:(?:ja|nei)\b|{N})[^.;:]{0,60}\bi (?:{COUNCIL})",
    ))
});
/// A body with the last word is named.
pub static COUNCILS: Pattern = LazyLock::new(|| compile(r"\b(?:{COUNCIL})\b"));
/// A proposal is adopted by a sentence that does not repeat it.
pub static ADOPTS: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:forslag\w*|innstilling\w*|tilråding\w*|framlegg\w*|fremlegg\w*|punkt\w*)\b[^.;]{0,80}\b(?:vedtatt|vedteke|vedteken|vedtekne|vedtatte|vedtas|tiltrådt|enstemmig|samrøystes|einstemmig|til følge)\b|",
        r"\b(?:i samsvar med|i tråd med|som|lik|etter|jf\.?|jamfør) (?:\S+ ){0,5}?(?:forslag\w*|innstilling\w*|tilråding\w*|framlegg\w*|fremlegg\w*|alternativ\w*|alt\.)|\bvedt(?:ok|atk?|eke) (?:\w+ ){0,3}?(?:forslag\w*|innstilling\w*|tilråding\w*|framlegg\w*)|\bslutt\w* seg til (?:\S+ ){0,3}?(?:forslag\w*|innstilling\w*|tilråding\w*)",
    ))
});
/// Says yes to what was asked for.
pub static ACCEPTS: Pattern = LazyLock::new(|| compile(&format!(r"\b{}\b", YES.replace(FOLLOWS, &format!("{FOLLOWS}{FOLLOWED}")))));
/// What was asked for is adopted without being repeated.
pub static ADOPTS_THE_NUMBER: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:antallet|talet|tallet|bosettinga|busetjinga|bosettingen|busettinga) (?:ble|blei|vart|er) (?:\w+ ){0,2}?(?:vedtatt|vedteke|vedteken)|\b(?:vedtok|har vedtatt|har vedteke) (?:antallet|talet|tallet|bosettinga|busetjinga|bosettingen|busettinga)\b",
    )
});
/// How a vote went.
pub static VOTED: Pattern =
    LazyLock::new(|| compile(r"\b{N} for,? (?:og )?{N} (?:i)?mot\b|\brøysteresultat|\bstemmeresultat|\b(?:samrøystes|enstemmig) (?:vedtatt|vedteke)"));
/// The council has had the matter; what it said follows in other words.
pub static TREATED: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:{COUNCIL}) i går(?: kveld)?(?: \([^)]*\))?[.:]|\b(?:ble|blei|vart|er) (?:det )?(?:klart|avgjort|avgjord|bestemt) (?:da|då|etter|på|i|under) (?:at )?(?:\w+ ){0,4}?(?:{COUNCIL})|\b(?:{COUNCIL})\b[^.;:]{0,40}\b(?:handsama|behandlet|behandla|(?:ble|blei|vart|var) ferdig|sluttført|var (?:samstemt\w*|enig\w*|einig\w*|samrøystes)|røysta|stemte|voterte|tok stilling|delte seg|hadde saken|hadde saka|tok saken|tok saka)\b",
    )
});
/// A letter that nobody has finished.
pub static DRAFT: Pattern = LazyLock::new(|| compile(r"\[(?:fyll|X|antall|tal|dato|navn|namn)|\bstryk det som\b|\bxx\.\d\d|\b(?:utkast|kladd)\b"));
/// The directorate asks, in its own letter.
pub static REQUEST: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:vi|me) (?:ber|oppmodar|anmoder) (?:\w+ ){0,4}?(?:kommune|kommunen|kommuna|om at kommunen|om svar|kommunane|kommunene)|\bvedtaket (?:må|bør) (?:vere|være|ha|innehalde|inneholde)|\b(?:blir|vert) \w+ kommune (?:oppmoda|anmodet)",
    )
});
/// What a body that has no last word says of its own decision.
pub static ADVISORY: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:som tilråding|som innstilling|tilrådingsrett|innstillingsrett|oversending av (?:tilråding|innstilling)|innstilling til|tilråding til|(?:sender|sendt|oversender) (?:saka|saken) (?:vidare |videre )?til (?:\w+ )?(?:{COUNCIL})|(?:{COUNCIL}) avgj\w+|ikkj?e endel\w+|mindretallsanke|mindretalsanke|til avgj\w+|møteinnkalling|innkalling til|(?:lagt|lagd|legges|leggjast) fram for (?:{COUNCIL}))",
    )
});
/// Nobody else than minors.
pub static ONLY_MINORS: Pattern =
    LazyLock::new(|| compile(r"\b(?:bare|berre|kun|utelukkende) (?:\w+ ){0,2}?(?:{EM}|unge|mindreårige)|\bingen (?:voksne|vaksne)"));
/// Something that was proposed is named.
pub static PROPOSED: Pattern = LazyLock::new(|| compile(r"(?:forslag|framlegg|fremlegg|innstilling|tilråding|alternativ)"));
/// Says yes in so many words.
pub static SAYS_YES: Pattern = LazyLock::new(|| compile(r"\b(?:sier|seier|svarer|svarar|takker|takkar) ja\b"));
/// Keeps what was decided before.
pub static KEEPS: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:opprettheld\w*|oppretthold\w*|held fast|holder fast|står (?:fast )?ved|står på|stod på|står (?:fortsatt |framleis |fremdeles )?(?:uendret|uendra|ved lag|fast)|(?:blir|vert|bli) (?:ståande|stående)|gjelder fortsatt|gjeld framleis|fastheld\w*|fastholder|vidarefør\w*|viderefør\w*|ligg\w* fast|vedtak\w* (?:om|på) {N}(?: \w+)? (?:står|gjelder|gjeld))\b",
    )
});
/// Says no to more than was decided before.
pub static REFUSES_MORE: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:tilleggsanmod\w*|tilleggsoppmod\w*|ekstra\w*|justert\w* (?:anmod|oppmod)\w*|ny\w* (?:anmod|oppmod)\w*|ytterl\w+|flere|fleire)\b[^.;:]{0,80}\b(?:ikkj?e|avslå\w*|avsl\w+|nei)\b|",
        r"\b(?:ikkj?e|nei|avslår|avslo|takk\w* nei)\b[^.;:]{0,80}\b(?:tilleggsanmod\w*|tilleggsoppmod\w*|ekstra\w*|justert\w* (?:anmod|oppmod)|ny\w* (?:anmod|oppmod)|ytterl\w+|flere|fleire)\b",
    ))
});
/// Says no to the whole: to settling, or to what was asked for.
pub static REFUSES: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:(?:vedt\w+|valgt\w*|velger|vel|valde)? ?(?:å )?ikkj?e (?:å )?(?:{TO_SETTLE}|imøtekom\w*|imøtekjem\w*|etterkom\w*|etterkjem\w*)\b|(?:tek|tar) ikkj?e i ?mot (?:\w+ ){0,2}?(?:flyktn|person|nye)|(?:bosetter|buset|busettar|tar i ?mot|tek i ?mot) (?:[\wæøå]+ ){0,3}?(?:ikkj?e|ingen|null)\b (?:\w+ ){0,2}?(?:flyktn|person|nye)|(?:kan|vil|skal) (?:\w+ ){0,4}?ikkj?e (?:\w+ ){0,3}?{TO_SETTLE}\b|",
        r"(?:imøtekommer|imøtekjem|godtar|godtek|følger|følgjer|etterkommer|etterkjem|imøtekommes|imøtekommast) (?:\w+ ){0,4}?ikkj?e\b|(?:avslår|avslo|avslå|avviser|avvise|avslås|avslåast|avslått|avslegen) |(?:anmod\w*|oppmod\w*) (?:\w+ ){0,14}?(?:avslå\w*|avslås|imøtekommes ikkj?e|blir ikkj?e|vert ikkj?e)|(?:ikkj?e (?:\w+ ){0,2}?(?:ta|tas|tatt|taka?st|teke|teken|tekne) til følg\w*|(?:tas|takast|taes) ikkj?e til følg\w*)|",
        r"(?:takk\w*|svarte|svara|sier|seier|sa|sagt|si|samrøystes|enstemmig|svarer|svarar|(?:ble|blei|vart)(?: det)?) (?:\w+ ){0,2}?nei\b|nei til (?:å|anmod|oppmod|imdi|flyktn)|\b(?:ingen|null|inga) (?:nye |flere |fleire )?(?:flyktninger|flyktningar|busetjing|bosetting) (?:blir|bosettes|vert|i 20|skal|neste|til neste)|(?:blir|vert) (?:det )?(?:\w+ )?ingen (?:bosetting|busetjing|busetting|nye flyktn|flyktn)\w*|ikkj?e (?:\w+ ){0,2}?(?:kapasitet|grunnlag|anledning|høve|stand|mulighet|råd) til å (?:{TO_SETTLE}))",
    ))
});
/// Once more with less certainty: what no plain decision says.
pub static SOFT: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:ca\.?|cirka|omtrent|om lag|rundt|om mulig|om mogleg|kanskje|på sikt|mellom (?:\d|1[0-46-9]|[2-9]\d|\d{3,}) og|halvparten|det dobbelte|halve|trolig|truleg|sannsynligvis|om ikke|eller|håper|håpar)\b",
    )
});
/// No, with a later yes left open.
pub static FOR_NOW: Pattern =
    LazyLock::new(|| compile(r"\b(?:inntil videre|inntil vidare|førebels|foreløpig|på nåværende tidspunkt|på noverande tidspunkt)\b"));
/// The same number each year.
pub static YEARLY: Pattern = LazyLock::new(|| {
    compile(r"\b(?:årlig|årleg|hvert (?:av )?år\w*|hvert av|kvart (?:av )?år\w*|kvart av|per år|pr\.? år|i året|om året|begge år\w*|alle år\w*)\b")
});
/// For how many years.
pub static FOR_YEARS: Pattern = LazyLock::new(|| compile(r"\bi (?P<n>{N}) år\b|\bover (?P<m>{N}) år\b|\b(?P<k>{N})[- ]årsperiode"));
/// A vote or decision that names nobody.
pub static DECIDED_BY_NOBODY: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:(?:kommunen?|kommuna|herad|heradet|me|vi|dei|de) (?:vedtok|har vedtatt|har vedteke)|(?:ble|blei|vart) det (?:\w+ ){0,3}?(?:vedtatt|vedteke)|kommune (?:vedtar|vedtek)|(?:forslag\w*|framlegg\w*|innstilling\w*|dette|saken|saka) (?:ble|blei|vart) (?:\w+ )?(?:vedtatt|vedteke)|(?:resultatet|utfallet|konklusjonen) (?:ble|blei|vart)|vedtaket (?:vårt |vart )?(?:for {YEAR} )?(?:er|var|ble|blei|vart)(?: på)? {UP_TO}{N})\b",
    )
});
/// Its kommune is said to have decided.
pub static NAME_DECIDED: Pattern =
    LazyLock::new(|| compile(r"\b(?P<name>[\wæøå-]+) (?:vedtok|har vedtatt|har vedteke|vedtar|vedtek|gjorde (?:sitt |sine )?vedtak)\b"));
/// A decision that holds no more.
pub static ANNULLED: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:opphev\w*|annuller\w*) (?:\w+ ){0,3}?(?:vedtak\w*|det|beslutning\w*)|\bvedtak\w* (?:\S+ ){0,6}?(?:opphev\w*|ugyldig\w*|gjelder ikke lenger|gjeld ikkje lenger)|\bhar opphevet|\bhar oppheva|\buten gyldig|\butan gyldig",
    )
});
/// Bodies that have no last word.
pub static OTHER_BODY: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:\w*utval\w*|formannskap\w*|komite\w*|administrasjon\w*|rådet|årsmøte\w*|styret i|partiet|gruppa|gruppen|partigrupp\w*|fraksjon\w*|region\w*|landsmøte\w*|fylkesting\w*|fagforening\w*|eldreråd\w*)\b",
    )
});
/// Grown-ups and minors alike.
pub static BOTH_KINDS: Pattern =
    LazyLock::new(|| compile(r"\bbåde (?:voksne|vaksne)[^.;]{0,60}{EM}|\b(?:verken|hverken|korkje) (?:voksne|vaksne)[^.;]{0,60}{EM}"));
/// Only in part.
pub static IN_PART: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:delvis|delar av (?:oppmod\w*|talet)|deler av (?:anmod\w*|tallet)|halvparten av (?:det|dei|de|anmod\w*|oppmod\w*|tal\w*) ?(?:som )?(?:{N}|IMDi|vi|me|dei|de|anmod\w*|oppmod\w*)|ikke hele|ikkje heile|(?:færre|lavere|lågare|mindre) enn (?:anmod\w*|oppmod\w*|imdi|det imdi|de ba|dei bad|de ber))\b",
    )
});
/// A request on top of an earlier one.
pub static ASKED_FOR_MORE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:(?:tilleggs|ekstra)(?:anmod|oppmod)\w*|(?:utvid\w*|justert\w*|ny|nye|ytterl\w+|økt\w*|auka) (?:anmod|oppmod)\w*|(?:{ASKED_NOUN}|{ASKED_VERB}) (?:\w+ ){0,5}?(?:ytterl\w+|ekstra|flere enn vedt\w*|fleire enn vedt\w*))\b",
    )
});
/// A number is held against that of the request.
pub static COMPARES: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:flere|fleire|færre|mer|meir|mindre|lavere|lågare|høyere|høgare|så mange som|like mange som|det samme som|det same som) (?:enn )?(?:det )?(?:\w+ ){0,2}?(?:anmod\w*|oppmod\w*|imdi|direktoratet|spurt\w*)|\b(?:det|dette) tall?et (?:som )?(?:dere|dykk|de|IMDi)\b|\b(?:spurt|spurte|spurde|bad om|ba om|henvendelse\w*|forespørsel\w*|førespurnad\w*)\b",
    )
});
/// An answer to something, or the one who asks.
pub static YES_OR_NO: Pattern = LazyLock::new(|| compile(r"\b(?:ja|nei|svar\w*|IMDi|direktoratet|mangfoldsdirektorat\w*|mangfaldsdirektorat\w*)\b"));
/// A request to all kommuner of a county or of the country.
pub static OF_MANY: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:kommunene|kommunane|fylket|fylkeskommun\w*|i landet|landsbasis|nasjonalt|hele landet|heile landet|regionen|bydelene|bydelane|sin del av|landsplan|som helhet|som heilskap|(?:til|i|for) (?:Agder|Akershus|Buskerud|Finnmark|Innlandet|Møre og Romsdal|Nordland|Rogaland|Telemark|Troms|Trøndelag|Vestfold|Vestland|Viken|Østfold))\b",
    )
});
/// A negation.
pub static NOT: Pattern = LazyLock::new(|| compile(r"\b(?:ikke|ikkje|ingen|inga)\b"));
/// Delegated power to decide.
pub static BY_DELEGATION: Pattern = LazyLock::new(|| compile(r"\b(?:{DELEGATED})\b"));
/// A body has its power from the council.
pub static POWER_GIVEN: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"(?P<to>\b(?:formannskap\w*|kommunedirektør\w*|rådmann\w*|\w*utval\w*))[^.;:]{0,60}\b(?:fullmakt|\w*myndighet|mynde|delegasjon|delegert mynd\w*) (?:fra|frå|av) (?:{COUNCIL})\b|",
        r"\b(?:{COUNCIL}) (?:\w+ ){0,2}?(?:gitt|gjeve|gjevi) (?P<given>formannskap\w*) (?:\w+ )?(?:\w*myndighet|\w*mynde|fullmakt) (?:i|over) (?:\w+ )?(?:bosett|buset|flyktn)\w*",
    ))
});
/// A calendar year.
pub static A_YEAR: Pattern = LazyLock::new(|| compile(r"\b{YEAR}"));
/// A date with its year.
pub static A_DATE: Pattern = LazyLock::new(|| compile(r"\b{DATE}"));
/// Settlement is spoken of.
pub static SETTLING: Pattern = LazyLock::new(|| compile(r"\b(?:{SETTLE}|flyktn\w*)"));
/// What was asked for is spoken of.
pub static ASKS: Pattern = LazyLock::new(|| compile(r"\b(?:{ASKED_NOUN}|{ASKED_VERB})"));
/// An earlier decision is changed or taken back somewhere in the text.
pub static CHANGED: Pattern = LazyLock::new(|| {
    compile(r"\b(?:omgj\w+|opphev\w*|erstatt\w*|tilbakekall\w*|rett(?:else|ing)|feil)\b|\bvedtak\w*[^.;]{0,60}\breduser\w*|\breduser\w*[^.;]{0,40}\bvedtak")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_none_matches_nothing() {
        for pattern in [
            &ACCEPTS,
            &ADOPTED_ALL_THE_SAME,
            &ADOPTS,
            &ADOPTS_THE_NUMBER,
            &ADVISORY,
            &ANNULLED,
            &ASKED_BY_OTHERS,
            &ASKED_FOR_MORE,
            &ASKS,
            &COMPARES,
            &DECIDES_TO_ASK,
            &OF_MANY,
            &YES_OR_NO,
            &A_DATE,
            &A_YEAR,
            &BOTH_KINDS,
            &BY_COUNCIL,
            &BY_DELEGATION,
            &CHANGED,
            &COUNCILS,
            &DECIDED_BY_NOBODY,
            &DRAFT,
            &FALLEN,
            &FOR_NOW,
            &FOR_YEARS,
            &IN_PART,
            &KEEPS,
            &NAME_DECIDED,
            &NOT,
            &NOT_YET,
            &ONLY_MINORS,
            &OTHER_BODY,
            &POWER_GIVEN,
            &PAST,
            &PENDING,
            &PROPOSED,
            &RECOMMENDS,
            &RECOMMENDS_STRICTLY,
            &REFUSES,
            &REFUSES_MORE,
            &REQUEST,
            &SAYS_YES,
            &SETTLING,
            &SOFT,
            &TREATED,
            &VOTED,
            &WITHIN_ANOTHER_BODY,
            &WON_BY_VOTES,
            &YEARLY,
        ] {
            assert!(!pattern.is_match(""), "{}", pattern.as_str());
        }
    }
}
