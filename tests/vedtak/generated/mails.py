"""Mails as kommuner send them: messages of RFC 5322 with real headers, the decision in the words, in an enclosure, or in the words of somebody further down."""

import datetime
import html
import re
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import documents
import minutes
import papers
import places
import undecided
from language import sentences, written

IMDI_MAIL = "post@imdi.no"


class Mail:
    """A message before it is written out: who, when, about what, the paragraphs, and the enclosures."""

    def __init__(self, w, day, subject, paragraphs):
        self.w, self.subject, self.paragraphs = w, subject, paragraphs
        self.hour, self.minute = w.random.randint(7, 15), w.random.randint(0, 59)
        self.day = day
        self.name = places.person(w.random)
        self.office = w.say(
            ("Flyktningtjenesten", "Politisk sekretariat", "Servicekontoret", "Kommunalområde oppvekst"),
            ("Flyktningtenesta", "Politisk sekretariat", "Servicekontoret", "Oppvekst og kultur"),
        )
        self.below = []
        self.enclosures = []
        # A message that is sent on whole, as an enclosure.
        self.inner = None

    def at(self):
        # Summer time lasts to the last Sunday of October; decisions of April to that day are written in it.
        last = max(datetime.date(self.day.year, 10, day) for day in range(25, 32) if datetime.date(self.day.year, 10, day).weekday() == 6)
        first = max(datetime.date(self.day.year, 3, day) for day in range(25, 32) if datetime.date(self.day.year, 3, day).weekday() == 6)
        zone = datetime.timezone(datetime.timedelta(hours=2 if first <= self.day < last else 1))
        return datetime.datetime(self.day.year, self.day.month, self.day.day, self.hour, self.minute, self.w.random.randint(0, 59), tzinfo=zone)

    def address(self):
        plain = self.name.lower().translate(str.maketrans({"æ": "ae", "ø": "o", "å": "a", " ": "."}))
        return Address(self.name, plain, self.w.place.domain)

    def text(self):
        w = self.w
        closing = [w.say(("Med vennlig hilsen", "Hilsen", "Mvh"), ("Med venleg helsing", "Helsing", "Vh")), self.name, self.office, w.place.unit]
        return "\n\n".join([w.say(("Hei", "Hei,", "God dag"), ("Hei", "Hei,", "God dag")), *self.paragraphs, "\n".join(closing)] + self.below) + "\n"


def told(w, d):
    """The decision as somebody in the administration tells it."""
    day = "i går" if (d.written - d.decided).days == 1 else w.date(d.decided)
    case = documents.Papers(w, d.decided, d.decided).case
    intro = w.say(
        ("{Org} behandlet saken {day} (sak {case}). Vedtaket lyder:", "Her er vedtaket {org} gjorde {day} i sak {case}:"),
        ("{Org} handsama saka {day} (sak {case}). Vedtaket lyder:", "Her er vedtaket {org} gjorde {day} i sak {case}:"),
        day=day,
        case=case,
    )
    points = "\n".join(f"{number}. {point}" for number, point in enumerate(d.points, 1)) if len(d.points) > 2 else f"«{sentences(*d.points)}»"
    paragraphs = [sentences(documents.request(w, d), documents.earlier(w, d)), intro, points]
    if d.reason:
        paragraphs.append(d.reason)
    fields = documents.fields_of(w, d) | {"vedtaksdato": d.decided.isoformat(), "saksnummer": case}
    return paragraphs, fields


def quoted(w, mail, day, sender, recipient, subject, paragraphs):
    """An older message below the words, as mail programs put it there; written on a working day."""
    day -= datetime.timedelta(max(0, day.weekday() - 4))
    head = [
        w.random.choice(("-----Opprinnelig melding-----", "________________________________")),
        f"Fra: {sender}",
        f"Sendt: {w.weekday(day)} {written(day)} {w.random.randint(8, 15):02}:{w.random.randint(0, 59):02}",
        f"Til: {recipient}",
        f"Emne: {subject}",
    ]
    mail.below.append("\n".join(head) + "\n\n" + "\n\n".join(paragraphs))


def asked_below(w, mail, d):
    """IMDi's question under the kommune's answer (traps 3 and 5): it asks for another number, or tells what is registered."""
    day = d.decided - datetime.timedelta(w.random.randint(8, 25))
    other = w.other(3, 60, d.own_numbers())
    quoted(
        w,
        mail,
        day,
        f"{places.person(w.random)} <{IMDI_MAIL}>",
        f"postmottak@{w.place.domain}",
        w.say("Svar på anmodning", "Svar på oppmoding"),
        [
            "Hei",
            w.say(
                (
                    "Vi kan ikke se at kommunen har svart på anmodningen. For {p} er det registrert {x} plasser hos oss.",
                    "Fristen for svar nærmer seg. I {p} hadde dere {x} plasser.",
                ),
                (
                    "Vi kan ikkje sjå at kommunen har svart på oppmodinga. For {p} er det registrert {x} plassar hos oss.",
                    "Fristen for svar nærmar seg. I {p} hadde de {x} plassar.",
                ),
                p=d.year - 1,
                x=other,
            ),
            w.say("Med vennlig hilsen\nIMDi", "Med venleg helsing\nIMDi"),
        ],
    )


def decided(w, d, how):
    """The mail that brings a decision, and its true values. `how`: where in the message the decision stands."""
    subject = documents.title(w, d)
    if how in ("letter", "minutes"):
        day = d.written
        made = documents.letter(w, d) if how == "letter" else minutes.minutes(w, d, "bare")
        mail = Mail(
            w,
            day,
            w.say(("Vedtak – ", "", "Melding om vedtak – "), ("Vedtak – ", "", "Melding om vedtak – ")) + subject,
            [
                w.say(
                    ("Vedlagt følger vedtak i saken.", "Se vedlagt brev med kommunens svar.", "Vi oversender vedtaket fra {org}."),
                    ("Vedlagt følgjer vedtak i saka.", "Sjå vedlagt brev med svaret frå kommunen.", "Vi sender over vedtaket frå {org}."),
                )
            ],
        )
        mail.enclosures.append((w.random.choice(("Vedtak.pdf", "Særutskrift.pdf", f"Melding om vedtak {w.place.name}.pdf", "dok1.pdf")), made))
        return mail, made.fields
    paragraphs, fields = told(w, d)
    mail = Mail(w, d.written, subject, paragraphs)
    if how == "thread":
        mail.subject = f"SV: {subject}"
        asked_below(w, mail, d)
    elif how == "enclosed":
        inner, mail = mail, Mail(w, d.written, f"VS: {subject}", [w.say("Se vedlagt e-post fra politisk sekretariat.", "Sjå vedlagd e-post frå politisk sekretariat.")])
        # Sent on after it came.
        mail.hour = inner.hour + 1
        mail.inner = inner
    elif how == "forwarded":
        # The clerk who sends it on says nothing but that; the decision is in the secretary's words.
        mail.subject = f"VS: {subject}"
        inner = "\n\n".join(paragraphs)
        mail.paragraphs = [w.say("Videresender vedtaket fra politisk sekretariat.", "Sender vidare vedtaket frå politisk sekretariat.")]
        who = places.person(w.random)
        quoted(w, mail, d.written, f"{who}", f"{mail.name}", subject, ["Hei", inner, w.say("Hilsen", "Helsing") + f"\n{who}\n{w.place.unit}"])
    return mail, fields


def open_case(w, about):
    """A mail that decides nothing."""
    c, subject, paragraphs, fields = undecided.words(w, about)
    mail = Mail(w, c.day, subject, paragraphs)
    if w.sometimes(0.3):
        day = c.day - datetime.timedelta(w.random.randint(3, 12))
        quoted(
            w,
            mail,
            day,
            f"{places.person(w.random)} <{IMDI_MAIL}>",
            f"postmottak@{w.place.domain}",
            subject,
            [
                "Hei",
                w.say(
                    "Vi minner om anmodningen om {r} plasser i {y}. Når kan vi vente svar?",
                    "Vi minner om oppmodinga om {r} plassar i {y}. Når kan vi vente svar?",
                    r=c.asked,
                    y=c.year,
                ),
            ],
        )
        fields["anmodet_totalt"] = c.asked
    return mail, fields


def as_html(text):
    """What an office program makes of a few paragraphs."""
    paragraphs = "".join(f'<p class="MsoNormal">{html.escape(part).replace(chr(10), "<br>")}</p>\n' for part in text.strip().split("\n\n"))
    return f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n<style>p.MsoNormal {{margin:0cm; font-size:11.0pt; font-family:Calibri,sans-serif;}}</style></head>\n<body lang="NO-BOK">\n{paragraphs}</body></html>\n'


def envelope(mail, server):
    """A message inside another: the headers that a mail program shows, and the words."""
    out = EmailMessage(policy=policy.SMTP)
    out["From"] = mail.address()
    out["To"] = Address("", "postmottak", mail.w.place.domain)
    out["Subject"] = mail.subject
    out["Date"] = mail.at()
    out["Message-ID"] = f"<{mail.w.random.getrandbits(64):016x}@{server}>"
    out.set_content(mail.text(), charset="utf-8", cte="8bit")
    return out


def message(mail, name, writing):
    """The message in bytes. `writing`: plain, latin1 (quoted-printable), base64, html, both."""
    w, at = mail.w, mail.at()
    out = EmailMessage(policy=policy.SMTP)
    sender = mail.address()
    server = f"mail.{w.place.domain}"
    out["Return-Path"] = f"<{sender.addr_spec}>"
    out["Received"] = (
        f"from {server} ({server} [192.0.2.{w.random.randint(2, 250)}]) by mx.imdi.no with ESMTPS id {w.random.getrandbits(40):010x} for <{IMDI_MAIL}>; {format_datetime(at + datetime.timedelta(seconds=4))}"
    )
    out["From"] = sender
    out["To"] = Address("IMDi", "post", "imdi.no")
    if w.sometimes(0.5):
        out["Cc"] = Address("KS", "ks", "ks.no")
    out["Subject"] = mail.subject
    out["Date"] = at
    out["Message-ID"] = f"<{w.random.getrandbits(64):016x}@{server}>"
    if mail.subject.startswith("SV: "):
        out["In-Reply-To"] = f"<{w.random.getrandbits(64):016x}@imdi.no>"
        out["References"] = out["In-Reply-To"]
    out["X-Mailer"] = w.random.choice(("Microsoft Outlook 16.0", "Acos Websak", "Elements eFormidling"))
    out["Accept-Language"] = "nb-NO, en-US" if w.lang == "nb" else "nn-NO, nb-NO"
    text = mail.text()
    match writing:
        case "latin1":
            # Latin-1 has neither the long dash nor such as it.
            out.set_content(re.sub("[–—]", "-", text), charset="iso-8859-1", cte="quoted-printable")
        case "base64":
            out.set_content(text, charset="utf-8", cte="base64")
        case "html":
            out.set_content(as_html(text), subtype="html", charset="utf-8", cte="quoted-printable")
        case "both":
            out.set_content(text, charset="utf-8", cte="8bit")
            out.add_alternative(as_html(text), subtype="html", charset="utf-8", cte="quoted-printable")
        case _:
            out.set_content(text, charset="utf-8", cte="8bit")
    for filename, made in mail.enclosures:
        look = papers.Look(w.random, w.place)
        # An embedded typeface would make each mail forty times as large.
        look.face = w.random.choice(("helvetica", "times"))
        out.add_attachment(papers.pdf(made, look, name), maintype="application", subtype="pdf", filename=filename)
    if mail.inner:
        out.add_attachment(envelope(mail.inner, server))
    for depth, part in enumerate(part for part in out.walk() if part.get_content_maintype() == "multipart"):
        part.set_boundary(f"----=_Part_{depth}_{name}")
    return out.as_bytes()
