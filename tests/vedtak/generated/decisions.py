"""What a kommune decides: the plan of a decision, its true values, and the sentences that state it.

The plan comes first and the sentences are made from it, so the values are never read out of a text. The numbers in comments are the patterns of the project's notes
on how decisions are phrased.
"""

import dataclasses
import datetime

from language import after, capital, meeting, sentences

LATEST = datetime.date(2026, 11, 20)
SCALE = ((4, 16), (12, 42), (34, 95))


@dataclasses.dataclass
class Minors:
    """Unaccompanied minors within the number: how they are told, and how many in each group (none: not stated)."""

    how: str
    total: int | None = None
    older: int | None = None
    younger: int | None = None


@dataclasses.dataclass
class Decision:
    year: int
    decided: datetime.date
    written: datetime.date
    relative: bool = False
    years: list = dataclasses.field(default_factory=list)
    total: int | None = None
    minors: Minors = dataclasses.field(default_factory=lambda: Minors("untold"))
    per_year: list | None = None
    period: int | None = None
    limit: str | None = "eksakt"
    asked: int | None = None
    asked_minors: int | None = None
    answer: str = "ukjent"
    supplement: int | None = None
    before: int | None = None
    family: str | None = "ikke_nevnt"
    reservations: list = dataclasses.field(default_factory=list)
    more: int | bool | None = None
    more_minors: int | None = None
    # The text: points of the decision (a list of rows is a table), the same as others tell it, and why the number is low.
    points: list = dataclasses.field(default_factory=list)
    told: str | None = None
    brief: str | None = None
    reason: str | None = None
    about: str = "ordinary"
    # Who decided, where it is not the council: the board or the office with delegated power (trap 18).
    by: str | None = None
    # Fields on which careful readers may differ: they are not scored.
    unscored: set = dataclasses.field(default_factory=set)

    def own_numbers(self):
        """What no sentence beside the decision may say by accident."""
        yearly = [row["totalt"] for row in self.per_year or []]
        numbers = {self.total, self.asked, self.supplement, self.before, self.period, self.more, self.minors.total, self.minors.older, self.minors.younger, *yearly}
        return {number for number in numbers if number is not None}

    def values(self):
        """The fields of docs/contracts.md that the decision itself gives."""
        minors = self.minors
        adults = None
        if self.total is not None and minors.total is not None:
            adults = self.total - minors.total
        values = {
            "aar": self.years or None,
            "vedtatt_totalt": self.total,
            "vedtatt_voksne_familier": adults,
            "vedtatt_em_15_18": minors.older,
            "vedtatt_em_under_15": minors.younger,
            "vedtatt_em_totalt": minors.total,
            "per_aar": self.per_year,
            "periode_totalt": self.period,
            "svar": self.answer,
            "tilleggsvedtak": self.supplement,
            "forbehold": self.reservations or None,
            "flere_ved_behov": self.more,
            "flere_ved_behov_em": self.more_minors,
        }
        if self.limit and self.total:
            values["grense"] = self.limit
        if self.family:
            values["familiegjenforente"] = self.family
        if self.asked is not None:
            values["anmodet_totalt"] = self.asked
        return {name: value for name, value in values.items() if name not in self.unscored}


def dated(w, season=None):
    """When it was decided, when it was written, and the year it is about. In autumn the next year is decided, in winter the year that has begun."""
    random = w.random
    season = season or random.choices(("autumn", "winter"), (3, 1))[0]
    year = random.choices((2025, 2026, 2027), (1, 2, 4))[0] if season == "autumn" else random.choice((2025, 2026))
    spans = {"autumn": ((year - 1, 9, 14), (year - 1, 12, 17)), "winter": ((year, 1, 14), (year, 3, 26)), "later": ((year, 4, 14), (year, 10, 8))}
    first, last = (datetime.date(*day) for day in spans[season])
    decided = meeting(random, first, min(last, LATEST - datetime.timedelta(3)))
    return Decision(year, decided, after(random, decided, 1, 12, LATEST))


def when(w, d):
    """The year of the decision in words: pattern 26 where it is relative."""
    if not d.relative:
        return f"i {d.year}"
    if d.year > d.decided.year:
        return "neste år"
    return w.say(("i år", "inneværende år"), ("i år", "inneverande år"))


def sized(w, low=0):
    small, large = SCALE[w.place.size]
    return w.random.randint(max(small, low), max(large, low + 6))


def limited(w, d, number, noun=None):
    """Patterns 16 to 18: the quantity with its limit."""
    limit = {"eksakt": "", "inntil": w.random.choice(("inntil ", "inntil ", "opptil ")), "minst": "minst "}[d.limit]
    return limit + w.number(number) + " " + (noun or w.say(("flyktninger", "flyktninger", "personer"), ("flyktningar", "flyktningar", "personar")))


FREE = {
    "present": ("{kk} bosetter {q} {i}{em}.", "{kk} buset {q} {i}{em}."),
    "decides": (("{kk} vedtar å bosette {q} {i}{em}.", "{korg} vedtar å bosette {q} {i}{em}."), ("{kk} vedtek å {bos} {q} {i}{em}.", "{korg} vedtek å {bos} {q} {i}{em}.")),
    "can": (("{kk} kan bosette {q} {i}{em}.", "{kk} kan {i} bosette {q}{em}."), ("{kk} kan {bos} {q} {i}{em}.", "{kk} kan {i} {bos} {q}{em}.")),
    "will": (("{kk} vil bosette {q} {i}{em}.", "{kk} vil ta imot {q} {i}{em}."), ("{kk} vil ta imot {q} {i}{em}.", "{kk} vil {bos} {q} {i}{em}.")),
    "commits": ("{kk} forplikter seg til å bosette {q} {i}{em}.", "{kk} bind seg til å {bos} {q} {i}{em}."),
    "passive": (("Det bosettes {q} i {kk} {i}{em}.", "{q} vedtas bosatt i {kk} {i}{em}."), "Det skal {boses} {q} i {kk} {i}{em}."),
    "yes": (
        ("{kk} sier ja til å bosette {q} {i}{em}.", "{kk} sier ja til å ta imot {q} {i}{em}."),
        ("{kk} seier ja til å {bos} {q} {i}{em}.", "{kk} seier ja til å ta imot {q} {i}{em}."),
    ),
}
ANSWERING = {
    "accepts": (
        ("{kk} imøtekommer anmodningen fra IMDi om å bosette {q} {i}{em}.", "{kk} følger anmodningen fra IMDi og bosetter {q} {i}{em}."),
        ("{kk} imøtekjem oppmodinga frå IMDi om å {bos} {q} {i}{em}.", "{kk} følgjer oppmodinga frå IMDi og buset {q} {i}{em}."),
    ),
    "in_line": ("I tråd med anmodningen fra IMDi bosetter {kk} {q} {i}{em}.", "I samsvar med oppmodinga frå IMDi buset {kk} {q} {i}{em}."),
    "yes_to": ("{kk} sier ja til IMDis anmodning om å bosette {q} {i}{em}.", "{kk} seier ja til oppmodinga frå IMDi om å {bos} {q} {i}{em}."),
}
AUTHORITY = ("{Boss} gis fullmakt til å ta imot {q} {i}{em}.", "{Boss} får fullmakt til å ta imot {q} {i}{em}.")
SOFT = ("{kk} tar sikte på å bosette {q} {i}{em}.", "{kk} tek sikte på å {bos} {q} {i}{em}.")
PARTLY = ("{kk} imøtekommer delvis anmodningen fra IMDi og bosetter {q} {i}{em}.", "{kk} imøtekjem oppmodinga frå IMDi delvis og buset {q} {i}{em}.")
BRIEF = (
    ("{Org} vedtok {day} i sak {case} å bosette {q} {i}{em}.", "{Org} har i møte {day}, sak {case}, vedtatt at {kk} skal bosette {q} {i}{em}."),
    ("{Org} vedtok {day} i sak {case} å {bos} {q} {i}{em}.", "{Org} har i møte {day}, sak {case}, vedteke at {kk} skal {bos} {q} {i}{em}."),
)
TOLD = (
    ("{Org} i {k} vedtok {day} å bosette {q} {i}{em}.", "{k} skal bosette {q} {i}{em}. Det vedtok {org} {day}.", "{Org} i {k} sa {day} ja til å bosette {q} {i}{em}."),
    ("{Org} i {k} vedtok {day} å {bos} {q} {i}{em}.", "{k} skal {bos} {q} {i}{em}. Det vedtok {org} {day}.", "{Org} i {k} sa {day} ja til å {bos} {q} {i}{em}."),
)


def minors_of(w, how, total):
    """The groups of minors of a decision, told `how` (patterns 29 to 36)."""
    if how == "none":
        return Minors(how, 0, 0, 0)
    if how in ("untold", "per_year"):
        return Minors(how)
    many = w.random.randint(2, max(2, min(8, total // 4)))
    if how in ("chain", "groups", "bufetat", "table") or (how == "addition" and w.sometimes(0.5)):
        younger = w.random.randint(1, max(1, many // 2))
        many = max(many, younger + 2)
        return Minors(how, many, many - younger, younger)
    if how == "older":
        return Minors(how, many, many, 0)
    if how == "younger":
        return Minors(how, many, 0, many)
    return Minors(how, many)


def within(w, minors):
    """Minors as the tail of the sentence with the number, or as a sentence of their own: (tail, sentence)."""
    m, o, p = (number and w.minors(number) for number in (minors.total, minors.older, minors.younger))
    tail = w.sometimes(0.5)
    match minors.how:
        case "inclusive":
            if tail:
                return w.say(
                    (
                        ", hvorav {m} enslige mindreårige",
                        ", herav {m} enslige mindreårige flyktninger",
                        ", derav {m} enslige mindreårige",
                        ", av disse {m} enslige mindreårige (EM)",
                        ", hvorav {m} EM",
                    ),
                    (", av desse {m} einslege mindreårige", ", derav {m} einslege mindreårige", ", der {m} er einslege mindreårige", ", av desse {m} einslege unge mindreårige"),
                    m=m,
                ), ""
            return "", w.say(
                ("Av disse er {m} enslige mindreårige.", "Av disse kan {m} være enslige mindreårige.", "{M} av plassene er for enslige mindreårige."),
                ("Av desse er {m} einslege mindreårige.", "Av desse kan {m} {vere} einslege mindreårige.", "{M} av plassane er til einslege mindreårige."),
                m=m,
                M=capital(m),
            )
        case "included":
            return w.say(", inkludert {m} enslige mindreårige", (", inkludert {m} einslege mindreårige", ", medrekna {m} einslege mindreårige"), m=m), ""
        case "chain":
            if tail:
                return w.say(", hvorav {m} enslige mindreårige, {p} av disse under 15 år", ", av desse {m} einslege mindreårige, {p} av desse igjen under 15 år", m=m, p=p), ""
            return "", w.say("Av disse er {m} enslige mindreårige, hvorav {p} under 15 år.", "Av desse er {m} einslege mindreårige, der {p} er under 15 år.", m=m, p=p)
        case "groups":
            ep = w.say("enslig mindreårig", "einsleg mindreårig") if minors.younger == 1 else w.say("enslige mindreårige", "einslege mindreårige")
            if tail:
                return w.say(
                    ", hvorav {o} enslige mindreårige i alderen 15–18 år og {p} {ep} under 15 år",
                    ", av desse {o} einslege mindreårige i alderen 15–18 år og {p} under 15 år",
                    o=o,
                    p=p,
                    ep=ep,
                ), ""
            return "", w.say(
                (
                    "Av disse er {o} enslige mindreårige mellom 15 og 18 år og {p} {ep} under 15 år.",
                    "Av plassene er {p} for {ep} under 15 år og {o} for enslige mindreårige over 15 år.",
                ),
                (
                    "Av desse er {o} einslege mindreårige mellom 15 og 18 år og {p} {ep} under 15 år.",
                    "Av plassane er {p} til {ep} under 15 år og {o} til einslege mindreårige over 15 år.",
                ),
                o=o,
                p=p,
                ep=ep,
            )
        case "older":
            return w.say(
                (", hvorav {m} enslige mindreårige i alderen 15–18 år", ", herav {m} enslige mindreårige over 15 år"),
                (", av desse {m} einslege mindreårige i alderen 15–18 år", ", av desse {m} einslege mindreårige over 15 år"),
                m=m,
            ), ""
        case "younger":
            return w.say(", hvorav {m} enslige mindreårige under 15 år", ", av desse {m} einslege mindreårige under 15 år", m=m), ""
        case "bufetat":
            return "", w.say(
                "{M} av plassene er forbeholdt enslige mindreårige, hvorav Bufetat kan disponere {p} til barn under 15 år.",
                "{M} av plassane er sette av til einslege mindreårige, og Bufetat kan disponere {p} av desse til barn under 15 år.",
                M=capital(m),
                p=p,
            )
        case "none":
            return "", w.say(
                ("{kk} bosetter ikke enslige mindreårige.", "Det åpnes ikke for bosetting av enslige mindreårige.", "{Unit} kan ikke ta imot enslige mindreårige."),
                ("{kk} buset ikkje einslege mindreårige.", "Det skal ikkje {boses} einslege mindreårige.", "{Unit} kan ikkje ta imot einslege mindreårige."),
            )
    return "", ""


def added(w, d):
    """Pattern 34: minors on top of the adults, so that the total is the sum."""
    m = d.minors
    adults = d.total - m.total
    stated = w.sometimes(0.4)
    i, q = (
        when(w, d),
        limited(
            w, d, adults, w.say(("enslige voksne og personer i familie", "voksne og familiemedlemmer"), ("einslege vaksne og personar i familie", "vaksne og familiemedlemer"))
        ),
    )
    total = w.say(" Til sammen blir dette {n} personer.", " Til saman blir dette {n} personar.", n=w.number(d.total)) if stated else ""
    if m.older is not None:
        # Two groups of which each is a number of its own.
        more = w.say(
            "I tillegg bosettes {o} enslige mindreårige i alderen 15–18 år og {p} under 15 år.",
            "I tillegg skal det {boses} {o} einslege mindreårige i alderen 15–18 år og {p} under 15 år.",
            o=w.minors(m.older),
            p=w.minors(m.younger),
        )
    else:
        more = w.say("I tillegg bosettes {m} enslige mindreårige.", "I tillegg kjem {m} einslege mindreårige.", m=w.minors(m.total))
    core = w.say("{kk} bosetter {q} {i}.", "{kk} buset {q} {i}.", q=q, i=i)
    return [core, more + total]


def table_of_groups(w, d):
    """Pattern 27: the groups in a table under a sentence without a number."""
    m = d.minors
    rows = [
        ["Gruppe", w.say("Antall", "Tal") + f" {d.year}"],
        [w.say("Enslige voksne og familier", "Einslege vaksne og familiar"), str(d.total - m.total)],
        [w.say("Enslige mindreårige 15–18 år", "Einslege mindreårige 15–18 år"), str(m.older)],
        [w.say("Enslige mindreårige under 15 år", "Einslege mindreårige under 15 år"), str(m.younger)],
        ["Totalt", str(d.total)],
    ]
    return [w.say("{kk} bosetter flyktninger i {year} slik tabellen viser:", "{kk} buset flyktningar i {year} slik tabellen viser:", year=d.year), rows]


def family_point(w, d, how):
    """Patterns 48 to 52."""
    if how == "outside":
        d.family = "utenfor"
        return w.say(
            (
                "Familiegjenforening kommer i tillegg.",
                "Familiegjenforente kommer i tillegg til dette antallet.",
                "Personer som kommer på familiegjenforening, regnes ikke med i antallet.",
                "Familiegjenforente og selvbosatte med avtale kommer i tillegg.",
            ),
            (
                "Familiesameining kjem i tillegg.",
                "Familiesameinte kjem i tillegg.",
                "Familieattforeining kjem i tillegg til dette talet.",
                "Familiesameinte og sjølvbusette med avtale kjem i tillegg.",
            ),
        )
    if how == "inside":
        d.family = "inkludert"
        return w.say(
            ("Antallet er inkludert familiegjenforente.", "Familiegjenforente regnes med i antallet."),
            ("Talet er medrekna familiesameining.", "Familiesameinte er rekna med i talet."),
        )
    if how == "cap":
        d.family = "utenfor"
        d.reservations.append("familiegjenforening_tak")
        cap = w.other(6, 40, d.own_numbers())
        return w.say(
            "Inntil {cap} familiegjenforente kan komme i tillegg. Kommer det flere, trekkes de fra det vedtatte antallet.",
            "Inntil {cap} familiesameinte kan kome i tillegg. Kjem det fleire, {blir} dei trekte frå det vedtekne talet.",
            cap=cap,
        )
    if how == "negated":
        d.family = None
        return w.say("Vedtaket inneholder ingen forbehold om familiegjenforening eller annet.", "Vedtaket har ikkje atterhald om familiesameining eller anna.")
    return ""


RESERVATIONS = {
    "finansiering": (
        ("Det forutsettes at staten dekker alle {unit}s utgifter.", "Vedtaket forutsetter full kostnadsdekning fra staten."),
        ("Det er ein føresetnad at staten dekkjer alle utgiftene.", "Vedtaket har som føresetnad at staten gir full kostnadsdekning."),
    ),
    "bolig_kapasitet": (
        ("Bosettingen skjer under forutsetning av at det finnes egnede boliger.", "Det tas forbehold om kapasitet i skole og barnehage."),
        ("{Bosetting}a skjer under føresetnad av at det finst eigna bustader.", "Det {blir} teke atterhald om kapasitet i skule og barnehage."),
    ),
    "hvem": (
        ("Det skal fortrinnsvis bosettes barnefamilier.", "{Unit} ønsker fortrinnsvis flyktninger fra Ukraina."),
        ("Det skal helst {boses} barnefamiliar.", "{Unit} ønskjer helst flyktningar frå Ukraina."),
    ),
    "helse_tjenestebehov": (
        ("{Unit} kan ikke ta imot personer med store og sammensatte helsebehov.", "Det forutsettes at de som bosettes, ikke har omfattende tjenestebehov."),
        ("{Unit} kan ikkje ta imot personar med store og samansette helsebehov.", "Det er ein føresetnad at dei som {blir} busette, ikkje har omfattande tenestebehov."),
    ),
}


def more_point(w, d, how):
    """Patterns 57 and 58: how many more, if the need grows."""
    if how == "number":
        d.more = w.other(2, 12, d.own_numbers())
        return w.say(
            ("Dersom behovet øker, kan {unit} bosette {m} flere.", "Ved økt behov kan {unit} bosette inntil {m} flere."),
            ("Dersom behovet aukar, kan {unit} {bos} {m} fleire.", "Aukar behovet, kan {unit} {bos} inntil {m} fleire."),
            m=d.more,
        )
    if how == "minors":
        d.more = w.other(5, 14, d.own_numbers())
        d.more_minors = w.other(2, 4, d.own_numbers())
        return w.say(
            "Dersom behovet øker, kan {unit} bosette {m} flere, hvorav {p} enslige mindreårige.",
            "Dersom behovet aukar, kan {unit} {bos} {m} fleire, av desse {p} einslege mindreårige.",
            m=d.more,
            p=d.more_minors,
        )
    if how == "willing":
        d.more = True
        return w.say("{Unit} stiller seg positiv til en ny anmodning dersom behovet øker.", "{Unit} stiller seg positiv til ei ny oppmoding dersom behovet aukar.")
    if how == "considered":
        # Pattern 59: no offer.
        return w.say("{Unit} vurderer fortløpende om flere kan bosettes.", "{Unit} vurderer fortløpande om fleire kan få plass.")
    if how == "no":
        d.more = False
        return w.say("{Unit} kan ikke bosette flere dersom behovet øker.", "{Unit} kan ikkje {bos} fleire dersom behovet aukar.")
    return ""


def without_facts(w):
    """A point that adds nothing to the number."""
    return w.say(
        ("{Boss} følger opp vedtaket.", "Bosettingen skjer i samarbeid med NAV.", "Kostnadene innarbeides i budsjettet.", "Vedtaket oversendes IMDi."),
        ("{Boss} følgjer opp vedtaket.", "{Bosetting}a skjer i samarbeid med NAV.", "Kostnadene {blir} innarbeidde i budsjettet.", "Vedtaket {blir} sendt til IMDi."),
    )


REASONS = (
    (
        "{Unit} har ikke nok egnede boliger.",
        "Kapasiteten i barnehage og skole er sprengt.",
        "Flyktningtjenesten har ikke bemanning til flere.",
        "Mange av dem som kom i fjor, venter fortsatt på varig bolig.",
    ),
    (
        "{Unit} har ikkje nok eigna bustader.",
        "Kapasiteten i barnehage og skule er sprengd.",
        "Flyktningtenesta har ikkje bemanning til fleire.",
        "Mange av dei som kom i fjor, ventar framleis på varig bustad.",
    ),
)


def delegated(w, by):
    d = ordinary(w, asked="same")
    d.by, d.told, d.brief = by, None, None
    return d


def reason(w):
    return w.say(*REASONS)


def ordinary(w, minors="untold", limit=None, verbs=None, asked=None, family=None, reserved=(), more=None, relative=False, season=None, soft=False):
    """A number for one year."""
    d = dated(w, season)
    d.relative, d.years = relative, [d.year]
    # Nobody answers a request for a number with "at least" it.
    d.limit = limit or w.random.choices(("eksakt", "inntil", "minst"), (7, 2, 0 if asked else 1))[0]
    d.total = sized(w, 8 if minors not in ("untold", "none") else 3)
    d.minors = minors_of(w, minors, d.total)
    answering = False
    if asked:
        change = {"same": 0, "lower": w.random.randint(2, max(3, d.total // 3)), "higher": -w.random.randint(1, max(2, d.total // 5))}[asked]
        d.asked = d.total + change
        d.answer = "delvis" if asked == "lower" else "imoetekommer"
        if asked == "lower":
            d.reason = reason(w)
        if d.minors.total and asked == "same":
            d.asked_minors = d.minors.total
    q, i = limited(w, d, d.total), when(w, d)
    tail, sentence = within(w, d.minors)
    if minors == "addition":
        d.points = added(w, d)
    elif minors == "table":
        d.limit = "eksakt"
        d.points = table_of_groups(w, d)
    else:
        verb = w.random.choice(verbs or list(FREE))
        phrase = FREE.get(verb) or ANSWERING.get(verb)
        if soft:
            phrase = SOFT
        elif verb == "authority":
            phrase, d.limit = AUTHORITY, "inntil"
            q = limited(w, d, d.total)
        elif asked == "lower" and w.sometimes(0.4):
            phrase = PARTLY
        elif verb in ANSWERING:
            answering = True
        # A yes says that the request is met, whatever it was.
        if not asked and (answering or verb == "yes"):
            d.answer = "imoetekommer"
        d.points = [sentences(w.say(*phrase, q=q, i=i, em=tail)), sentence]
        if not soft:
            said = dict(q=q, i=i, em=tail, day="{day}", case="{case}")
            d.told, d.brief = (sentences(w.say(*phrases, **said), sentence) for phrases in (TOLD, BRIEF))
    if minors in ("chain", "groups", "bufetat") and w.sometimes(0.25):
        d.points.append(
            w.say(
                "Fordelingen mellom gruppene kan justeres dersom alderssammensetningen endrer seg.",
                "Fordelinga mellom gruppene kan justerast dersom alderssamansetjinga endrar seg.",
            )
        )
    d.points.append(family_point(w, d, family))
    for which in reserved:
        d.reservations.append(which)
        d.points.append(w.say(*RESERVATIONS[which]))
    d.points.append(more_point(w, d, more))
    if w.sometimes(0.3):
        d.points.append(without_facts(w))
    d.points = [point for point in d.points if point]
    return d


def rows_of(numbers, minors=None):
    """The yearly numbers as the contract has them."""
    return [
        {
            "aar": year,
            "totalt": number,
            "voksne_familier": number - minors[year] if minors else None,
            "em_15_18": None,
            "em_under_15": None,
            "em_totalt": minors[year] if minors else None,
        }
        for year, number in numbers.items()
    ]


def several_years(w, how):
    """Patterns 22, 24, 25, 27 and 28: numbers for two to four years."""
    d = dated(w, "autumn")
    count = {"ditto": 2, "brackets": 2, "pair": 2}.get(how) or w.random.choice((3, 4) if how == "yearly" else (2, 3))
    years = [d.year + step for step in range(count)]
    start = sized(w, 8)
    numbers = {year: start if how in ("yearly", "ditto") else max(3, start - step * w.random.randint(2, 5)) for step, year in enumerate(years)}
    d.years, d.total = years, start
    first, last = years[0], years[-1]
    n = [w.number(numbers[year]) for year in years]
    minors = None
    match how:
        case "pair" | "sentence":
            others = [f"{number} i {year}" for number, year in zip(n[1:], years[1:])]
            listed = ", ".join(others[:-1]) + (" og " if len(others) > 1 else "") + others[-1]
            joined = f" og {listed}" if len(others) == 1 else f", {listed}"
            d.points = [
                w.say(
                    ("{kk} bosetter {n} flyktninger i {y}{joined}.", "{kk} vedtar å bosette {n} flyktninger i {y}{joined}."),
                    ("{kk} buset {n} flyktningar i {y}{joined}.", "{kk} vedtek å {bos} {n} flyktningar i {y}{joined}."),
                    n=n[0],
                    y=first,
                    joined=joined,
                )
            ]
        case "yearly":
            d.points = [
                w.say(
                    ("{kk} bosetter {n} flyktninger årlig i perioden {a}–{b}.", "{kk} bosetter {n} flyktninger hvert år i årene {a} til og med {b}."),
                    ("{kk} buset {n} flyktningar årleg i perioden {a}–{b}.", "{kk} buset {n} flyktningar kvart år i åra {a} til og med {b}."),
                    n=n[0],
                    a=first,
                    b=last,
                )
            ]
        case "ditto":
            d.points = [w.say("{kk} bosetter {n} flyktninger i {a} og like mange i {b}.", "{kk} buset {n} flyktningar i {a} og same talet i {b}.", n=n[0], a=first, b=last)]
        case "brackets":
            d.points = [
                w.say(
                    "{kk} bosetter flyktninger i {a} ({n} personer) og {b} ({m} personer).",
                    "{kk} buset flyktningar i {a} ({n} personar) og {b} ({m} personar).",
                    n=numbers[first],
                    m=numbers[last],
                    a=first,
                    b=last,
                )
            ]
        case "table":
            minors = {year: w.random.randint(2, max(2, numbers[year] // 4)) for year in years}
            rows = [["År", w.say("Antall totalt", "Tal totalt"), w.say("Herav enslige mindreårige", "Av desse einslege mindreårige")]] + [
                [str(year), str(numbers[year]), str(minors[year])] for year in years
            ]
            d.points = [w.say("{kk} vedtar å bosette flyktninger slik:", "{kk} vedtek å {bos} flyktningar slik:"), rows]
            d.minors = Minors("per_year", minors[first])
    d.per_year = rows_of(numbers, minors)
    d.points.append(family_point(w, d, w.random.choice(("outside", None))))
    d.points = [point for point in d.points if point]
    return d


def period(w):
    """Pattern 23: a sum that the text does not split."""
    d = dated(w, "autumn")
    d.years = [d.year, d.year + 1, d.year + 2]
    d.period, d.limit = sized(w, 10) * 3 + w.random.choice((0, 1, 2)), None
    d.points = [
        w.say("{kk} bosetter til sammen {n} flyktninger i perioden {a}–{b}.", "{kk} buset til saman {n} flyktningar i perioden {a}–{b}.", n=d.period, a=d.years[0], b=d.years[-1])
    ]
    d.points.append(w.say("Fordelingen mellom årene avklares i de årlige budsjettene.", "Fordelinga mellom åra {blir} avklart i dei årlege budsjetta."))
    return d


def supplement(w, how):
    """Patterns 8, 12, 20 and 21: more persons on top of an earlier decision."""
    d = dated(w, "later" if w.sometimes(0.7) else "winter")
    d.years, d.before = [d.year], sized(w, 8)
    d.supplement = w.random.randint(2, max(3, d.before // 2))
    d.about = "supplement"
    # IMDi asked twice: which of the requests "asked for" means, readers may differ on.
    d.unscored |= {"anmodet_totalt"}
    n, m, t, y = w.number(d.before), w.number(d.supplement), w.number(d.before + d.supplement), d.year
    if how == "alone":
        d.limit = None
        d.points = [
            w.say(
                (
                    "{kk} bosetter ytterligere {m} flyktninger i {y}, utover tidligere vedtak.",
                    "{kk} forplikter seg til å bosette {m} flyktninger i {y} i tillegg til det som tidligere er vedtatt.",
                ),
                ("{kk} buset ytterlegare {m} flyktningar i {y}, utover tidlegare vedtak.", "{kk} bind seg til å {bos} {m} flyktningar i {y} i tillegg til det som er vedteke før."),
                m=m,
                y=y,
            )
        ]
    elif how == "total":
        d.total = d.before + d.supplement
        d.points = [
            w.say(
                ("{kk} bosetter ytterligere {m} flyktninger i {y}.", "{kk} imøtekommer tilleggsanmodningen og bosetter {m} flere flyktninger i {y}."),
                ("{kk} buset {m} fleire flyktningar i {y}.", "{kk} imøtekjem tilleggsoppmodinga og buset {m} flyktningar til i {y}."),
                m=m,
                y=y,
            )
        ]
        d.points.append(w.say("Samlet bosetter {unit} dermed {t} flyktninger i {y}.", "Samla buset {unit} då {t} flyktningar i {y}.", t=t, y=y))
    else:
        d.total, d.supplement = d.before + d.supplement, None
        d.points = [
            w.say(
                ("Antall flyktninger som skal bosettes i {k} i {y}, økes fra {n} til {t}.", "{kk} øker antallet flyktninger som bosettes i {y}, fra {n} til {t}."),
                ("Talet på flyktningar som skal {boses} i {k} i {y}, {blir} auka frå {n} til {t}.", "{kk} aukar talet på flyktningar i {y} frå {n} til {t}."),
                n=n,
                t=t,
                y=y,
            )
        ]
    # Whether the extra request is met to the full is said nowhere but in the opening of the document.
    d.answer = "imoetekommer"
    return d


def lowered(w):
    """An earlier decision is changed to a lower number."""
    d = dated(w, "later")
    d.years, d.about = [d.year], "changed"
    d.before = sized(w, 12)
    d.total = d.before - w.random.randint(2, max(2, d.before // 3))
    d.points = [
        w.say(
            "Vedtaket om bosetting i {y} endres: antall flyktninger reduseres fra {n} til {t}.",
            "Vedtaket om {bosetting} i {y} {blir} endra: talet på flyktningar {blir} redusert frå {n} til {t}.",
            n=d.before,
            t=d.total,
            y=d.year,
        )
    ]
    d.reason = reason(w)
    d.unscored |= {"svar"}
    return d


def kept(w):
    """Pattern 11: no to the extra request, the earlier decision stands."""
    d = dated(w, "later")
    d.years, d.total, d.about, d.answer = [d.year], sized(w, 8), "supplement", "avslaar"
    d.points = [
        w.say("{kk} imøtekommer ikke tilleggsanmodningen fra IMDi.", "{kk} imøtekjem ikkje tilleggsoppmodinga frå IMDi."),
        w.say(
            "Tidligere vedtak om bosetting av {n} flyktninger i {y} opprettholdes.",
            "Tidlegare vedtak om {bosetting} av {n} flyktningar i {y} {blir} ståande.",
            n=w.number(d.total),
            y=d.year,
        ),
    ]
    d.reason = reason(w)
    d.unscored |= {"anmodet_totalt"}
    return d


def ordinary_only(w):
    """Pattern 43: yes to the ordinary request, no to the supplement."""
    d = dated(w, "winter")
    d.years, d.total, d.about, d.answer = [d.year], sized(w, 8), "both", "delvis"
    extra = w.other(3, 12, {d.total})
    d.points = [
        w.say(
            "{kk} sier ja til den ordinære anmodningen om å bosette {n} flyktninger i {y}.",
            "{kk} seier ja til den ordinære oppmodinga om å {bos} {n} flyktningar i {y}.",
            n=w.number(d.total),
            y=d.year,
        ),
        w.say("Tilleggsanmodningen om {m} plasser imøtekommes ikke.", "Tilleggsoppmodinga om {m} plassar {blir} ikkje imøtekomen.", m=extra),
    ]
    d.unscored |= {"anmodet_totalt"}
    return d


def refusal(w, how):
    """Patterns 44 and 45: no to the whole, for good or for now."""
    d = dated(w)
    d.years, d.total, d.limit, d.answer, d.about = [d.year], 0, None, "avslaar", "refusal"
    d.asked = sized(w)
    d.reason = reason(w)
    y, r = d.year, w.number(d.asked)
    if how == "now":
        d.points = [w.say("{kk} bosetter inntil videre ikke flyktninger i {y}.", "{kk} buset inntil vidare ikkje flyktningar i {y}.", y=y)]
    else:
        d.points = [
            w.say(
                (
                    "{kk} imøtekommer ikke anmodningen fra IMDi om å bosette {r} flyktninger i {y}.",
                    "{kk} avslår anmodningen fra IMDi om å bosette {r} flyktninger i {y}.",
                    "{kk} takker nei til å bosette {r} flyktninger i {y}.",
                ),
                (
                    "{kk} imøtekjem ikkje oppmodinga frå IMDi om å {bos} {r} flyktningar i {y}.",
                    "{kk} vedtek å ikkje imøtekome oppmodinga om å {bos} {r} flyktningar i {y}.",
                    "{kk} takkar nei til å {bos} {r} flyktningar i {y}.",
                ),
                y=y,
                r=r,
            )
        ]
    return d


def stock(w):
    """Pattern 15: so many are to live there at any time, which is no yearly number."""
    d = dated(w)
    many = sized(w, 6)
    d.limit, d.about = None, "stock"
    d.points = [w.say("{kk} skal til enhver tid ha {n} flyktninger bosatt.", "{kk} skal til ei kvar tid ha {n} flyktningar busette.", n=w.number(many))]
    d.points.append(w.say("De som flytter ut, erstattes fortløpende.", "Dei som flyttar ut, {blir} erstatta etter kvart."))
    return d


def unnumbered(w):
    """Trap 13: a yes in a text that has no number."""
    d = dated(w)
    d.years, d.limit, d.answer, d.about = [d.year], None, "imoetekommer", "unnumbered"
    d.points = [
        w.say("{kk} imøtekommer anmodningen fra IMDi om bosetting av flyktninger i {y}.", "{kk} imøtekjem oppmodinga frå IMDi om {bosetting} av flyktningar i {y}.", y=d.year)
    ]
    return d


SITUATIONS = {
    "plain": lambda w: ordinary(w),
    "plain-asked": lambda w: ordinary(w, asked="same"),
    "minors": lambda w: ordinary(w, "inclusive", asked="same", family="outside"),
    "minors-included": lambda w: ordinary(w, "included", family=w.random.choice(("outside", None))),
    "minors-chain": lambda w: ordinary(w, "chain", asked="same", family="outside"),
    "minors-groups": lambda w: ordinary(w, "groups", family="outside"),
    "minors-older": lambda w: ordinary(w, "older", asked="same"),
    "minors-younger": lambda w: ordinary(w, "younger"),
    "minors-bufetat": lambda w: ordinary(w, "bufetat", verbs=["in_line", "present"], asked="same", family="outside"),
    "minors-added": lambda w: ordinary(w, "addition", limit="eksakt"),
    "minors-table": lambda w: ordinary(w, "table", asked=w.random.choice(("same", None)), family="outside"),
    "no-minors": lambda w: ordinary(w, "none", asked="same"),
    "no-minors-lower": lambda w: ordinary(w, "none", asked="lower", family="outside"),
    "answering": lambda w: ordinary(w, w.random.choice(("untold", "inclusive")), verbs=list(ANSWERING), asked=w.random.choice(("same", None))),
    "ceiling": lambda w: ordinary(w, limit="inntil", asked=w.random.choice(("same", None)), family="outside"),
    "floor": lambda w: ordinary(w, limit="minst", more="number"),
    "authority": lambda w: ordinary(w, verbs=["authority"], limit="inntil"),
    "soft": lambda w: ordinary(w, soft=True, limit="eksakt"),
    "lower": lambda w: ordinary(w, w.random.choice(("untold", "inclusive")), asked="lower", family="outside"),
    "higher": lambda w: ordinary(w, asked="higher", verbs=["present", "decides", "will"], limit="eksakt"),
    "relative": lambda w: ordinary(w, w.random.choice(("untold", "inclusive")), relative=True, asked=w.random.choice(("same", None))),
    "family-inside": lambda w: ordinary(w, family="inside", asked="lower"),
    "family-cap": lambda w: ordinary(w, "inclusive", family="cap"),
    "family-negated": lambda w: ordinary(w, family="negated", asked="same"),
    "reserved-money": lambda w: ordinary(w, reserved=["finansiering"], asked="same"),
    "reserved-homes": lambda w: ordinary(w, limit="inntil", reserved=["bolig_kapasitet"], family="outside"),
    "reserved-who": lambda w: ordinary(w, "none", reserved=["hvem"], family="outside"),
    "reserved-health": lambda w: ordinary(w, reserved=["helse_tjenestebehov"], asked="same"),
    "reserved-several": lambda w: ordinary(w, reserved=["finansiering", "bolig_kapasitet", "helse_tjenestebehov"]),
    "more": lambda w: ordinary(w, "inclusive", more="number", asked="same"),
    "more-minors": lambda w: ordinary(w, "older", more="minors", family="outside"),
    "more-willing": lambda w: ordinary(w, more="willing", asked="same"),
    "more-considered": lambda w: ordinary(w, more="considered", asked="same"),
    "more-no": lambda w: ordinary(w, more="no", asked="lower"),
    "years-pair": lambda w: several_years(w, "pair"),
    "years-sentence": lambda w: several_years(w, "sentence"),
    "years-yearly": lambda w: several_years(w, "yearly"),
    "years-ditto": lambda w: several_years(w, "ditto"),
    "years-brackets": lambda w: several_years(w, "brackets"),
    "years-table": lambda w: several_years(w, "table"),
    "period": period,
    "supplement": lambda w: supplement(w, "alone"),
    "supplement-total": lambda w: supplement(w, "total"),
    "raised": lambda w: supplement(w, "changed"),
    "lowered": lowered,
    "kept": kept,
    "ordinary-only": ordinary_only,
    "refusal": lambda w: refusal(w, "good"),
    "refusal-now": lambda w: refusal(w, "now"),
    "by-board": lambda w: delegated(w, "formannskap"),
    "by-office": lambda w: delegated(w, "administrasjon"),
    "stock": stock,
    "unnumbered": unnumbered,
}
