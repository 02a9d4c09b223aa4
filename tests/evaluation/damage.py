#!/usr/bin/env python3
"""Makes damaged pages: the form filled in by hand, scanned and spoilt in the ways a mail room meets, to measure whether pages are found, straightened and read, and
above all whether anything wrong is accepted.

    damage.py PROGRAM DATA OUT [--part tuning|frozen] [--each N] [--only KIND ...]

PROGRAM is the built postsluse, DATA the handwriting and fonts (training/README.md), OUT the folder to write to. The same arguments give the same bytes. Document
NAME has its true values in NAME.expected.json as docs/contracts.md says, with `damage` (the kind), `pages` (the form's pages that are in it, in order), `second` (the
values of a second form in the file) and `unseen` (fields that nobody could read any more: of them nothing at all may be taken for known).
"""

import argparse
import json
import pathlib
import tempfile
from random import Random

from PIL import Image

import generate  # says where the other files of tests/corpus are
import harm
import scan
import scribes
import strangers
from form import Form
from generate import Banks, People, anybody
from harm import A4_MM, CODE_MM
from scan import PX_PER_MM, Scan


class Document:
    """What is being made: pages on paper, what is true of them, and what cannot be seen any more."""

    def __init__(self, pages, form, fields, random):
        self.pages, self.form, self.fields, self.random = pages, form, fields, random
        self.numbers = list(range(1, len(pages) + 1)) if form else []
        self.second, self.unseen = None, set()

    def keep(self, order):
        """Keeps these of its pages, in this order; none is a blank sheet."""
        blank = Image.new(self.pages[0].mode, self.pages[0].size, "white")
        self.pages = [blank if at is None else self.pages[at] for at in order]
        self.numbers = [self.numbers[at] for at in order if at is not None]


class Bench:
    """The form, the hands and the persons. One filled-in form a number serves all kinds."""

    def __init__(self, program, data, part, work):
        self.program, self.part, self.work = program, part, work
        self.banks, self.people = Banks(data, part), People(data)
        self.form = Form(program, "privatboende", work)
        self.cyrillic = sorted((data / "fonts").glob("*.cyrillic.ttf"))
        self.filled, self.others = {}, {}

    def random(self, *what):
        return Random(f"postsluse damage 1 {self.part} {what}")

    def writer(self, random):
        return anybody(self.banks, random)

    def written(self, random, form=None):
        return self.people.form((form or self.form).zones, random, 0.8)

    def person(self, number):
        """The pages and values of form `number`; only the last few are kept, for they are large."""
        if number not in self.filled:
            random = self.random("person", number)
            writer = self.writer(random)
            self.filled = {key: value for key, value in self.filled.items() if key == number - 1}
            self.filled[number] = self.form.fill("nb", self.written(random), writer)
        pages, fields = self.filled[number]
        return [page.copy() for page in pages], dict(fields)

    def other(self, name):
        """Forms that the office does not have."""
        if name not in self.others:
            if name == "maaling":
                self.others[name] = Form(self.program, name, self.work, "tests/evaluation/forms")
            else:
                self.others[name] = strangers.other_version(self.program, self.work, name == "changed")
        return self.others[name]


# How a document is written. Each takes the bench, the number and a random source.

def usual(bench, number, random):
    return Document(*tagged(bench.person(number)), random)


def tagged(filled):
    pages, fields = filled
    return pages, "privatboende", fields


def two_forms(bench, number, random):
    first = usual(bench, number, random)
    pages, first.second = bench.person(number + 1)
    first.pages += pages
    first.numbers += [1, 2, 3, 4]
    return first


def crowded(bench, number, random):
    return Document(*tagged(scribes.crowded(bench.form, bench.written(random), bench.writer(random), random)), random)


def outside(bench, number, random):
    return Document(*tagged(scribes.outside(bench.form, bench.written(random), bench.writer(random), random)), random)


def pencil(bench, number, random):
    return Document(*tagged(bench.form.fill("nb", bench.written(random), scribes.pencilled(bench.writer(random), random))), random)


def red_pen(bench, number, random):
    pages, fields = bench.person(number)
    return Document(scribes.reddened(bench.form.blank("nb"), pages, random), "privatboende", fields, random)


def cyrillic(bench, number, random):
    return Document(*tagged(scribes.cyrillic(bench.form, bench.written(random), bench.writer(random), random, bench.cyrillic)), random)


def arabic(bench, number, random):
    return Document(*tagged(scribes.arabic(bench.form, bench.written(random), bench.writer(random), random, joined=number % 2 == 1)), random)


def empty_sheet(shade):
    def write(bench, number, random):
        page = Image.new("L", tuple(round(side * PX_PER_MM) for side in A4_MM), shade)
        return Document([page], None, {}, random)
    return write


def letter_like(bench, number, random):
    return Document([strangers.letter_like(bench.writer(random), random)], None, {}, random)


def table_like(bench, number, random):
    return Document([strangers.table_like(bench.writer(random), random)], None, {}, random)


def other_form(name):
    """Filled in as well as any, but not the form we know: nothing of it may be read by our zones. What is written is told, to see what would come of it."""
    def write(bench, number, random):
        form = bench.other(name)
        pages, fields = form.fill("nb", bench.written(random, form), bench.writer(random))
        return Document(pages, None, fields, random)
    return write


# What happens to the paper: to the document as a whole, or (`sheets`) to a page, and then a mask may be given of what is hidden by it.

def sheets(harmed):
    """Does it to every sheet, and notes what cannot be seen any more."""
    def paper(bench, document):
        for index, number in enumerate(document.numbers or [None] * len(document.pages)):
            mask = harmed(document.pages[index], document.random, bench, number)
            if mask is not None and document.form:
                document.unseen |= unseen(bench.form.zones, document.fields, number, mask)
    return paper


def unseen(zones, fields, number, mask):
    """The fields of a page of which the mask hides something that matters: a box, a cell that may hold a character, most of another zone."""
    found = set()
    for field in zones["fields"]:
        for zone in field["zones"]:
            if zone["page"] != number:
                continue
            used = len(str(fields.get(field["name"]) or "")) + 1
            rects = zone["cells_mm"][:used] if zone.get("cells_mm") else [zone["rect_mm"]]
            if any(share(mask, rect) > 0.25 for rect in rects):
                found.add(field["name"])
    return found


def share(mask, rect):
    x, y, w, h = rect
    part = mask[round(y):max(round(y) + 1, round(y + h)), round(x):max(round(x) + 1, round(x + w))]
    return float(part.mean()) if part.size else 1.0


def lost_marks(count):
    def harmed(page, random, bench, number):
        for mark in random.sample(range(6), count):
            harm.lose_mark(page, mark, random)
    return sheets(harmed)


def code_stamped(page, random, bench, number):
    x, y, w, h = CODE_MM
    for _ in range(2):
        harm.stamp(page, x + w / 2 + random.uniform(-4, 1), y + h / 2 + random.uniform(-2, 2), random, size_mm=(32, 17), strength=1.0)


def code_stained(page, random, bench, number):
    """Wet, the print has run."""
    x, y, w, h = CODE_MM
    box = tuple(harm.px(value) for value in (x - 2, y - 2, x + w + 2, y + h + 2))
    part = page.crop(box)
    page.paste(Image.blend(part, part.filter(harm.ImageFilter.GaussianBlur(16)), 0.93), box[:2])
    harm.coffee(page, x + w / 2, y + h / 2, random, (12, 16), 0.6)


def code_torn(page, random, bench, number):
    return harm.torn_corner(page, 1, (random.uniform(58, 68), random.uniform(46, 54)), random, 255)


def code_labelled(page, random, bench, number):
    x, y, _, _ = CODE_MM
    harm.label(page, x - random.uniform(4, 14), y - random.uniform(1, 3), 32, 22, random)


def place_for(stamp_mm, zones, number, random, within):
    """A place for a stamp on a page: free of fields, or partly over one."""
    rects = [zone["rect_mm"] for field in zones["fields"] for zone in field["zones"] if zone["page"] == number]
    w, h = stamp_mm[0] + 4, stamp_mm[1] + 8
    for _ in range(4000):
        x, y = random.uniform(25, 185), random.uniform(36, 270)
        over = sum(max(0, min(x + w / 2, a + c) - max(x - w / 2, a)) * max(0, min(y + h / 2, b + d) - max(y - h / 2, b)) for a, b, c, d in rects)
        if (over == 0) != within and (not within or over < 0.5 * w * h):
            return x, y
    return None


def stamped(within):
    def harmed(page, random, bench, number):
        for size in ((46, 22), (36, 15), (30, 11)):
            place = place_for(size, bench.form.zones, number, random, within)
            if place:
                harm.stamp(page, *place, random, size, random.uniform(0.55, 0.95), random.uniform(-5, 5))
                return
        # A page with no room among its fields is stamped in its head.
        harm.stamp(page, 105, 14, random, (30, 11), 0.9, random.uniform(-4, 4))
    return sheets(harmed)


def punched(page, random, bench, number):
    harm.holes(page, random)


def stapled(page, random, bench, number):
    harm.staples(page, random)


def torn_far(page, random, bench, number):
    return harm.torn_corner(page, random.randrange(4), (random.uniform(45, 95), random.uniform(45, 95)), random, random.choice((255, 255, 30)))


def torn_off(page, random, bench, number):
    return harm.torn_strip(page, random.randrange(4), random.uniform(15, 60), random, random.choice((255, 255, 30)))


def folded(page, random, bench, number):
    return harm.folded(page, random)


def coffee(page, random, bench, number):
    for _ in range(random.choice((1, 2, 3))):
        harm.coffee(page, random.uniform(30, 180), random.uniform(50, 270), random)


def thrice_copied(bench, document):
    for _ in range(3):
        document.pages = [harm.photocopied(page, document.random) for page in document.pages]


def shuffled(bench, document):
    order = list(range(4))
    while order == sorted(order):
        document.random.shuffle(order)
    document.keep(order)


def doubled(bench, document):
    order, twice = list(range(4)), document.random.randrange(4)
    order.insert(document.random.choice((twice, 4)), twice)
    document.keep(order)


def one_missing(bench, document):
    gone = document.random.randrange(4)
    document.keep([at for at in range(4) if at != gone])
    document.unseen = {field["name"] for field in bench.form.zones["fields"] if any(zone["page"] == gone + 1 for zone in field["zones"])}


def blank_backs(bench, document):
    document.keep([0, None, 1, None, 2, None, 3, None])


# How it is scanned.

def office(random, **given):
    """A document scanner in good order."""
    usual = dict(dpi=300, skew=random.uniform(-1.5, 1.5), scale=random.uniform(0.97, 1.0), shade=random.randint(243, 255), light=random.choice((0, 0, 10)), blur=random.uniform(0.3, 0.6), noise=random.uniform(0, 2), specks=random.choice((0, 30)), threshold=random.randint(145, 170))
    return Scan(**(usual | given))


def scanned(page, scanner, random):
    """A page in grey, or one in colour band by band under the same light."""
    if page.mode == "L":
        return scanner.grey(page, random)
    seed = random.getrandbits(32)
    return Image.merge("RGB", [scanner.grey(band, Random(seed)) for band in page.split()])


def black_and_white(picture, threshold):
    return picture.convert("L").point(lambda value: 255 if value >= threshold else 0).convert("1", dither=Image.Dither.NONE)


class Kind:
    """One kind of damage: how the document is written, what happens to the paper, how it is scanned (`scan`, settings of the scanner), what happens to each picture of it,
    and what file it becomes: `g4`, `grey`, `colour` or `jpeg40`, one of several by the document's number; `photo` is one page as JPEG."""

    def __init__(self, write=usual, paper=None, scan=None, picture=None, files=("g4", "grey")):
        self.write, self.paper, self.scan, self.picture, self.files = write, paper, scan, picture, files

    def make(self, bench, name, number, each):
        random = bench.random(name, number)
        file = self.files[number % len(self.files)]
        document = self.write(bench, number, random)
        if file in ("colour", "photo-colour"):
            document.pages = [page.convert("RGB") for page in document.pages]
        if self.paper:
            self.paper(bench, document)
        if file.startswith("photo"):
            at = number % len(document.pages)
            only(document, at, bench.form.zones)
        scanner = office(random, **(self.scan(random, (number + random.random()) / each) if self.scan else {}))
        pictures = [scanned(page, scanner, random) for page in document.pages]
        if self.picture:
            pictures = [self.picture(picture, random, (number + random.random()) / each) for picture in pictures]
        return document, pictures, scanner, file


def only(document, at, zones):
    """A document of one of its pages."""
    document.keep([at])
    here = {field["name"] for field in zones["fields"] if field["zones"][0]["page"] == at + 1}
    document.fields = {name: value for name, value in document.fields.items() if name in here}


def between(least, most):
    """A setting that covers a range evenly over the documents of a kind."""
    return lambda share: least + (most - least) * share


def skewed(least, most):
    angle = between(least, most)
    return Kind(scan=lambda random, share: dict(skew=0), picture=lambda picture, random, share: harm.turned(picture, angle(share), random.choice((255, 255, 60))))


def turned(degrees):
    return Kind(picture=lambda picture, random, share: harm.turned(picture, degrees))


def printed(least, most):
    scale = between(least, most)
    return Kind(scan=lambda random, share: dict(scale=scale(share)))


def resolved(dpi):
    return Kind(scan=lambda random, share: dict(dpi=dpi))


PHOTO = dict(scan=lambda random, share: dict(skew=0, scale=1.0, light=0, specks=0), picture=lambda picture, random, share: harm.photographed(picture, random))

KINDS = {
    "whole": Kind(),
    "skew-left-0-5": skewed(0, 5), "skew-left-5-10": skewed(5, 10), "skew-right-0-5": skewed(0, -5), "skew-right-5-10": skewed(-5, -10),
    "turned-90": turned(90), "turned-180": turned(180), "turned-270": turned(270),
    "scale-90-95": printed(0.90, 0.95), "scale-95-100": printed(0.95, 1.0), "scale-100-105": printed(1.0, 1.05),
    "photo-grey": Kind(**PHOTO, files=("photo-grey",)), "photo-colour": Kind(**PHOTO, files=("photo-colour",)),
    "dpi-150": resolved(150), "dpi-200": resolved(200), "dpi-300": resolved(300), "dpi-400": resolved(400), "dpi-600": resolved(600),
    "file-g4": Kind(files=("g4",)), "file-grey": Kind(files=("grey",)), "file-colour": Kind(files=("colour",)), "file-jpeg-40": Kind(files=("jpeg40",)),
    "mark-lost": Kind(paper=lost_marks(1)), "marks-lost-two": Kind(paper=lost_marks(2)),
    "code-stamped": Kind(paper=sheets(code_stamped)), "code-stained": Kind(paper=sheets(code_stained)), "code-torn": Kind(paper=sheets(code_torn)),
    "code-labelled": Kind(paper=sheets(code_labelled)),
    "stamp-over-print": Kind(paper=stamped(False), files=("g4", "colour")), "stamp-over-fields": Kind(paper=stamped(True), files=("g4", "colour")),
    "staples": Kind(paper=sheets(stapled)), "punch-holes": Kind(paper=sheets(punched)),
    "shuffled": Kind(paper=shuffled), "page-doubled": Kind(paper=doubled), "page-missing": Kind(paper=one_missing), "two-forms": Kind(write=two_forms), "blank-backs": Kind(paper=blank_backs),
    # From here on: nothing wrong may be accepted, and little else is asked.
    "white": Kind(write=empty_sheet(255)), "black": Kind(write=empty_sheet(12), scan=lambda random, share: dict(skew=0, scale=1.2)),
    "torn-corner": Kind(paper=sheets(torn_far)), "torn-strip": Kind(paper=sheets(torn_off)), "folded": Kind(paper=sheets(folded)),
    "coffee": Kind(paper=sheets(coffee), files=("g4", "colour", "grey")), "copied-thrice": Kind(paper=thrice_copied),
    "two-in-a-cell": Kind(write=crowded), "outside-cells": Kind(write=outside),
    "pencil": Kind(write=pencil, scan=lambda random, share: dict(shade=252, light=0, specks=0, threshold=random.randint(205, 215)), files=("grey", "g4")), "red-pen": Kind(write=red_pen, files=("colour",)),
    "cyrillic": Kind(write=cyrillic), "arabic": Kind(write=arabic),
    "stranger-form": Kind(write=letter_like), "stranger-table": Kind(write=table_like),
    "our-other-form": Kind(write=other_form("maaling")), "our-other-form-no-code": Kind(write=other_form("maaling"), paper=sheets(code_labelled)),
    "unknown-version": Kind(write=other_form("same")), "unknown-version-no-code": Kind(write=other_form("changed"), paper=sheets(code_labelled)),
}


def save(out, stem, pictures, scanner, file, random):
    """Writes the file; its ending says what it is."""
    if file == "g4":
        scan.save_tiff(out / f"{stem}.tif", [black_and_white(picture, scanner.threshold) for picture in pictures], scanner.dpi)
    elif file.startswith("photo"):
        (out / f"{stem}.jpg").write_bytes(scan.jpeg(pictures[0], random.randint(60, 85), scanner.dpi))
    elif len(pictures) == 1 and file == "grey":
        pictures[0].save(out / f"{stem}.png", dpi=(scanner.dpi, scanner.dpi))
    else:
        scan.save_pdf(out / f"{stem}.pdf", pictures, scanner.dpi, 40 if file == "jpeg40" else random.randint(60, 85))


def expect(out, stem, name, document, scanner, file):
    expected = {"form": document.form, "fields": document.fields, "damage": name, "pages": document.numbers, "unseen": sorted(document.unseen)}
    if document.second is not None:
        expected["second"] = document.second
    expected["made"] = {"scan": file, "dpi": scanner.dpi, "skew": round(scanner.skew, 2), "scale": round(scanner.scale, 3)}
    (out / f"{stem}.expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("data", type=pathlib.Path)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--part", choices=("tuning", "frozen"), default="tuning")
    arguments.add_argument("--each", type=int, default=10)
    arguments.add_argument("--only", nargs="+", choices=KINDS, metavar="KIND")
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(str(pathlib.Path(options.program).resolve()), options.data, options.part, pathlib.Path(work))
        for number in range(options.each):
            for name in options.only or KINDS:
                document, pictures, scanner, file = KINDS[name].make(bench, name, number, options.each)
                stem = f"{name}-{number:03}"
                save(options.out, stem, pictures, scanner, file, document.random)
                expect(options.out, stem, name, document, scanner, file)


if __name__ == "__main__":
    main()
