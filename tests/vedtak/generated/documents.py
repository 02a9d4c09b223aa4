"""The papers that a decision comes in: a letter, minutes, a notice, and the words of a mail, as blocks that papers.py lays out.

A block is a tuple of its kind and its text: `title`, `heading`, `p`, `li`, `quote`, `small`, `lead`; with lists: `address`, `refs` and `head` (pairs), `table` (rows), `sign`, `letterhead`.
"""

import dataclasses
import datetime

import places
from language import capital, meeting, numeric, sentences, written
from decisions import when

IMDI = (
    ["Integrerings- og mangfoldsdirektoratet (IMDi)", "Postboks 672", "8508 NARVIK"],
    ["Integrerings- og mangfoldsdirektoratet", "Postboks 8059 Dep.", "0031 OSLO"],
    ["IMDi", "post@imdi.no"],
)


@dataclasses.dataclass
class Document:
    kind: str
    place: places.Place
    lang: str
    blocks: list
    fields: dict
    # The reference that the pages after the first bear.
    running: str = ""


def fields_of(w, d):
    organ = d.by or ("kommunestyre" if w.place.body == "kommunestyre" else w.place.body)
    return {"kommune": w.place.number} | d.values() | {"organ": organ, "maalform": w.lang}


class Papers:
    """The numbers under which a case goes, and how this kommune writes them."""

    def __init__(self, w, day, decided=None):
        random, year = w.random, (decided or day).year
        self.archive = random.choice((f"{year}/{random.randint(300, 9800)}", f"{year % 100}/{random.randint(1000, 9900):05}"))
        # A council has some ten cases a month.
        number = 10 * (decided or day).month - random.randint(0, 9)
        self.case = random.choice(("PS {n}/{y}", "{n:03}/{y}", "{n}/{y}")).format(n=number, y=year % 100)
        self.theirs = f"{(day.year) % 100}/{random.randint(1200, 9800):05}-{random.randint(1, 9)}"
        self.ours = f"{self.archive}-{random.randint(2, 19)}"
        self.handler = places.person(random)


def title(w, d):
    """What the case is called: without a year where the text has none."""
    y = "" if d.relative else f" {d.year}"
    if d.about in ("supplement", "both"):
        return w.say(
            (f"Tilleggsanmodning om bosetting av flyktninger{y}", f"Ny anmodning om bosetting av flyktninger{y}"),
            (f"Tilleggsoppmoding om {{bosetting}} av flyktningar{y}", f"Ny oppmoding om {{bosetting}} av flyktningar{y}"),
        )
    if d.about == "changed":
        return w.say(f"Endret vedtak om bosetting av flyktninger{y}", f"Endra vedtak om {{bosetting}} av flyktningar{y}")
    if d.per_year or d.period:
        return w.say("Bosetting av flyktninger i kommende år", "{Bosetting} av flyktningar i åra som kjem")
    return w.say(
        (f"Bosetting av flyktninger{y}", f"Svar på anmodning om bosetting av flyktninger{y}", f"Anmodning om bosetting av flyktninger{y}"),
        (f"{{Bosetting}} av flyktningar{y}", f"Svar på oppmoding om {{bosetting}} av flyktningar{y}", f"Oppmoding om {{bosetting}} av flyktningar{y}"),
    )


def request(w, d, ours=True):
    """What IMDi asked for (patterns 20, 39, 42), or that it asked. `ours`: the kommune speaks itself; a notice speaks of it."""
    sent = w.date(meeting(w.random, d.decided - datetime.timedelta(75), d.decided - datetime.timedelta(30)))
    if d.about == "supplement":
        wanted = d.supplement or (d.total - d.before if d.before else w.other(3, 14, d.own_numbers()))
        return w.say(
            (
                "IMDi har i brev av {sent} bedt {unit} bosette {m} flere flyktninger i {y} enn tidligere vedtatt.",
                "Det vises til tilleggsanmodningen fra IMDi om {m} ekstra plasser i {y}.",
            ),
            (
                "IMDi har i brev av {sent} bede {unit} {bos} {m} fleire flyktningar i {y} enn det som er vedteke før.",
                "Det {blir} vist til tilleggsoppmodinga frå IMDi om {m} ekstra plassar i {y}.",
            ),
            sent=sent,
            m=wanted,
            y=d.year,
        )
    if d.about == "both":
        return w.say("IMDi sendte både en ordinær anmodning og en tilleggsanmodning for {y}.", "IMDi sende både ei ordinær oppmoding og ei tilleggsoppmoding for {y}.", y=d.year)
    i = when(w, d)
    if d.asked is None and not ours:
        return ""
    if d.asked is None:
        if d.answer == "ukjent":
            # A request without its number: whether it is met, careful readers may differ on.
            d.unscored.add("svar")
        return w.say(
            ("Vi viser til anmodningen fra IMDi om bosetting av flyktninger{i}.", "Det vises til anmodning om bosetting av flyktninger."),
            ("Vi viser til oppmodinga frå IMDi om {bosetting} av flyktningar{i}.", "Det {blir} vist til oppmodinga om {bosetting} av flyktningar."),
            i="" if d.per_year or d.period else f" {i}",
        )
    em = ""
    if d.asked_minors:
        em = w.say(", hvorav {m} enslige mindreårige", ", av desse {m} einslege mindreårige", m=d.asked_minors)
    said = dict(sent=sent, r=d.asked, i=i, em=em)
    if not ours:
        return w.say(
            ("IMDi hadde bedt kommunen bosette {r} personer {i}{em}.", "Anmodningen fra IMDi var på {r} plasser{em}.", "I anmodningen fra IMDi var tallet {r}{em}."),
            ("IMDi hadde bede kommunen {bos} {r} personar {i}{em}.", "Oppmodinga frå IMDi var på {r} plassar{em}.", "I oppmodinga frå IMDi var talet {r}{em}."),
            **said,
        )
    return w.say(
        (
            "IMDi har i brev av {sent} anmodet {kk} om å bosette {r} flyktninger {i}{em}.",
            "Vi viser til anmodningen fra IMDi om bosetting av {r} flyktninger {i}{em}.",
            "IMDi ber {kk} bosette {r} personer {i}{em}.",
        ),
        (
            "IMDi har i brev av {sent} oppmoda {kk} om å {bos} {r} flyktningar {i}{em}.",
            "Vi viser til oppmodinga frå IMDi om {bosetting} av {r} flyktningar {i}{em}.",
            "IMDi bed {kk} {bos} {r} personar {i}{em}.",
        ),
        **said,
    )


def earlier(w, d):
    """The decision that a supplement comes on top of (trap 3)."""
    if d.about not in ("supplement", "changed") or not (d.before or d.about == "changed"):
        return ""
    day = meeting(w.random, datetime.date(d.year - 1, 9, 20), datetime.date(d.year - 1, 12, 15))
    return w.say("{Org} vedtok {day} å bosette {n} flyktninger i {y}.", "{Org} vedtok {day} å {bos} {n} flyktningar i {y}.", day=w.date(day), n=d.before, y=d.year)


def beside(w, d, count):
    """Sentences with numbers that are not the decision's (traps 4, 6, 8 and 9), each about a year or thing of its own. Beside a decision without a number there are none."""
    if d.about in ("stock", "unnumbered"):
        return []
    own, past, size = d.own_numbers(), d.year - 1, w.place.size
    pick = lambda low, high: w.other(low, high, own)
    had = pick(*((7, 20), (12, 60), (40, 120))[size])
    homes = pick(*((3, 15), (8, 45), (30, 140))[size])
    # Now and then the same number is another thing's (trap 15).
    if d.total and w.sometimes(0.12):
        homes = d.total
    pool = [
        w.say("I {p} ble det bosatt {a} flyktninger i {unit}.", "I {p} vart det busett {a} flyktningar i {unit}.", p=past - 1, a=pick(*((5, 24), (14, 70), (50, 160))[size])),
        w.say("{Unit} har bosatt {a} flyktninger siden 2022.", "{Unit} har busett {a} flyktningar sidan 2022.", a=pick(*((31, 90), (97, 260), (270, 720))[size])),
        w.say(
            "På landsbasis har IMDi bedt kommunene bosette {a} 00 flyktninger.", "På landsbasis har IMDi bede kommunane {bos} {a} 00 flyktningar.", a=w.random.randint(9, 17)
        ).replace(" 00 ", f" {w.random.randint(1, 9)}00 "),
        w.say(
            "Integreringstilskuddet for en voksen er om lag {a} 000 kroner over fem år.",
            "Integreringstilskotet for ein vaksen er om lag {a} 000 kroner over fem år.",
            a=w.random.randint(870, 980),
        ),
        w.say("{Unit} leier i dag {a} boliger til formålet.", "{Unit} leiger i dag {a} bustader til føremålet.", a=homes),
        w.say(
            "Om lag {a} prosent av deltakerne i introduksjonsprogrammet går videre til arbeid eller utdanning.",
            "Om lag {a} prosent av deltakarane i introduksjonsprogrammet går vidare til arbeid eller utdanning.",
            a=pick(48, 79),
        ),
        w.say("Flyktningtjenesten har {a} årsverk.", "Flyktningtenesta har {a} årsverk.", a=pick(3, 14)),
        w.say(
            "{Boss} anslår merutgiftene til {a},{b} millioner kroner.",
            "{Boss} reknar meirutgiftene til {a},{b} millionar kroner.",
            a=w.random.randint(1, 9),
            b=w.random.randint(1, 9),
        ),
        w.say("Det er {a} ledige barnehageplasser i {unit}.", "Det er {a} ledige barnehageplassar i {unit}.", a=pick(4, 30)),
    ]
    if d.decided.year == past and not d.relative:
        pool.append(
            w.say(
                "For {p} var vedtaket {b} personer, og {a} av dem er bosatt så langt.",
                "For {p} var vedtaket {b} personar, og {a} av dei er busette så langt.",
                p=past,
                a=w.random.randint(4, had - 2),
                b=had,
            )
        )
    return w.random.sample(pool, count)


def pointed(w, points, style=None):
    """The points of a decision as the kommune sets them: numbered, with dashes, as running text, or quoted (patterns 60 and 61)."""
    style = style or w.random.choices(("numbered", "dashes", "running", "quoted"), (5, 1, 2, 1))[0]
    if any(isinstance(point, list) for point in points):
        return [("table", point) if isinstance(point, list) else ("p", point) for point in points]
    if len(points) == 1 and style in ("numbered", "dashes"):
        style = "running"
    if style == "numbered":
        return [("li", f"{number}. {point}") for number, point in enumerate(points, 1)]
    if style == "dashes":
        return [("li", f"– {point}") for point in points]
    text = sentences(*points)
    return [("quote", f"«{text}»")] if style == "quoted" else [("p", text)]


def votes(w):
    """How many voted for and against in a council of a usual size."""
    size = w.random.choice(((17, 19, 21), (21, 23, 25, 27), (31, 33, 35, 39, 43))[w.place.size])
    against = w.random.randint(2, size // 2 - 1)
    return size - against, against


def vote_line(w):
    if w.sometimes(0.5):
        return w.say(("Vedtaket var enstemmig.", "Enstemmig vedtatt."), ("Vedtaket var samrøystes.", "Samrøystes vedteke."))
    yes, no = votes(w)
    return w.say("Vedtatt med {a} mot {b} stemmer.", "Vedteke med {a} mot {b} røyster.", a=yes, b=no)


def signature(w, name, office=None):
    return (
        "sign",
        [
            w.say(("Med vennlig hilsen", "Med hilsen", "Vennlig hilsen"), ("Med venleg helsing", "Helsing", "Venleg helsing")),
            name,
            office
            or w.say(("Virksomhetsleder", "Rådgiver", "Fagleder", "Seksjonsleder", "Saksbehandler"), ("Einingsleiar", "Rådgjevar", "Fagleiar", "Seksjonsleiar", "Sakshandsamar")),
        ],
    )


def why(w, d):
    """The reason for a low number or a refusal (the begrunnelse)."""
    if not d.reason:
        return []
    if d.answer == "delvis" and d.asked and w.sometimes(0.3):
        # Pattern 40: the difference is a number that is nobody's.
        less = (
            w.say("halvparten av det IMDi ba om", "halvparten av det IMDi bad om")
            if d.asked == 2 * d.total
            else w.say("{x} færre enn IMDi ba om", "{x} færre enn IMDi bad om", x=d.asked - d.total)
        )
        return [("p", f"Dette er {less}. {d.reason}")]
    if d.answer == "delvis" and w.sometimes(0.5):
        return [("p", w.say("Begrunnelsen for at antallet er lavere enn anmodet:", "Grunngjeving for at talet er lågare enn oppmodinga:") + " " + d.reason)]
    return [("heading", w.say("Begrunnelse", "Grunngjeving")), ("p", d.reason)]


def letterhead(w, papers, day):
    """Head, addressee and references of a letter, and the fields that the references give."""
    fields, refs = {}, []
    if w.sometimes(0.6):
        refs.append((w.say("Deres ref.", "Dykkar ref."), papers.theirs))
        fields["deres_ref"] = papers.theirs
    refs.append(("Vår ref.", papers.ours))
    fields["arkivsak"] = papers.archive
    if w.sometimes(0.5):
        refs.append((w.say("Saksbehandler", "Sakshandsamar"), papers.handler))
    refs.append(("Dato", numeric(day)))
    return [("letterhead",), ("address", w.random.choice(IMDI)), ("refs", refs)], fields


def letter(w, d):
    """A letter to IMDi that tells the decision."""
    papers = Papers(w, d.written, d.decided)
    blocks, fields = letterhead(w, papers, d.written)
    blocks.append(("title", w.say(("Melding om vedtak: ", "", ""), ("Melding om vedtak: ", "", "")) + title(w, d)))
    blocks.append(("p", sentences(request(w, d), earlier(w, d))))
    day = w.date(d.decided)
    points = d.points
    if d.brief and w.sometimes(0.25):
        # The decision in one sentence of the letter's own, with what else belongs to it after.
        intro = d.brief.replace("{day}", day).replace("{case}", papers.case)
        points = [point for point in points[1:] if point not in intro]
        if d.asked is None:
            # Whether a request is met is not said where neither its number nor an answer to it is.
            d.unscored.add("svar")
        fields["saksnummer"] = papers.case
    elif d.by == "administrasjon":
        intro = w.say(
            "Saken er avgjort av {boss} etter delegert myndighet {day}. Avgjørelsen er endelig:",
            "Saka er avgjord av {boss} etter delegert mynde {day}. Avgjerda er endeleg:",
            day=day,
        )
    elif d.by:
        intro = w.say(
            "Formannskapet, som har fullmakt fra {org} til å avgjøre saken, fattet {day} i sak {case} følgende endelige vedtak:",
            "Formannskapet, som har fullmakt frå {org} til å avgjere saka, gjorde {day} i sak {case} slikt endeleg vedtak:",
            day=day,
            case=papers.case,
        )
        fields["saksnummer"] = papers.case
    else:
        intro = w.say(
            (
                "{Org} behandlet saken i møte {day}, sak {case}, og fattet følgende vedtak:",
                "{korg} fattet {day} i sak {case} følgende vedtak:",
                "Saken ble behandlet i {org} {day} som sak {case}. Det ble fattet slikt vedtak:",
            ),
            (
                "{Org} handsama saka i møte {day}, sak {case}, og gjorde slikt vedtak:",
                "{korg} gjorde {day} i sak {case} slikt vedtak:",
                "Saka vart handsama i {org} {day} som sak {case}. Det vart gjort slikt vedtak:",
            ),
            day=day,
            case=papers.case,
        )
        fields["saksnummer"] = papers.case
    fields["vedtaksdato"] = d.decided.isoformat()
    blocks.append(("p", capital(intro)))
    if points:
        blocks += pointed(w, points, None if points is d.points else "running")
    if not d.by and w.sometimes(0.4):
        blocks.append(("p", vote_line(w)))
    blocks += why(w, d)
    if said := beside(w, d, w.random.randint(0, 3)):
        blocks.append(("p", " ".join(said)))
    if w.sometimes(0.5):
        blocks.append(
            (
                "p",
                w.say(
                    ("Ta kontakt dersom dere har spørsmål.", "Særutskrift av saken følger vedlagt.", "Vedtaket er også registrert i IMDinett."),
                    ("Ta kontakt dersom de har spørsmål.", "Særutskrift av saka ligg ved.", "Vedtaket er òg registrert i IMDinett."),
                ),
            )
        )
    blocks.append(signature(w, papers.handler))
    return Document("letter", w.place, w.lang, blocks, fields_of(w, d) | fields, papers.ours)


def proposal(w, number, d):
    """A proposal of another number for the same year."""
    return w.say("{kk} bosetter {n} flyktninger {i}.", "{kk} buset {n} flyktningar {i}.", n=number, i=when(w, d))


def notice(w, d):
    """What the kommune puts on its own pages: a headline, the decision, and what lies behind it (pattern 64)."""
    fields = {"vedtaksdato": d.decided.isoformat()}
    head = w.say(
        ("Vedtak om bosetting av flyktninger i {k}", "{Org} har avgjort flyktningsaken", "Slik blir bosettingen av flyktninger i {k}"),
        ("Vedtak om {bosetting} av flyktningar i {k}", "{Org} har avgjort flyktningsaka", "Slik {blir} {bosetting}a av flyktningar i {k}"),
    )
    posted = d.written
    day = f"{w.weekday(d.decided)} {written(d.decided)}"
    lead = w.say("{Org} i {k} behandlet {day} saken om bosetting av flyktninger.", "{Org} i {k} handsama {day} saka om {bosetting} av flyktningar.", day=day)
    blocks = [
        ("letterhead",),
        ("title", head),
        ("small", f"Publisert {numeric(posted)}"),
        ("lead", sentences(lead, request(w, d, ours=False))),
        ("heading", w.say("{Org}s vedtak:", "Vedtaket i {org}:")),
    ]
    blocks += pointed(w, d.points)
    blocks += [("p", vote_line(w))] if w.sometimes(0.5) else []
    blocks += why(w, d)
    said = [earlier(w, d)] + beside(w, d, w.random.randint(1, 3))
    if any(said):
        blocks.append(("p", sentences(*said)))
    return Document("notice", w.place, w.lang, blocks, fields_of(w, d) | fields)


def news(w, d):
    """The same as a local paper tells it: in running words, with the quarrel and the history."""
    assert d.told, "the decision has no sentence for others to tell it with"
    if d.asked is None:
        # Whether a request is met is not said in a paper's own words.
        d.unscored.add("svar")
    fields = fields_of(w, d)
    if d.relative or w.sometimes(0.5):
        day = f"{w.weekday(d.decided)} {written(d.decided)}"
        fields["vedtaksdato"] = d.decided.isoformat()
    else:
        day = w.weekday(d.decided)
    told = d.told.replace("{day}", day)
    who, group = places.person(w.random), places.party(w.random)
    blocks = [
        (
            "title",
            w.say(
                ("Flyktningene ga debatt i {org}", "{k} tar imot flyktninger", "Ble enige om flyktningtallet"),
                ("Flyktningane gav ordskifte i {org}", "{k} tek imot flyktningar", "Samde om flyktningtalet"),
            ),
        ),
        ("small", f"{w.place.name.upper()}, {written(d.written)}"),
        ("lead", told),
    ]
    asked = request(w, d, ours=False)
    more = [point for point in d.points if isinstance(point, str)]
    follow = [point for point in more[1:] if point not in told]
    yes, no = votes(w)
    loser = w.say(
        "Et forslag fra {group} om {x} fikk {b} stemmer og falt.",
        "Eit framlegg frå {group} om {x} fekk {b} røyster og fall.",
        group=group,
        x=w.other(2, (d.total or 9) + 12, d.own_numbers()),
        b=no,
    )
    blocks.append(("p", sentences(asked, *follow)) if asked or follow else ("p", loser))
    quote = w.say(
        ("– Dette klarer vi, sier ordfører {who}.", "– Vi har et godt apparat og gode erfaringer, sier ordfører {who}."),
        ("– Dette klarar me, seier ordførar {who}.", "– Me har eit godt apparat og gode røynsler, seier ordførar {who}."),
        who=who,
    )
    blocks.append(("p", f"{quote} {loser}" if asked or follow else quote))
    if d.reason:
        blocks.append(("p", d.reason))
    if said := beside(w, d, w.random.randint(1, 2)):
        blocks.append(("p", " ".join(said)))
    return Document("notice", w.place, w.lang, blocks, fields)


def region(w, d, neighbours):
    """A notice that tells of several kommuner, of which one has decided (pattern 66)."""
    document = news(w, d)
    own = d.own_numbers()
    lines = [
        w.say(
            ("{name}: anmodet om {x}, saken er ikke behandlet", "{name}: formannskapet anbefaler {x}"),
            ("{name}: oppmoda om {x}, saka er ikkje handsama", "{name}: formannskapet rår til {x}"),
            name=place.name,
            x=w.other(5, 70, own),
        )
        for place in neighbours
    ]
    document.blocks += [("heading", w.say("Slik er det ellers i området:", "Slik er det elles i området:"))] + [("li", line) for line in lines]
    return document


def broken(text, random):
    """A text as it comes out of a web page: sentences glued together in the lower half, and the end cut off (pattern 68)."""
    half = text.index("\n\n", len(text) // 2) if "\n\n" in text[len(text) // 2 :] else len(text) // 2
    rest = text[half:].rstrip()
    rest = rest.replace(". ", ".", 2)
    # Never so much that a fact of the decision goes.
    last = rest.rfind("\n\n")
    return text[:half] + rest[: max(last + 2, len(rest) - random.randint(5, 25))]
