"""Pages that are not the form, however like it they look: other people's forms with squares and boxes, and our own forms that this office does not have."""

import re

from PIL import Image, ImageDraw, ImageFont

from form import ROOT, TYPEFACES, Form
from scan import A4_MM, PX_PER_MM

QUESTIONS = (
    "Etternavn, fornavn", "Adresse", "Postnummer og sted", "Fødselsnummer (11 siffer)", "Telefon på dagtid", "Kommune", "Registreringsnummer", "Arbeidsgiver", "Kontonummer",
    "Dato for flytting", "Navn på barnet", "Skole eller barnehage", "Eierens navn", "Gårds- og bruksnummer",
)
TITLES = ("Søknad om parkeringstillatelse", "Melding om flytting", "Søknad om plass i barnehage", "Bestilling av renovasjon", "Egenmelding om fravær")


def paper():
    page = Image.new("L", tuple(round(side * PX_PER_MM) for side in A4_MM), 255)
    return page, ImageDraw.Draw(page)


def mm(*values):
    return [round(value * PX_PER_MM) for value in values]


def text(pencil, x, y, words, size_mm=3.2, bold=False):
    font = ImageFont.truetype(TYPEFACES["sans"], round(size_mm * PX_PER_MM))
    pencil.text(mm(x, y), words, font=font, fill=0, stroke_width=2 if bold else 0)


def squares(pencil, places, side):
    for x, y in places:
        pencil.rectangle(mm(x - side / 2, y - side / 2, x + side / 2, y + side / 2), fill=0)


def corners(random):
    """Squares in the corners, as many scanned forms have: near where ours are, but not there."""
    off = random.uniform(9, 17)
    places = [(off, off), (A4_MM[0] - off, off), (off, A4_MM[1] - off), (A4_MM[0] - off, A4_MM[1] - off)]
    return places + random.choice(([], [(off, A4_MM[1] / 2)], [(off, 130), (A4_MM[0] - off, 150)]))


def letter_like(writer, random):
    """A form of another body: a title, questions with cells or lines, and boxes to tick, filled in."""
    page, pencil = paper()
    squares(pencil, corners(random), random.uniform(4, 6))
    text(pencil, 20, 20, random.choice(TITLES), 6, bold=True)
    text(pencil, 20, 29, "Fylles ut med blokkbokstaver. Skjemaet leveres på servicekontoret.", 3.2)
    y = 42
    for number, question in enumerate(random.sample(QUESTIONS, 12)):
        text(pencil, 20, y, f"{number + 1}. {question}", 3.2, bold=True)
        row(page, pencil, y + 5, random, writer)
        y += 19
    return page


def row(page, pencil, y, random, writer):
    """One answer: cells, a line, or boxes."""
    way = random.choice(("cells", "cells", "line", "boxes"))
    if way == "cells":
        cells = [[20 + 5 * at, y, 5, 7] for at in range(random.choice((8, 12, 20, 30)))]
        for x, top, w, h in cells:
            pencil.rectangle(mm(x, top, x + w, top + h), outline=0, width=3)
        for cell in cells[:random.randint(3, 8)]:
            writer.cell(page, cell, random.choice("ABDEHIKLMNORST0123456789"))
    elif way == "line":
        pencil.line(mm(20, y + 7, 190, y + 7), fill=0, width=3)
        writer.hand.text(page, random.choice(("NORDLI", "STORGATA 4", "BERG", "9008")), 24, y + 6.4, 4.2)
    else:
        for at, option in enumerate(("Ja", "Nei", "Vet ikke")):
            box = [20 + 30 * at, y + 1, 4, 4]
            pencil.rectangle(mm(box[0], box[1], box[0] + 4, box[1] + 4), outline=0, width=4)
            text(pencil, box[0] + 6, y + 1, option)
            if at == random.randint(0, 2):
                writer.mark(page, box)


def table_like(writer, random):
    """A list in a table, with a square before each row and larger ones in the corners."""
    page, pencil = paper()
    squares(pencil, corners(random), 5)
    text(pencil, 24, 22, f"Timeliste uke {random.randint(1, 52)}", 6, bold=True)
    columns, top, high = (24, 60, 95, 130, 160, 188), 40, 9
    for at in range(25):
        pencil.line(mm(columns[0], top + at * high, columns[-1], top + at * high), fill=0, width=3)
        if 0 < at < 24:
            squares(pencil, [(18, top + (at + 0.5) * high)], random.choice((3, 5)))
    for x in columns:
        pencil.line(mm(x, top, x, top + 24 * high), fill=0, width=3)
    for x, head in zip(columns, ("Navn", "Dato", "Fra", "Til", "Sum")):
        text(pencil, x + 2, top + 2.5, head, 3.4, bold=True)
    for at in range(1, random.randint(8, 20)):
        for x in columns[:-1]:
            writer.hand.text(page, str(random.randint(1, 2026)), x + 3, top + (at + 0.75) * high, 4)
    return page


def other_version(program, work, changed):
    """The form in a version that the office does not have. `changed`: two options have changed places, which nobody sees but who reads."""
    folder = work / ("version9-changed" if changed else "version9")
    folder.mkdir()
    xml = (ROOT / "forms" / "privatboende.xml").read_text(encoding="utf-8").replace('name="privatboende" version="1"', 'name="privatboende" version="9"')
    if changed:
        xml = re.sub(r'(<option code="ja"[^\n]*\n)(\s*<option code="nei"[^\n]*\n)', r"\2\1", xml)
        xml = re.sub(r'(<option code="kvinne"[^\n]*\n)(\s*<option code="mann"[^\n]*\n)', r"\2\1", xml)
    (folder / "privatboende.xml").write_text(xml, encoding="utf-8")
    return Form(program, "privatboende", folder, str(folder))
