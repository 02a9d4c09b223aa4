"""How the papers look: blocks laid out as a kommune's letters and minutes, as PDF with ReportLab or as plain text."""

import html
import io
import math

from letters import wrapped
from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table, TableStyle

rl_config.invariant = 1

LIBERATION, DEJAVU = "/usr/share/fonts/truetype/liberation2", "/usr/share/fonts/truetype/dejavu"
# Regular, bold, and how large the letters are for their size. The first two are the standard fonts, which no file holds.
FACES = {
    "helvetica": ("Helvetica", "Helvetica-Bold", 1.0),
    "times": ("Times-Roman", "Times-Bold", 1.08),
    "sans": (f"{LIBERATION}/LiberationSans-Regular.ttf", f"{LIBERATION}/LiberationSans-Bold.ttf", 1.0),
    "serif": (f"{LIBERATION}/LiberationSerif-Regular.ttf", f"{LIBERATION}/LiberationSerif-Bold.ttf", 1.08),
    "dejavu": (f"{DEJAVU}/DejaVuSans.ttf", f"{DEJAVU}/DejaVuSans-Bold.ttf", 0.9),
    "dejavu-serif": (f"{DEJAVU}/DejaVuSerif.ttf", f"{DEJAVU}/DejaVuSerif-Bold.ttf", 0.92),
}
COLOURS = ("#1d3c6e", "#7a1f2b", "#20553a", "#333333", "#5b4a12")


def face(name):
    """The names under which ReportLab knows the typeface."""
    regular, bold, size = FACES[name]
    if regular.startswith("/"):
        for label, path in ((name, regular), (f"{name}-bold", bold)):
            if label not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(label, path))
        return name, f"{name}-bold", size
    return regular, bold, size


class Look:
    """The habits of one office: typeface, letterhead, colour, and whether paper has been stamped on its way."""

    def __init__(self, random, place, stamped=None):
        self.random, self.place = random, place
        self.face = random.choice(tuple(FACES))
        self.head = random.choice(("left", "centre", "right", "band"))
        self.colour = colors.HexColor(random.choice(COLOURS))
        self.size = random.choice((10, 10.5, 11))
        self.charge = random.randrange(4)
        # The office of the kommune is at an address that nobody has.
        self.street = f"{random.choice(('Rådhusgata', 'Rådhusplassen', 'Kommunevegen', 'Tunvegen', 'Torggata'))} {random.randint(1, 40)}"
        self.signed = random.random() < 0.6
        self.stamped = stamped


class Shield(Flowable):
    """A coat of arms that no kommune bears."""

    def __init__(self, look, height=15 * mm):
        super().__init__()
        self.look, self.width, self.height = look, height * 0.82, height

    def draw(self):
        draw_shield(self.canv, self.look, 0, 0, self.width, self.height)


def draw_shield(canvas, look, x, y, w, h):
    canvas.saveState()
    canvas.translate(x, y)
    path = canvas.beginPath()
    path.moveTo(0, h)
    path.lineTo(w, h)
    path.lineTo(w, h * 0.45)
    path.curveTo(w, h * 0.18, w * 0.7, h * 0.08, w / 2, 0)
    path.curveTo(w * 0.3, h * 0.08, 0, h * 0.18, 0, h * 0.45)
    path.close()
    canvas.setFillColor(look.colour)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.setFillColor(colors.white)
    canvas.setStrokeColor(colors.white)
    canvas.setLineWidth(h * 0.06)
    if look.charge == 0:
        for level in (0.35, 0.55, 0.75):
            canvas.line(w * 0.18, h * level, w * 0.5, h * (level + 0.12))
            canvas.line(w * 0.5, h * (level + 0.12), w * 0.82, h * level)
    elif look.charge == 1:
        canvas.circle(w / 2, h * 0.58, w * 0.2, stroke=0, fill=1)
    elif look.charge == 2:
        for turn in range(6):
            canvas.line(w / 2, h * 0.55, w / 2 + w * 0.3 * math.cos(turn * math.pi / 3), h * 0.55 + w * 0.3 * math.sin(turn * math.pi / 3))
    else:
        canvas.rect(w * 0.25, h * 0.35, w * 0.5, h * 0.14, stroke=0, fill=1)
        canvas.rect(w * 0.25, h * 0.62, w * 0.5, h * 0.14, stroke=0, fill=1)
    canvas.restoreState()


class Scrawl(Flowable):
    """A signature that nobody can read."""

    def __init__(self, random):
        super().__init__()
        self.width, self.height = 50 * mm, 13 * mm
        self.bends = [(random.uniform(2.2, 4.5), random.uniform(-4.5, 4.5)) for _ in range(random.randint(7, 11))]

    def draw(self):
        canvas = self.canv
        canvas.setStrokeColor(colors.HexColor("#1a2450"))
        canvas.setLineWidth(0.9)
        path = canvas.beginPath()
        x, y = 2 * mm, 5 * mm
        path.moveTo(x, y)
        for step, rise in self.bends:
            path.curveTo(x + step * 0.2 * mm, y + rise * 1.6 * mm, x + step * 0.9 * mm, y - rise * 1.4 * mm, x + step * mm, 5 * mm + rise * 0.25 * mm)
            x, y = x + step * mm, 5 * mm + rise * 0.25 * mm
        canvas.drawPath(path, stroke=1, fill=0)


class Numbered(Canvas):
    """Says on each page how many there are, as minutes do."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.states = []

    def showPage(self):
        self.states.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        for number, state in enumerate(self.states, 1):
            self.__dict__.update(state)
            if len(self.states) > 1:
                self.setFont(self._look_font, 8)
                self.drawRightString(A4[0] - 24 * mm, 10 * mm, f"Side {number} av {len(self.states)}")
            super().showPage()
        super().save()


def pdf(document, look, title):
    regular, bold, factor = face(look.face)
    size = look.size * factor
    base = ParagraphStyle("p", fontName=regular, fontSize=size, leading=size * 1.36, spaceAfter=size * 0.7)
    styles = {
        "p": base,
        "lead": ParagraphStyle("lead", base, fontName=bold),
        "li": ParagraphStyle("li", base, leftIndent=8 * mm, firstLineIndent=-5 * mm, spaceAfter=size * 0.35),
        "quote": ParagraphStyle("quote", base, leftIndent=8 * mm, rightIndent=8 * mm),
        "small": ParagraphStyle("small", base, fontSize=size * 0.85, leading=size * 1.15),
        "title": ParagraphStyle("title", base, fontName=bold, fontSize=size * 1.25, leading=size * 1.6, spaceBefore=size * 0.8, spaceAfter=size),
        "heading": ParagraphStyle("heading", base, fontName=bold, spaceBefore=size * 0.6, spaceAfter=size * 0.3),
        "cell": ParagraphStyle("cell", base, spaceAfter=0),
        "label": ParagraphStyle("label", base, fontName=bold, spaceAfter=0),
        "column": ParagraphStyle("column", base, fontSize=size * 0.85, leading=size * 1.1, spaceAfter=0),
    }
    width = A4[0] - 48 * mm
    story = []
    for block in document.blocks:
        kind = block[0]
        if kind == "letterhead":
            story += heading_of(document, look, block[1] if len(block) > 1 else None, regular, bold, size, width)
        elif kind == "address":
            story += [Paragraph("<br/>".join(html.escape(line) for line in block[1]), base), Spacer(1, 5 * mm)]
        elif kind == "refs":
            story += references(look, block[1], styles, width)
        elif kind == "head":
            story += [
                framed([[Paragraph(html.escape(label), styles["label"]), Paragraph(html.escape(text), styles["cell"])] for label, text in block[1]], [38 * mm, width - 38 * mm]),
                Spacer(1, 4 * mm),
            ]
        elif kind == "table":
            rows, columns = block[1], len(block[1][0])
            cells = [[Paragraph(html.escape(cell), styles["label" if at == 0 else "cell"]) for cell in row] for at, row in enumerate(rows)]
            first = width * (0.5 if columns == 2 else 0.36)
            story += [framed(cells, [first] + [(width - first) / (columns - 1) * 0.8] * (columns - 1)), Spacer(1, 4 * mm)]
        elif kind == "sign":
            greeting, *names = block[1]
            gap = Scrawl(look.random) if look.signed else Spacer(1, 9 * mm)
            story.append(
                KeepTogether(
                    [
                        Spacer(1, 4 * mm),
                        Paragraph(html.escape(greeting), ParagraphStyle("greeting", base, spaceAfter=0)),
                        gap,
                        Paragraph("<br/>".join(html.escape(name) for name in names), base),
                    ]
                )
            )
        elif kind == "heading":
            # A heading alone at the foot of a page is not how minutes are printed.
            story += [CondPageBreak(22 * mm), Paragraph(html.escape(block[1]), styles[kind])]
        else:
            story.append(Paragraph(html.escape(block[1]), styles[kind]))
    file = io.BytesIO()
    template = BaseDocTemplate(file, pagesize=A4, title=title, author="oppdiktet", lang="nn" if document.lang == "nn" else "nb")
    frame = Frame(24 * mm, 22 * mm, width, A4[1] - 40 * mm, 0, 0, 0, 0)

    def page(canvas, template):
        canvas._look_font = regular
        canvas.setFont(regular, 8)
        if template.page == 1:
            if document.kind == "letter":
                canvas.setFont(regular, 7.5 * factor)
                foot(canvas, document, look, width)
            if look.stamped:
                stamp(canvas, look.stamped, regular)
        elif document.running:
            canvas.drawString(24 * mm, A4[1] - 12 * mm, f"{document.place.unit}   {document.running}")

    template.addPageTemplates([PageTemplate("page", [frame], onPage=page)])
    template.build(story, canvasmaker=Numbered)
    return file.getvalue()


def heading_of(document, look, sender, regular, bold, size, width):
    """The letterhead in one of four manners, with the shield where the kommune itself writes."""
    name = sender or document.place.unit
    text = ParagraphStyle("head", fontName=bold, fontSize=size * 1.6, leading=size * 2, textColor=look.colour)
    if document.place.bydel and not sender:
        name = f"Oslo kommune<br/>{name}"
    if sender or look.head == "band":
        table = Table(
            [[Paragraph(name, ParagraphStyle("band", text, textColor=colors.white))]],
            colWidths=[width],
            style=TableStyle([("BACKGROUND", (0, 0), (-1, -1), look.colour), ("TOPPADDING", (0, 0), (-1, -1), 8), ("BOTTOMPADDING", (0, 0), (-1, -1), 10)]),
        )
        return [table, Spacer(1, 9 * mm)]
    arms = Shield(look)
    middle = TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    if look.head == "left":
        return [Table([[arms, Paragraph(name, text)]], colWidths=[18 * mm, width - 18 * mm], style=middle), Spacer(1, 8 * mm)]
    if look.head == "right":
        return [Table([[Paragraph(name, ParagraphStyle("right", text, alignment=TA_RIGHT)), arms]], colWidths=[width - 18 * mm, 18 * mm], style=middle), Spacer(1, 8 * mm)]
    arms.hAlign = "CENTER"
    return [arms, Paragraph(name, ParagraphStyle("centre", text, alignment=TA_CENTER)), Spacer(1, 8 * mm)]


def references(look, pairs, styles, width):
    """Deres ref., vår ref. and the date: side by side, or each on a line."""
    if look.charge % 2:
        cells = [[Paragraph(html.escape(label), styles["column"]) for label, _ in pairs], [Paragraph(html.escape(text), styles["cell"]) for _, text in pairs]]
        table = Table(
            cells,
            colWidths=[width / len(pairs)] * len(pairs),
            style=TableStyle(
                [
                    ("LEFTPADDING", (0, 0), (-1, -1), 0),
                    ("TOPPADDING", (0, 0), (-1, -1), 1),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
                    ("LINEBELOW", (0, 1), (-1, 1), 0.5, colors.grey),
                ]
            ),
        )
        return [table, Spacer(1, 5 * mm)]
    lines = "<br/>".join(f"{html.escape(label)}{'' if label.endswith('.') else ':'} {html.escape(text)}" for label, text in pairs)
    return [Paragraph(lines, styles["cell"]), Spacer(1, 6 * mm)]


def framed(cells, widths):
    return Table(
        cells,
        colWidths=widths,
        hAlign="LEFT",
        style=TableStyle(
            [("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 4)]
        ),
    )


def foot(canvas, document, look, width):
    """The foot of a letter's first page: where the kommune is reached."""
    if any(block[0] == "letterhead" and len(block) > 1 for block in document.blocks):
        return
    canvas.setStrokeColor(look.colour)
    canvas.line(24 * mm, 19 * mm, 24 * mm + width, 19 * mm)
    place = document.place
    for at, (label, text) in enumerate(
        (("Postadresse", f"{look.street}, {place.postal}"), ("E-post", f"postmottak@{place.domain}"), ("Nettsted" if document.lang == "nb" else "Nettstad", f"www.{place.domain}"))
    ):
        left = 24 * mm + (0, 0.3, 0.67)[at] * width
        canvas.drawString(left, 15 * mm, label)
        canvas.drawString(left, 11.5 * mm, text)


def stamp(canvas, text, font):
    """What the receiver's office put on the paper."""
    canvas.saveState()
    canvas.translate(A4[0] - 62 * mm, A4[1] - 57 * mm)
    canvas.rotate(4)
    canvas.setStrokeColor(colors.HexColor("#444466"))
    canvas.setFillColor(colors.HexColor("#444466"))
    canvas.setLineWidth(1.2)
    canvas.rect(0, 0, 38 * mm, 15 * mm)
    canvas.setFont(font, 9)
    for at, line in enumerate(text):
        canvas.drawCentredString(19 * mm, (10 - at * 6) * mm, line)
    canvas.restoreState()


def plain(document, width=None):
    """The blocks as a text file: what is left when layout is taken away. Lines are broken at `width` where it is given."""
    parts, last = [], None
    for kind, *rest in document.blocks:
        body = rest[0] if rest else None
        if kind == "letterhead":
            name = body or document.place.unit
            parts.append(["Oslo kommune", name] if document.place.bydel and not body else [name.upper()])
        elif kind in ("address", "sign"):
            parts.append(body)
        elif kind in ("refs", "head"):
            wide = max(len(label) for label, _ in body) + 3
            parts.append([f"{label + ':':{wide}}{text}" for label, text in body])
        elif kind == "table":
            wide = [max(len(row[at]) for row in body) + 3 for at in range(len(body[0]))]
            parts.append(["".join(f"{cell:{size}}" for cell, size in zip(row, wide)).rstrip() for row in body])
        elif kind == "title":
            parts.append([body.upper() if document.kind == "minutes" else body])
        else:
            lines = wrapped(body, width) if width else [body]
            if kind == "li" == last:
                parts[-1] += lines
            else:
                parts.append(lines)
        last = kind
    return "\n\n".join("\n".join(part) for part in parts) + "\n"
