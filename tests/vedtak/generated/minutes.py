"""Minutes of a council: the case, who proposed what, the vote, and the decision (patterns 13, 62, 63 and 65)."""

import datetime

import places
from documents import Document, Papers, beside, earlier, fields_of, pointed, proposal, request, title, vote_line, votes
from language import numeric, sentences


def alternative(w, d):
    """A proposal that falls (trap 2)."""
    if d.about == "refusal":
        return proposal(w, w.other(3, max(8, d.asked - 1), d.own_numbers()), d)
    if d.about in ("supplement", "both"):
        return w.say(
            "Tilleggsanmodningen avslås." if d.answer != "avslaar" else "Tilleggsanmodningen imøtekommes.",
            "Tilleggsoppmodinga {blir} avslått." if d.answer != "avslaar" else "Tilleggsoppmodinga {blir} imøtekomen.",
        )
    if d.per_year or d.period or d.total is None:
        return w.say("Saken utsettes.", "Saka {blir} utsett.")
    return proposal(w, w.other(max(2, d.total // 2), d.total + max(8, d.total // 3), d.own_numbers()), d)


def header(w, d, papers):
    """The head of minutes: the body, the day and the case in a table, and the fields that these give."""
    body, day = w.slots["Fsk" if d.by else "Org"], d.decided
    pairs = [(w.say("Utvalg", "Utval"), body), ("Møtedato", numeric(day)), ("Saksnr", papers.case)]
    if w.sometimes(0.6):
        pairs.append(("Arkivsak", papers.archive))
    if w.sometimes(0.4):
        pairs.append((w.say("Saksbehandler", "Sakshandsamar"), papers.handler))
    fields = {"vedtaksdato": day.isoformat(), "saksnummer": papers.case}
    if any(label == "Arkivsak" for label, _ in pairs):
        fields["arkivsak"] = papers.archive
    return pairs, fields


# What IMDi asks of an answer is quoted, and is no reservation of this kommune's (trap 16).
RULES = (
    "Bosetting av flyktninger er frivillig for kommunene. IMDi ber om at vedtaket har et tydelig antall, at familiegjenforente ikke regnes med, og at det ikke tas forbehold.",
    "{Bosetting} av flyktningar er frivillig for kommunane. IMDi ber om at vedtaket har eit tydeleg tal, at familiesameinte ikkje {blir} rekna med, og at det ikkje {blir} teke atterhald.",
)
ASSESSED = (
    ("{Boss} har vurdert kapasiteten i skole, barnehage, helsetjeneste og boligmarked.", "Erfaringene med bosettingen er gode, og samarbeidet mellom tjenestene fungerer."),
    ("{Boss} har vurdert kapasiteten i skule, barnehage, helseteneste og bustadmarknad.", "Røynslene med {bosetting}a er gode, og samarbeidet mellom tenestene fungerer."),
)


def case_text(w, d):
    """The case as the administration lays it before the politicians: background, facts, assessment."""
    said = beside(w, d, 6)
    return [
        ("heading", "Bakgrunn"),
        ("p", sentences(request(w, d), earlier(w, d), *said[:2])),
        ("heading", w.say("Saksopplysninger", "Saksopplysningar")),
        ("p", sentences(w.say(*RULES), *said[2:4])),
        ("heading", "Vurdering"),
        ("p", sentences(w.say(*ASSESSED), *said[4:])),
    ]


def minutes(w, d, how):
    """Minutes of one case. `how`: which proposal wins, and whether the decision is written out."""
    papers = Papers(w, d.decided, d.decided)
    pairs, fields = header(w, d, papers)
    kind = w.say(("Saksprotokoll", "Særutskrift av møteprotokoll", "Møteprotokoll"), ("Saksprotokoll", "Særutskrift av møtebok", "Møtebok"))
    blocks = [("letterhead",), ("title", kind), ("head", pairs), ("title", title(w, d))]
    if d.by:
        blocks.append(("p", w.say("Formannskapet avgjør saken endelig etter fullmakt fra {org}.", "Formannskapet avgjer saka endeleg etter fullmakt frå {org}.")))
    if how == "case" or w.sometimes(0.3):
        blocks += case_text(w, d)
    else:
        blocks.append(("p", sentences(request(w, d), earlier(w, d))))
    if d.reason and how not in ("overturned", "committee"):
        blocks.append(("p", w.say("{Boss}s vurdering: ", "Vurdering frå {boss}: ") + d.reason))
    style = w.random.choice(("numbered", "running"))
    decision = ("heading", w.say(("Vedtak", "{Org}s vedtak"), ("Vedtak", "Vedtak i {org}")))
    match how:
        case "bare":
            blocks += [decision, *pointed(w, d.points, style), ("p", vote_line(w))]
        case "back":
            blocks += adopted(w, d, d.points, style)
            blocks += [decision, ("p", w.say("{Boss}s innstilling ble vedtatt.", "Tilrådinga frå {boss} vart vedteken."))]
        case "overturned" | "committee":
            blocks += (overturned if how == "overturned" else against_board)(w, d)
            blocks += [decision, *pointed(w, d.points, style)]
        case "addition" if len(d.points) > 1:
            blocks += with_addition(w, d, style)
            blocks += [decision, *pointed(w, d.points, style)]
        case _:
            blocks += adopted(w, d, d.points, style)
            blocks += [decision, *pointed(w, d.points, style)]
    if w.sometimes(0.4):
        blocks.append(("small", f"Rett utskrift: {papers.handler}"))
    return Document("minutes", w.place, w.lang, blocks, fields_of(w, d) | fields, f"Sak {papers.case}")


def recommends(w):
    return ("heading", w.say("{Boss}s innstilling", "Tilråding frå {boss}"))


def debate(w):
    return ("heading", w.say("Behandling", "Handsaming"))


def voting(w):
    return ("heading", w.say("Votering", "Røysting"))


def put_forward(w, what=("forslag", "framlegg")):
    """A member puts something forward: the member, and the line that says so."""
    who = places.person(w.random)
    what = w.say(*what)
    return who, ("p", w.say("{who} ({group}) fremmet følgende {what}:", "{who} ({group}) sette fram slikt {what}:", who=who, group=places.party(w.random), what=what))


def near(w, d):
    """A number near the decided one that is not it."""
    about = d.total or 10
    return w.other(max(2, about - 9), about + 14, d.own_numbers())


def adopted(w, d, points, style):
    """The administration's proposal wins; another, if there was one, falls (trap 2)."""
    blocks = [recommends(w), *pointed(w, points, style), debate(w)]
    if w.sometimes(0.2):
        return [*blocks, ("p", w.say("Ingen andre forslag ble fremmet. Enstemmig vedtatt.", "Det kom ikkje andre framlegg. Samrøystes vedteke."))]
    who, line = put_forward(w)
    yes, no = votes(w)
    result = w.say(
        (
            "Forslaget fra {who} fikk {b} stemmer og falt. Innstillingen ble vedtatt med {a} stemmer.",
            "Ved alternativ votering fikk innstillingen {a} stemmer og forslaget fra {who} {b} stemmer. Innstillingen er vedtatt.",
        ),
        (
            "Framlegget frå {who} fekk {b} røyster og fall. Tilrådinga vart vedteken med {a} røyster.",
            "Ved alternativ røysting fekk tilrådinga {a} røyster og framlegget frå {who} {b} røyster. Tilrådinga er vedteken.",
        ),
        who=who,
        a=yes,
        b=no,
    )
    return [*blocks, line, ("quote", f"«{alternative(w, d)}»"), voting(w), ("p", result)]


def overturned(w, d):
    """A lone member or a minority wins over the administration."""
    first = proposal(w, d.asked if d.asked and d.asked != d.total else near(w, d), d)
    who, line = put_forward(w)
    yes, no = votes(w)
    result = w.say(
        "Ved alternativ votering mellom innstillingen og forslaget fra {who} fikk innstillingen {b} stemmer og forslaget {a} stemmer. Forslaget er dermed vedtatt.",
        "Ved alternativ røysting mellom tilrådinga og framlegget frå {who} fekk tilrådinga {b} røyster og framlegget {a} røyster. Framlegget er dermed vedteke.",
        who=who,
        a=yes,
        b=no,
    )
    return [recommends(w), ("p", first), debate(w), line, *pointed(w, d.points, "quoted"), voting(w), ("p", result)]


def against_board(w, d):
    """The board recommended another number before the council decided."""
    before = d.decided - datetime.timedelta(w.random.choice((13, 14, 15)))
    board = w.say("Innstilling til {org}:", "Tilråding til {org}:") + " " + proposal(w, near(w, d), d)
    who, line = put_forward(w)
    yes, no = votes(w)
    result = w.say(
        "Forslaget fra {who} ble vedtatt med {a} mot {b} stemmer, som ble gitt for {fsk}s innstilling.",
        "Framlegget frå {who} vart vedteke med {a} mot {b} røyster, som vart gjevne for tilrådinga frå {fsk}.",
        who=who,
        a=yes,
        b=no,
    )
    return [
        ("heading", f"{w.slots['Fsk']} {numeric(before)}"),
        ("p", board),
        ("heading", f"{w.slots['Org']} {numeric(d.decided)}"),
        line,
        *pointed(w, d.points, "quoted"),
        voting(w),
        ("p", result),
    ]


def with_addition(w, d, style):
    """The proposal and an additional one are voted over apart (pattern 65)."""
    _, line = put_forward(w, ("tilleggsforslag", "tilleggsframlegg"))
    yes, no = votes(w)
    result = w.say(
        "Innstillingen ble enstemmig vedtatt. Tilleggsforslaget ble vedtatt med {a} mot {b} stemmer.",
        "Tilrådinga vart samrøystes vedteken. Tilleggsframlegget vart vedteke med {a} mot {b} røyster.",
        a=yes,
        b=no,
    )
    return [recommends(w), *pointed(w, d.points[:-1], style), debate(w), line, ("quote", f"«{d.points[-1]}»"), voting(w), ("p", result)]


def protocol(w, d):
    """The minutes of a whole meeting, with cases of other kinds before and after."""
    number, year = 10 * d.decided.month - w.random.randint(1, 8), d.decided.year % 100
    cases = [
        w.say("Godkjenning av innkalling og saksliste", "Godkjenning av innkalling og sakliste"),
        title(w, d),
        w.say(("Kommunal planstrategi", "Salg av kommunal eiendom", "Budsjettregulering"), ("Kommunal planstrategi", "Sal av kommunal eigedom", "Budsjettregulering")),
    ]
    yes, no = votes(w)
    pairs = [
        (w.say("Utvalg", "Utval"), w.slots["Org"]),
        (w.say("Møtested", "Møtestad"), "Rådhuset"),
        ("Dato", numeric(d.decided)),
        ("Tid", f"kl. {w.random.randint(9, 18)}.00"),
        (w.say("Til stede", "Til stades"), w.say("{n} av {n} medlemmer", "{n} av {n} medlemer", n=yes + no)),
    ]
    blocks = [
        ("letterhead",),
        ("title", w.say("Møteprotokoll", "Møtebok")),
        ("head", pairs),
        ("table", [["Saksnr", "Sakstittel"]] + [[f"PS {number + at}/{year}", case] for at, case in enumerate(cases)]),
    ]
    blocks += [("title", f"PS {number}/{year} {cases[0]}"), ("heading", "Vedtak"), ("p", w.say("Innkalling og saksliste godkjennes.", "Innkalling og sakliste {blir} godkjend."))]
    blocks += [
        ("title", f"PS {number + 1}/{year} {cases[1]}"),
        ("p", sentences(request(w, d), earlier(w, d))),
        ("heading", w.say("{Boss}s innstilling", "Tilråding frå {boss}")),
    ] + pointed(w, d.points, "numbered")
    blocks += [
        ("heading", w.say("Votering", "Røysting")),
        ("p", w.say("Innstillingen ble vedtatt med {a} mot {b} stemmer.", "Tilrådinga vart vedteken med {a} mot {b} røyster.", a=yes, b=no)),
        ("heading", "Vedtak"),
    ] + pointed(w, d.points, "numbered")
    blocks += [
        ("title", f"PS {number + 2}/{year} {cases[2]}"),
        ("heading", "Vedtak"),
        (
            "p",
            w.say(
                "Saken tas til orientering. Det settes av {x} 000 kroner til videre arbeid i {p}.",
                "Saka {blir} teken til orientering. Det {blir} sett av {x} 000 kroner til vidare arbeid i {p}.",
                x=w.random.randint(60, 480),
                p=d.decided.year,
            ),
        ),
        ("p", w.say("Enstemmig vedtatt.", "Samrøystes vedteke.")),
    ]
    fields = {"vedtaksdato": d.decided.isoformat(), "saksnummer": f"PS {number + 1}/{year}"}
    return Document("minutes", w.place, w.lang, blocks, fields_of(w, d) | fields, w.say("Møteprotokoll", "Møtebok"))


def voting_page(w, d):
    """Pattern 62: what the voting machine prints of a proposal, and of the one that lost."""
    papers = Papers(w, d.decided, d.decided)
    yes, no = votes(w)
    hour, minute = w.random.randint(17, 20), w.random.randint(10, 50)
    share = yes // 2
    member, group = places.person(w.random), places.party(w.random)
    text = sentences(*d.points)
    pairs = lambda late, label, said: (
        "head",
        [
            (w.say("Votering", "Røysting"), f"kl. {hour:02}:{minute + late:02}:{w.random.randint(0, 59):02}"),
            ("Sak", f"{papers.case} {title_text}"),
            (w.say("Forslagsstiller", "Framlegg frå"), label),
            ("Tekst", said),
        ],
    )
    title_text = title(w, d)
    # Nothing tells what was asked for.
    d.unscored |= {"anmodet_totalt", "svar"}
    blocks = [("letterhead",), ("title", f"{w.slots['Org']} {numeric(d.decided)} – " + w.say("voteringer", "røystingar"))]
    blocks += [
        pairs(0, f"{member} ({group})", text),
        ("p", f"FOR {yes} (Ap {share}, {group if group != 'Ap' else 'Sp'} {yes - share})   MOT {no}"),
        ("p", w.say("VEDTATT", "VEDTEKE")),
    ]
    blocks += [pairs(3, f"{places.person(w.random)} ({places.party(w.random, group, 'Ap')})", alternative(w, d)), ("p", f"FOR {no}   MOT {yes}"), ("p", w.say("FALT", "FALL"))]
    return Document("minutes", w.place, w.lang, blocks, fields_of(w, d) | {"vedtaksdato": d.decided.isoformat(), "saksnummer": papers.case}, "")
