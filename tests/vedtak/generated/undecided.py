"""Papers in which nothing is finally decided: preparation, recommendation, a committee's vote, a request, news of what may come, questions.

Each gives the kommune, what IMDi asked for and the day of the meeting where the text has them; every number of a decision is null.
"""

import datetime

import places
from decisions import SCALE, Decision
from documents import Document, Papers, beside, letterhead, proposal, signature, vote_line, votes
from language import after, meeting, numeric, sentences, written

NUMBERS = (
    "aar",
    "vedtatt_totalt",
    "vedtatt_voksne_familier",
    "vedtatt_em_15_18",
    "vedtatt_em_under_15",
    "vedtatt_em_totalt",
    "per_aar",
    "periode_totalt",
    "tilleggsvedtak",
    "svar",
)
LATEST = datetime.date(2026, 11, 20)


class Case:
    """A case on its way: what is asked and proposed, the day of writing, and the day of the council's meeting that is still to come."""

    def __init__(self, w):
        random = w.random
        self.year = random.choice((2025, 2026, 2027, 2027, 2027))
        self.day = meeting(random, datetime.date(self.year - 1, 9, 7), min(datetime.date(self.year - 1, 11, 26), LATEST))
        last = datetime.date(self.year - 1, 12, 17)
        self.council = meeting(random, min(self.day + datetime.timedelta(8), last - datetime.timedelta(4)), last)
        small, large = SCALE[w.place.size]
        self.asked = random.randint(max(5, small), large)
        self.proposed = self.asked if w.sometimes(0.5) else w.other(max(3, self.asked * 2 // 3), self.asked + 3, {self.asked})
        self.plan = Decision(self.year, self.council, self.day, years=[self.year], total=self.proposed, asked=self.asked)
        self.papers = Papers(w, self.day)

    def slots(self, w):
        return {"y": self.year, "n": self.proposed, "r": self.asked, "m": written(self.council), "md": numeric(self.council), "wd": w.weekday(self.council)}

    def fields(self, w, asked=True, meets=True, answer=None):
        fields = {"kommune": w.place.number, "maalform": w.lang} | dict.fromkeys(NUMBERS)
        if asked:
            fields["anmodet_totalt"] = self.asked
        if meets:
            fields["behandles_dato"] = self.council.isoformat()
        return fields | {"svar": answer}


def wording(w, c):
    """The proposal that is put forward, dressed as a decision."""
    d = c.plan
    points = [proposal(w, c.proposed, d)]
    if w.sometimes(0.4):
        m = w.other(2, max(3, c.proposed // 4), {c.asked, c.proposed})
        points[0] = points[0][:-1] + w.say(", hvorav {m} enslige mindreårige.", ", av desse {m} einslege mindreårige.", m=m)
    if w.sometimes(0.5):
        points.append(w.say("Familiegjenforening kommer i tillegg.", "Familiesameining kjem i tillegg."))
    return points


def numbered(points):
    return [("li", f"{number}. {point}") for number, point in enumerate(points, 1)] if len(points) > 1 else [("p", points[0])]


def asked(w, c):
    return w.say(
        ("IMDi har anmodet {kk} om å bosette {r} flyktninger i {y}.", "{kk} er anmodet av IMDi om å bosette {r} personer i {y}."),
        ("IMDi har oppmoda {kk} om å {bos} {r} flyktningar i {y}.", "{kk} er oppmoda av IMDi om å {bos} {r} personar i {y}."),
        **c.slots(w),
    )


def topic(w, c):
    return w.say("Bosetting av flyktninger {y}", "{Bosetting} av flyktningar {y}", **c.slots(w))


def protocol(w, c, body, day, kind=None):
    pairs = [(w.say("Utvalg", "Utval"), body), ("Møtedato", numeric(day)), ("Saksnr", c.papers.case), ("Arkivsak", c.papers.archive)]
    return [("letterhead",), ("title", kind or "Saksprotokoll"), ("head", pairs), ("title", topic(w, c))]


def preparation(w):
    """The administration's case with a proposal; the council has not met."""
    c = Case(w)
    board = after(w.random, c.day, 1, 5, c.council - datetime.timedelta(2))
    rows = [[w.say("Utvalg", "Utval"), "Møtedato", "Saksnr"], [w.slots["Fsk"], numeric(board), c.papers.case], [w.slots["Org"], numeric(c.council), ""]]
    said = beside(w, c.plan, 4)
    blocks = [("letterhead",), ("title", "Saksframlegg"), ("table", rows), ("title", topic(w, c)), ("heading", w.say("Forslag til vedtak", "Framlegg til vedtak"))]
    blocks += numbered(wording(w, c)) + [
        ("heading", w.say("Saksopplysninger", "Saksopplysningar")),
        ("p", sentences(asked(w, c), *said[:2])),
        ("heading", "Vurdering"),
        (
            "p",
            sentences(
                w.say("{Boss} mener {unit} har kapasitet til å bosette {n} personer.", "{Boss} meiner {unit} har kapasitet til å {bos} {n} personar.", **c.slots(w)), *said[2:]
            ),
        ),
    ]
    return Document("minutes", w.place, w.lang, blocks, c.fields(w))


def recommendation(w):
    """The board recommends; the council has the last word."""
    c = Case(w)
    blocks = protocol(w, c, w.slots["Fsk"], c.day) + [("p", asked(w, c))]
    who, group, (yes, no) = places.person(w.random), places.party(w.random), votes(w)
    other = proposal(w, w.other(max(2, c.proposed * 2 // 3), c.proposed + 8, {c.proposed, c.asked}), c.plan)
    blocks += [
        ("heading", w.say("Behandling", "Handsaming")),
        ("p", w.say("{who} ({group}) foreslo:", "{who} ({group}) gjorde framlegg om:", who=who, group=group)),
        ("quote", f"«{other}»"),
        ("heading", w.say("Votering", "Røysting")),
    ]
    blocks += [
        (
            "p",
            w.say(
                "{Boss}s forslag ble vedtatt som innstilling med {a} mot {b} stemmer.",
                "Framlegget frå {boss} vart vedteke som tilråding med {a} mot {b} røyster.",
                a=min(yes, 7),
                b=min(no, 4),
            ),
        )
    ]
    blocks += [("heading", w.say("{Fsk}s innstilling til {org}", "Tilråding frå {fsk} til {org}"))] + numbered(wording(w, c))
    blocks.append(("p", w.say("Saken legges fram for {org} {md}.", "Saka {blir} lagd fram for {org} {md}.", **c.slots(w))))
    return Document("minutes", w.place, w.lang, blocks, c.fields(w))


def committee(w):
    """A committee votes over a proposal, and sends it on."""
    c = Case(w)
    name = w.say(
        ("Utvalg for oppvekst og levekår", "Hovedutvalg for helse og velferd", "Komité for mennesker og velferd"),
        ("Utval for oppvekst og levekår", "Utval for helse og omsorg", "Komité for helse og velferd"),
    )
    blocks = protocol(w, c, name, c.day) + [("p", asked(w, c)), ("heading", w.say("Behandling", "Handsaming"))]
    blocks.append(("p", w.say("{Boss}s forslag til innstilling ble enstemmig vedtatt.", "Framlegget til tilråding frå {boss} vart samrøystes vedteke.")))
    blocks += [("heading", w.say("Utvalgets innstilling til {org}", "Tilråding frå utvalet til {org}"))] + numbered(wording(w, c))
    return Document("minutes", w.place, w.lang, blocks, c.fields(w, meets=False))


def asking(w):
    """IMDi's own letter with the request."""
    c = Case(w)
    reply = datetime.date(c.year - 1, 12, 15)
    sent = meeting(w.random, datetime.date(c.year - 1, 8, 24), datetime.date(c.year - 1, 10, 14))
    refs = [("Vår ref.", c.papers.theirs), ("Dato", numeric(sent))]
    minors = w.other(2, max(3, c.asked // 4), {c.asked})
    blocks = [
        ("letterhead", "Integrerings- og mangfoldsdirektoratet"),
        ("address", [w.place.unit, w.place.postal]),
        ("refs", refs),
        ("title", w.say("Anmodning om bosetting av flyktninger i {y}", "Oppmoding om {bosetting} av flyktningar i {y}", **c.slots(w))),
    ]
    blocks.append(
        (
            "p",
            w.say(
                "IMDi anmoder {kk} om å bosette {r} flyktninger i {y}, hvorav {m2} enslige mindreårige.",
                "IMDi oppmodar {kk} om å {bos} {r} flyktningar i {y}, av desse {m2} einslege mindreårige.",
                m2=minors,
                **c.slots(w),
            ),
        )
    )
    blocks.append(
        (
            "p",
            w.say(
                "Vi ber om at {unit} fatter et vedtak med et tydelig antall. Familiegjenforente skal ikke inngå i antallet, og vedtaket må ikke inneholde andre reservasjoner. Fristen for svar er {reply}.",
                "Vi ber om at {unit} gjer eit vedtak med eit tydeleg tal. Familiesameinte skal ikkje vere med i talet, og vedtaket må ikkje ha andre atterhald. Fristen for svar er {reply}.",
                reply=written(reply),
            ),
        )
    )
    blocks.append(("p", w.say("I hele landet er behovet {a} {b}00 plasser.", "I heile landet er behovet {a} {b}00 plassar.", a=w.random.randint(9, 17), b=w.random.randint(1, 9))))
    blocks.append(signature(w, places.person(w.random), w.say("Seksjonsleder, IMDi", "Seksjonsleiar, IMDi")))
    return Document("letter", w.place, w.lang, blocks, c.fields(w, meets=False))


def expected(w):
    """News before the meeting."""
    c = Case(w)
    blocks = [
        (
            "title",
            w.say(
                ("Kommunestyret avgjør flyktningtallet", "Hvor mange flyktninger skal {k} ta imot?"),
                ("Kommunestyret avgjer flyktningtalet", "Kor mange flyktningar skal {k} ta imot?"),
            ),
        ),
        ("small", f"{w.place.name.upper()}, {written(c.day)}"),
    ]
    blocks.append(
        (
            "lead",
            w.say(
                "{wd} {m} skal {org} i {k} ta stilling til hvor mange flyktninger {unit} skal bosette i {y}.",
                "{wd} {m} skal {org} i {k} ta stilling til kor mange flyktningar {unit} skal {bos} i {y}.",
                **c.slots(w) | {"wd": w.weekday(c.council).capitalize()},
            ),
        )
    )
    blocks.append(("p", sentences(asked(w, c), w.say("{Boss} foreslår at {unit} sier ja til {n}.", "{Boss} gjer framlegg om at {unit} seier ja til {n}.", **c.slots(w)))))
    blocks.append(("p", sentences(*beside(w, c.plan, 2))))
    return Document("notice", w.place, w.lang, blocks, c.fields(w))


def recommended(w):
    """A headline says yes, but it is the board that has recommended (trap 1)."""
    c = Case(w)
    yes, no = w.random.choice(((6, 3), (7, 2), (5, 4), (8, 3)))
    blocks = [
        ("title", w.say(("Sier ja til {n} flyktninger", "Flertall for {n} flyktninger"), ("Seier ja til {n} flyktningar", "Fleirtal for {n} flyktningar"), **c.slots(w))),
        ("small", f"{w.place.name.upper()}, {written(c.day)}"),
    ]
    blocks.append(
        (
            "lead",
            w.say(
                "{Fsk} i {k} vedtok {wd} å anbefale at {unit} bosetter {n} flyktninger i {y}. Det skjedde med {a} mot {b} stemmer.",
                "{Fsk} i {k} vedtok {wd} å rå til at {unit} buset {n} flyktningar i {y}. Det skjedde med {a} mot {b} røyster.",
                a=yes,
                b=no,
                **c.slots(w) | {"wd": w.weekday(c.day)},
            ),
        )
    )
    blocks.append(("p", sentences(asked(w, c), w.say("{Org} har siste ord i saken {m}.", "{Org} har siste ordet i saka {m}.", **c.slots(w)))))
    blocks.append(("p", sentences(*beside(w, c.plan, 1))))
    return Document("notice", w.place, w.lang, blocks, c.fields(w))


def postponed(w):
    """The council puts the case off."""
    c = Case(w)
    blocks = protocol(w, c, w.slots["Org"], c.day) + [("heading", w.say("{Boss}s innstilling", "Tilråding frå {boss}"))] + numbered(wording(w, c))
    blocks += [
        ("heading", w.say("Behandling", "Handsaming")),
        (
            "p",
            w.say(
                "{who} ({group}) foreslo at saken utsettes.", "{who} ({group}) gjorde framlegg om at saka {blir} utsett.", who=places.person(w.random), group=places.party(w.random)
            ),
        ),
    ]
    yes, no = votes(w)
    blocks += [
        ("heading", w.say("Votering", "Røysting")),
        ("p", w.say("Utsettelsesforslaget ble vedtatt med {a} mot {b} stemmer.", "Utsetjingsframlegget vart vedteke med {a} mot {b} røyster.", a=yes, b=no)),
    ]
    blocks += [("heading", "Vedtak"), ("p", w.say("Saken utsettes til møtet {md}.", "Saka {blir} utsett til møtet {md}.", **c.slots(w)))]
    return Document("minutes", w.place, w.lang, blocks, c.fields(w, asked=False, answer="utsatt"))


def orientation(w):
    """Taken note of, and nothing more."""
    c = Case(w)
    blocks = protocol(w, c, w.slots["Org"], c.day, w.say("Møteprotokoll", "Møtebok")) + [
        ("p", sentences(asked(w, c), w.say("{Boss} orienterte om anmodningen og om kapasiteten.", "{Boss} orienterte om oppmodinga og om kapasiteten."), *beside(w, c.plan, 2)))
    ]
    blocks += [
        ("heading", "Vedtak"),
        ("p", w.say("Orienteringen tas til etterretning. Saken om antallet legges fram senere.", "Orienteringa {blir} teken til vitande. Saka om talet {blir} lagd fram seinare.")),
    ]
    return Document("minutes", w.place, w.lang, blocks, c.fields(w, meets=False))


def returned(w):
    """Sent back to the administration; a number is in the proposal only."""
    c = Case(w)
    blocks = (
        protocol(w, c, w.slots["Org"], c.day)
        + [("p", asked(w, c)), ("heading", w.say("{Boss}s innstilling", "Tilråding frå {boss}"))]
        + numbered(wording(w, c))
        + [("heading", "Vedtak")]
    )
    blocks += [
        (
            "p",
            w.say(
                "Saken sendes tilbake til {boss} for ny utredning av bolig- og skolekapasiteten.",
                "Saka {blir} send tilbake til {boss} for ny utgreiing av bustad- og skulekapasiteten.",
            ),
        ),
        ("p", vote_line(w)),
    ]
    fields = c.fields(w, meets=False)
    del fields["svar"]
    return Document("minutes", w.place, w.lang, blocks, fields)


def provisional(w):
    """An answer from the administration until the council has met."""
    c = Case(w)
    blocks, refs = letterhead(w, c.papers, c.day)
    blocks += [("title", w.say("Foreløpig svar på anmodning om bosetting i {y}", "Førebels svar på oppmoding om {bosetting} i {y}", **c.slots(w)))]
    blocks.append(("p", asked(w, c)))
    blocks.append(
        (
            "p",
            w.say(
                "Administrasjonen legger opp til at {unit} kan bosette {n} personer. Svaret er foreløpig. Saken behandles i {org} {m}, og endelig vedtak sendes deretter.",
                "Administrasjonen legg opp til at {unit} kan {bos} {n} personar. Svaret er førebels. Saka {blir} handsama i {org} {m}, og endeleg vedtak {blir} sendt etter det.",
                **c.slots(w),
            ),
        )
    )
    blocks.append(signature(w, c.papers.handler))
    return Document("letter", w.place, w.lang, blocks, c.fields(w) | refs)


def passed_on(w):
    """A letter that sends the board's recommendation, for information."""
    c = Case(w)
    blocks, refs = letterhead(w, c.papers, c.day)
    blocks += [("title", w.say("Orientering om innstilling – bosetting av flyktninger {y}", "Orientering om tilråding – {bosetting} av flyktningar {y}", **c.slots(w)))]
    blocks.append(("p", sentences(asked(w, c), w.say("{Fsk} har avgitt slik innstilling til {org}:", "{Fsk} har gjeve slik tilråding til {org}:"))))
    blocks += numbered(wording(w, c))
    blocks.append(("p", w.say("{Org} tar stilling til saken {m}.", "{Org} tek stilling til saka {m}.", **c.slots(w))))
    blocks.append(signature(w, c.papers.handler))
    return Document("letter", w.place, w.lang, blocks, c.fields(w) | refs)


def status(w):
    """How many have come so far; nothing is decided."""
    c = Case(w)
    blocks = [("letterhead",), ("title", w.say("Status for bosettingen i {k}", "Status for {bosetting}a i {k}")), ("small", f"Publisert {numeric(c.day)}")]
    had = w.other(8, 60, {c.asked})
    blocks.append(
        (
            "lead",
            w.say(
                "Så langt i {p} har {k} tatt imot {a} av de {b} flyktningene som er avtalt for året.",
                "Så langt i {p} har {k} teke imot {a} av dei {b} flyktningane som er avtalte for året.",
                p=c.year - 1,
                a=w.random.randint(3, had - 2),
                b=had,
            ),
        )
    )
    blocks.append(("p", sentences(*beside(w, c.plan, 2))))
    blocks.append(("p", w.say("Hvor mange {unit} skal bosette i {y}, er ikke avgjort.", "Kor mange {unit} skal {bos} i {y}, er ikkje avgjort.", **c.slots(w))))
    return Document("notice", w.place, w.lang, blocks, c.fields(w, asked=False, meets=False))


def wanted(w):
    """A group of the council wants a number."""
    c = Case(w)
    group = places.party(w.random)
    blocks = [
        ("title", w.say("{group} vil ta imot {n} flyktninger", "{group} vil ta imot {n} flyktningar", group=group, **c.slots(w))),
        ("small", f"{w.place.name.upper()}, {written(c.day)}"),
    ]
    blocks.append(
        (
            "lead",
            w.say(
                "– {k} bør bosette {n} flyktninger i {y}, mener gruppeleder {who} i {group}.",
                "– {k} bør {bos} {n} flyktningar i {y}, meiner gruppeleiar {who} i {group}.",
                who=places.person(w.random),
                group=group,
                **c.slots(w),
            ),
        )
    )
    blocks.append(
        (
            "p",
            sentences(
                asked(w, c), w.say("Gruppen legger fram forslaget når {org} behandler saken {m}.", "Gruppa legg fram framlegget når {org} handsamar saka {m}.", **c.slots(w))
            ),
        )
    )
    return Document("notice", w.place, w.lang, blocks, c.fields(w))


def budget(w):
    """A plan for the economy reckons with a number that nobody has decided."""
    c = Case(w)
    body = [
        ("letterhead",),
        ("title", w.say("{Boss}s forslag til økonomiplan {a}–{b}", "Framlegg til økonomiplan {a}–{b} frå {boss}", a=c.year, b=c.year + 3)),
        ("heading", w.say("Flyktningtjenesten", "Flyktningtenesta")),
    ]
    body.append(
        (
            "p",
            sentences(
                w.say(
                    "I forslaget er det lagt til grunn at {unit} bosetter {n} flyktninger i {y}.",
                    "I framlegget er det lagt til grunn at {unit} buset {n} flyktningar i {y}.",
                    **c.slots(w),
                ),
                *beside(w, c.plan, 3),
            ),
        )
    )
    body.append(
        (
            "p",
            w.say(
                "Økonomiplanen behandles i {org} {m}. Antallet flyktninger avgjøres i egen sak.",
                "Økonomiplanen {blir} handsama i {org} {m}. Talet på flyktningar {blir} avgjort i eiga sak.",
                **c.slots(w),
            ),
        )
    )
    return Document("minutes", w.place, w.lang, body, c.fields(w, asked=False, meets=False))


PAPERS = {
    "preparation": preparation,
    "recommendation": recommendation,
    "committee": committee,
    "asking": asking,
    "expected": expected,
    "recommended": recommended,
    "postponed": postponed,
    "orientation": orientation,
    "returned": returned,
    "provisional": provisional,
    "passed-on": passed_on,
    "status": status,
    "wanted": wanted,
    "budget": budget,
}


def words(w, about):
    """What a kommune writes in a mail that decides nothing: the paragraphs, the subject, and the case."""
    c = Case(w)
    s = c.slots(w)
    asks = asked(w, c)
    match about:
        case "question":
            subject = w.say("Spørsmål om anmodning {y}", "Spørsmål om oppmoding {y}", **s)
            said = [
                asks,
                w.say(
                    "Vi lurer på om familiegjenforente skal regnes med i disse {r}, og om dere kan flytte noen av plassene til {z}?",
                    "Vi lurer på om familiesameinte skal reknast med i desse {r}, og om de kan flytte nokre av plassane til {z}?",
                    z=c.year + 1,
                    **s,
                ),
            ]
            meets = False
        case "deadline":
            subject = w.say("Utsatt svarfrist – bosetting {y}", "Utsett svarfrist – {bosetting} {y}", **s)
            said = [
                asks,
                w.say(
                    "Vi rekker dessverre ikke fristen. Saken behandles i {org} {m}. Innstillingen er {n}, men vedtaket kan bli et annet.",
                    "Vi rekk diverre ikkje fristen. Saka {blir} handsama i {org} {m}. Tilrådinga er {n}, men vedtaket kan bli eit anna.",
                    **s,
                ),
            ]
            meets = True
        case "receipt":
            subject = w.say("Bekreftelse på mottatt anmodning", "Stadfesting på motteken oppmoding")
            said = [
                w.say(
                    "Vi bekrefter at vi har mottatt anmodningen om bosetting av {r} flyktninger i {y}.",
                    "Vi stadfestar at vi har motteke oppmodinga om {bosetting} av {r} flyktningar i {y}.",
                    **s,
                ),
                w.say(
                    "Saken legges fram for politisk behandling, og vi kommer tilbake med {unit}s svar.",
                    "Saka {blir} lagd fram for politisk handsaming, og vi kjem attende med svaret frå {unit}.",
                ),
            ]
            meets = False
        case "board":
            subject = w.say("Bosetting {y} – foreløpig status", "{Bosetting} {y} – førebels status", **s)
            said = [
                asks,
                w.say(
                    "{Fsk} har i dag innstilt på {n}. {Org} skal ta endelig stilling {m}, så ikke registrer noe ennå.",
                    "{Fsk} har i dag tilrådd {n}. {Org} skal ta endeleg stilling {m}, så ikkje registrer noko enno.",
                    **s,
                ),
            ]
            meets = True
    return c, subject, said, c.fields(w, meets=meets)
