"""The blank of a form that is not ours: no marks, no page code, combs with short ticks, print of its own. Only the zones come from the program."""

import xml.etree.ElementTree as tree

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from form import Form, rasterise

#: The headings that stand on each page, with their height from the top, mm.
HEADINGS = (
    ((52, "1  Om deg"), (119, "2  Familie"), (143, "3  Skole"), (190, "4  Arbeid")),
    ((36, "5  Hvor du bor"), (63, "6  Språk"), (85, "7  Samtykke"), (105, "8  Underskrift")),
)
NOTES = (
    "Skjemaet fylles ut sammen med programrådgiveren. Skriv med blå eller svart penn og store bokstaver.",
    "Opplysningene brukes til å lage en plan for norskopplæring, skole og arbeid, og slettes når programmet er over.",
    "Du kan når som helst be om å få se hva kommunen har lagret om deg, og få rettet det som er feil.",
)
GUIDE = (
    "Slik fyller du ut skjemaet", "Skriv én bokstav eller ett tall i hver rute. Skriv ikke utenfor rutene.", "Sett kryss i ruten foran det svaret som passer. Har du krysset feil,",
    "fyller du hele ruten og krysser på nytt.", "DUF-nummeret har tolv siffer og står på oppholdskortet og på brev fra utlendingsmyndighetene.",
    "Den som er under 18 år, fyller ut skjemaet sammen med verge eller representant.", "Har du spørsmål, kan du ringe servicetorget i kommunen. Ta med skjemaet til første samtale.",
    "Kommunen sender en kopi av planen til deg innen én måned etter at du begynte i programmet.", "Klage på planen sendes kommunen. Fristen er tre uker fra du fikk planen.",
)


def labels(definition):
    """What stands beside each field and each option: (field, option or None) to text."""
    found = {}
    for field in tree.parse(definition).getroot().iter():
        if field.find("label") is not None:
            found[field.get("name"), None] = field.find("label").get("nb")
            found |= {(field.get("name"), option.get("code")): option.get("nb") for option in field.iter("option")}
    return found


def draw(path, zones, definition):
    """The blank as a PDF."""
    words = labels(definition)
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    canvas.setTitle("Opplysninger til introduksjonsplan")
    for number in range(1, zones["pages"] + 1):
        furniture(canvas, number, zones["pages"])
        for field in zones["fields"]:
            if field["zones"][0]["page"] == number:
                outline(canvas, field, words)
        canvas.showPage()
    canvas.save()


def at(y):
    return A4[1] - y * mm


def write(canvas, x, y, size, text, font="Helvetica"):
    canvas.setFont(font, size)
    canvas.drawString(x * mm, at(y), text)


def furniture(canvas, number, pages):
    canvas.setFillGray(0.15)
    canvas.rect(22 * mm, at(24), 10 * mm, 10 * mm, fill=1, stroke=0)
    canvas.setFillGray(1)
    write(canvas, 24, 20.5, 16, "KU", "Times-Bold")
    canvas.setFillGray(0)
    write(canvas, 36, 18, 13, "Oppdiktet kompetanseutvalg", "Times-Bold")
    write(canvas, 36, 23.5, 10, "Opplysninger til introduksjonsplan", "Times-Roman")
    write(canvas, 150, 18, 8, f"KU-417 (2019)   Side {number} av {pages}")
    canvas.setLineWidth(0.8)
    canvas.line(22 * mm, at(28), 188 * mm, at(28))
    for y, text in HEADINGS[number - 1]:
        canvas.setFillGray(0.88)
        canvas.rect(22 * mm, at(y + 1.6), 166 * mm, 5.6 * mm, fill=1, stroke=0)
        canvas.setFillGray(0)
        write(canvas, 23.5, y, 10, text, "Helvetica-Bold")
    if number == 1:
        for index, text in enumerate(NOTES):
            write(canvas, 22, 34 + 4.2 * index, 8.5, text)
    else:
        for index, text in enumerate(GUIDE):
            write(canvas, 26, 150 + 7 * index, 10.5 if index == 0 else 9.5, text, "Times-Bold" if index == 0 else "Times-Roman")
        canvas.rect(22 * mm, at(215), 166 * mm, 73 * mm)
        canvas.setDash(2, 2)
        canvas.line(22 * mm, at(236), 188 * mm, at(236))
        canvas.setDash()
        write(canvas, 22, 242, 8, "Fylles ut av kommunen: mottatt, saksnummer og saksbehandler føres i kommunens eget system og ikke på dette skjemaet.")
    write(canvas, 22, 288, 7.5, "Oppdiktet kompetanseutvalg, Postboks 0, 0001 Ingensted. Skjemaet er laget til prøve og brukes ikke av noen.")


def outline(canvas, field, words):
    """The zone as this body prints it, with its label above."""
    first = field["zones"][0]
    canvas.setLineWidth(0.6)
    for zone in field["zones"]:
        x, y, w, h = zone["rect_mm"]
        canvas.rect(x * mm, at(y + h), w * mm, h * mm)
        for left, top, _, tall in zone.get("cells_mm", [])[1:]:
            canvas.line(left * mm, at(top + tall), left * mm, at(top + tall * 0.55))
        if zone.get("option"):
            write(canvas, x + 5, y + 3, 9, words[field["name"], zone["option"]])
    x, y, w, _ = first["rect_mm"]
    if first["kind"] == "checkbox" and not first.get("option"):
        write(canvas, x + 5, y + 3, 9, words[field["name"], None])
    elif first["kind"] == "checkbox":
        write(canvas, x - 2, y - 2.2, 8, words[field["name"], None])
    else:
        write(canvas, x, y - 1.2, 8, words[field["name"], None])


class Foreign(Form):
    """The form as somebody else prints it: `definition` is its XML, and the picture that it names is drawn beside it."""

    def __init__(self, program, name, work, definition):
        # The program wants the picture that the definition names; what is on it does not matter to the zones.
        self.picture = definition.with_name(tree.parse(definition).getroot().get("picture"))
        self.picture.touch()
        super().__init__(program, name, work, str(definition.parent))
        draw(self.picture, self.zones, definition)

    def blank(self, language):
        if language not in self.blanks:
            self.blanks[language] = rasterise(self.picture, self.work)
        return [page.copy() for page in self.blanks[language]]
