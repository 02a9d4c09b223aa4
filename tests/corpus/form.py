"""Fills the form: asks the program for the blank and its zones, writes into each zone by type or by hand, and says what was written."""

import json
import pathlib
import subprocess

from PIL import Image, ImageDraw, ImageFont

import persons
from scan import PX_PER_MM, BASE_DPI

#: The root of the repository: the program looks for its forms from there.
ROOT = pathlib.Path(__file__).resolve().parents[2]
FONTS = "/usr/share/fonts/truetype"
TYPEFACES = {
    "sans": f"{FONTS}/liberation2/LiberationSans-Regular.ttf",
    "serif": f"{FONTS}/liberation2/LiberationSerif-Regular.ttf",
    "mono": f"{FONTS}/liberation2/LiberationMono-Regular.ttf",
    "dejavu": f"{FONTS}/dejavu/DejaVuSans.ttf",
    "dejavu-mono": f"{FONTS}/dejavu/DejaVuSansMono.ttf",
}
#: What a lone box and a signature say when nothing is there: the contract gives them true and false, so a blank one is not null.
UNMARKED = {"flag": False, "signature": False}
#: The right edge and the leading of free text.
FREE_MARGIN_MM, FREE_LEADING_MM = 3.0, 7.0


class Form:
    """The form as the program has it."""

    def __init__(self, program, name, work, folder="forms"):
        self.program, self.name, self.work, self.folder = program, name, work, folder
        self.zones = json.loads(run(program, "--forms", folder, "forms", "zones", name, "--json"))
        if self.zones["v"] != 1 or self.zones["page_mm"] != [210, 297]:
            raise SystemExit(f"the zones of {name} are not version 1 on A4")
        self.pages = self.zones["pages"]
        self.blanks = {}

    def blank(self, language):
        """The blank's pages as 8-bit grey at BASE_DPI."""
        if language not in self.blanks:
            pdf = self.work / f"{self.name}-{language}.pdf"
            run(self.program, "--forms", self.folder, "forms", "render", self.name, "--lang", language, "-o", str(pdf))
            self.blanks[language] = rasterise(pdf, self.work)
            if len(self.blanks[language]) != self.pages:
                raise SystemExit(f"the blank of {self.name} has {len(self.blanks[language])} pages; its zones say {self.pages}")
        return [page.copy() for page in self.blanks[language]]

    def fill(self, language, written, writer, only_page=None):
        """The pages with `written` on them, and the canonical value of every field; of one page's fields where `only_page` is given."""
        pages, expected, used = self.blank(language), {}, set()
        for field in self.zones["fields"]:
            name, value = field["name"], written.get(field["name"])
            used.add(name)
            if only_page and field["zones"][0]["page"] != only_page:
                continue
            expected[name] = UNMARKED.get(field["type"]) if value is None else persons.canonical(field["type"], value)
            if value is not None:
                self.write(pages, field, value, writer)
        if missing := set(written) - used:
            raise SystemExit(f"the form has no field {', '.join(sorted(missing))}: persons.py and the form have drifted apart")
        return pages, expected

    def write(self, pages, field, value, writer):
        for zone in field["zones"]:
            page, kind = pages[zone["page"] - 1], zone["kind"]
            if kind == "comb":
                if len(value) > len(zone["cells_mm"]):
                    raise SystemExit(f"{field['name']} has {len(zone['cells_mm'])} cells; {len(value)} characters do not fit")
                for cell, letter in zip(zone["cells_mm"], value):
                    if letter != " ":
                        writer.cell(page, cell, letter)
            elif kind == "checkbox":
                chosen = value if isinstance(value, tuple) else (value,)
                if zone.get("option") is None or zone["option"] in chosen:
                    writer.mark(page, zone["rect_mm"])
                elif zone["option"] in writer.withdrawn:
                    writer.withdraw(page, zone["rect_mm"])
            elif kind == "print":
                writer.line(page, zone["rect_mm"], value)
            elif kind == "free":
                writer.free(page, zone["rect_mm"], value)
            elif kind == "signature":
                writer.sign(page, zone["rect_mm"], value)
            else:
                raise SystemExit(f"no way to fill a zone of kind {kind}")


class Typed:
    """Fills by typewriter or printer; boxes and signatures by pen."""

    withdrawn = ()

    def __init__(self, random, hand, typeface, size_pt, marks="x"):
        self.random, self.hand, self.marks = random, hand, marks
        self.font = ImageFont.truetype(TYPEFACES[typeface], round(size_pt / 72 * BASE_DPI))
        self.small = ImageFont.truetype(TYPEFACES[typeface], round(min(size_pt, 10.5) / 72 * BASE_DPI))
        self.ink = random.randint(0, 45)

    def text(self, page, x_mm, base_mm, text, font, anchor):
        ImageDraw.Draw(page).text((x_mm * PX_PER_MM, base_mm * PX_PER_MM), text, font=font, fill=self.ink, anchor=anchor)

    def cell(self, page, cell, letter):
        x, y, w, h = cell
        self.text(page, x + w / 2 + self.random.uniform(-.25, .25), y + h * .73 + self.random.uniform(-.2, .2), letter, self.font, "ms")

    def mark(self, page, box):
        x, y, w, h = box
        if self.marks == "x":
            self.text(page, x + w / 2 + self.random.uniform(-.15, .15), y + h / 2 + self.random.uniform(-.15, .15), "X", self.font, "mm")
        elif self.marks == "tick":
            self.hand.tick(page, box)
        else:
            self.hand.cross(page, box)

    def line(self, page, rect, value):
        x, y, _, h = rect
        self.text(page, x + 1.8, y + h * .68, value, self.font, "ls")

    def free(self, page, rect, value):
        x, y, w, _ = rect
        width = (w - 2 * FREE_MARGIN_MM) * PX_PER_MM
        for number, line in enumerate(wrapped(value, lambda text: self.small.getlength(text) <= width)):
            self.text(page, x + FREE_MARGIN_MM, y + 6.5 + number * FREE_LEADING_MM, line, self.small, "ls")

    def sign(self, page, rect, name):
        self.hand.signature(page, rect, name)


class Handwritten:
    """Fills by hand: a capital a cell, a cross or a tick a box. `withdrawn` are options whose box is filled in beside the answer."""

    def __init__(self, hand, ticks=False, withdrawn=()):
        self.hand, self.ticks, self.withdrawn = hand, ticks, withdrawn

    def cell(self, page, cell, letter):
        x, y, w, h = cell
        narrow = 0.32 if letter in "I1.,'" else 0.62
        size = min(self.hand.size_mm, h * .72)
        width = min(size * narrow * 1.1, w * .78)
        dx, dy = self.hand.random.uniform(-.35, .35), self.hand.random.uniform(-.4, .35)
        self.hand.glyph(page, letter, x + (w - width) / 2 + dx, y + h * .8 + dy, width, size)

    def mark(self, page, box):
        (self.hand.tick if self.ticks else self.hand.cross)(page, box)

    def withdraw(self, page, box):
        self.hand.fill(page, box)

    def line(self, page, rect, value):
        x, y, _, h = rect
        self.hand.text(page, value, x + 2.5, y + h * .7, min(self.hand.size_mm, 4.2))

    def free(self, page, rect, value):
        x, y, w, _ = rect
        size = min(self.hand.size_mm, 4.4)
        room = int((w - 2 * FREE_MARGIN_MM) / (size * .78))
        for number, line in enumerate(wrapped(value, lambda text: len(text) <= room)):
            self.hand.text(page, line, x + FREE_MARGIN_MM, y + 8 + number * 9, size)

    def sign(self, page, rect, name):
        self.hand.signature(page, rect, name)


def wrapped(text, fits):
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if fits(longer) or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def rasterise(pdf, work):
    """The pages of a PDF as 8-bit grey at BASE_DPI (poppler)."""
    stem = work / f"{pdf.stem}-page"
    run("pdftoppm", "-r", str(BASE_DPI), "-gray", str(pdf), str(stem))
    files = sorted(work.glob(f"{stem.name}-*.pgm"))
    pages = []
    for file in files:
        with Image.open(file) as page:
            pages.append(page.convert("L"))
        file.unlink()
    if not pages:
        raise SystemExit(f"pdftoppm made nothing of {pdf.name}")
    return pages


def run(*command):
    try:
        done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    except FileNotFoundError:
        raise SystemExit(f"{command[0]} is not there: apt-get install poppler-utils, or give the built program") from None
    except subprocess.CalledProcessError as failed:
        raise SystemExit(f"{' '.join(command[:4])} failed: {failed.stderr.decode(errors='replace').strip()}") from None
    return done.stdout
