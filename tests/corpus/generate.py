#!/usr/bin/env python3
"""Makes the samples of tests/corpus: the form filled in, letters from kommuner, and post that is neither.

    generate.py PROGRAM [OUT]

PROGRAM is the built postsluse (it makes the blank and tells the zones); OUT is the folder to write to, this one by default. The same program and the
same versions of the tools give the same bytes. README.md says what each sample is for.
"""

import json
import pathlib
import sys
import tempfile
from random import Random

from PIL import Image, ImageDraw, ImageFont
from reportlab.graphics.barcode import qrencoder
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

import foreign
import letters
import persons
import scan
from form import TYPEFACES, Form, Handwritten, Typed, rasterise
from pen import Hand
from scan import PX_PER_MM, Scan

FORM = "privatboende"
BYTES_MAX = 6_000_000


class Corpus:
    """The folder being filled. Every sample has a name, its bytes, and what must be read from it."""

    def __init__(self, program, out, work):
        self.program, self.out, self.work, self.made = program, out, work, {}
        self.form = Form(program, FORM, work)

    def random(self, name):
        """A random source that depends on the sample alone, so that one more sample changes no other."""
        return Random(f"postsluse corpus 1 {name}")

    def expect(self, name, form, fields):
        """Writes NAME.expected.json for a file, and keeps count."""
        path = self.out / name
        if path.stem in self.made:
            raise SystemExit(f"two samples are called {path.stem}")
        self.made[path.stem] = path
        expected = {"form": form, "fields": fields}
        path.with_suffix(".expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def scanned(self, name, pages, how, quality=None, colour=False, order=None):
        """Scans clean pages into a file whose kind its name says. `order` puts them in another order; None in it is a blank back side."""
        random = self.random(f"scan {name}")
        paper = Image.new("L", pages[0].size, 255)
        sequence = [paper if at is None else pages[at] for at in (order or range(len(pages)))]
        kind = name.rsplit(".", 1)[1]
        if kind == "tif" or (kind == "pdf" and quality is None):
            made = [how.bitonal(page, random) for page in sequence]
        elif colour:
            made = [how.colour(page, random) for page in sequence]
        else:
            made = [how.grey(page, random) for page in sequence]
        path = self.out / name
        if kind == "tif":
            scan.save_tiff(path, made, how.dpi)
            self.same_pages(path, made)
        elif kind == "pdf":
            scan.save_pdf(path, made, how.dpi, quality)
        elif kind == "png":
            made[0].quantize(16).save(path, dpi=(how.dpi, how.dpi), optimize=True)
        else:
            path.write_bytes(scan.jpeg(made[0], quality, how.dpi))

    def same_pages(self, path, made):
        """A TIFF of our own making is read back by somebody else's reader."""
        with Image.open(path) as file:
            if file.n_frames != len(made):
                raise SystemExit(f"{path.name} reads back with {file.n_frames} pages; {len(made)} were written")
            for number, page in enumerate(made):
                file.seek(number)
                if file.convert("1").tobytes() != page.tobytes():
                    raise SystemExit(f"page {number + 1} of {path.name} does not read back as it was written")

    def typed(self, name, person, how, typeface, size_pt, language="nb", marks="x", only_page=None, **scanning):
        random = self.random(name)
        writer = Typed(random, Hand(random, PX_PER_MM, ink=30), typeface, size_pt, marks)
        self.filled(name, person, how, writer, language, only_page, scanning)

    def handwritten(self, name, person, how, hand, language="nb", ticks=False, withdrawn=(), **scanning):
        random = self.random(name)
        writer = Handwritten(Hand(random, PX_PER_MM, **hand), ticks, withdrawn)
        self.filled(name, person, how, writer, language, None, scanning)

    def filled(self, name, person, how, writer, language, only_page, scanning):
        pages, fields = self.form.fill(language, persons.PEOPLE[person], writer, only_page)
        if only_page:
            pages = [pages[only_page - 1]]
        self.scanned(name, pages, how, **scanning)
        self.expect(name, self.form.name, fields)

    def letter(self, name, letter, values, how=None, typeface="LiberationSans", form="vedtak", **scanning):
        """A letter: born digital, or printed and scanned when `how` is given."""
        born = letters.pdf(letter, pathlib.Path(name).stem, typeface)
        path = self.out / name
        if how is None:
            path.write_bytes(born)
        else:
            source = self.work / f"{path.stem}.pdf"
            source.write_bytes(born)
            self.scanned(name, rasterise(source, self.work), how, **scanning)
        self.expect(name, form, values)

    def text(self, name, letter, values, encoding):
        (self.out / name).write_bytes(letters.plain(letter).encode(encoding))
        self.expect(name, "vedtak", values)


def forms(corpus):
    """The form, typed: every field of these must be read exactly."""
    corpus.typed("skjema-typed-nb-g4.tif", "nurse", Scan(300, skew=.7, scale=.99, specks=40), "sans", 11)
    corpus.typed("skjema-typed-nn-grey.pdf", "carpenter", Scan(200, skew=-1.2, scale=.98, shade=247, noise=2, light=10), "mono", 12, "nn", "cross", quality=48)
    corpus.typed("skjema-typed-upside-down.pdf", "driver", Scan(200, skew=1.6, turned=True, threshold=160), "serif", 12.5)
    corpus.typed("skjema-typed-shuffled-duplex.tif", "minor", Scan(300, skew=2.4, scale=1.02, staple=True), "dejavu", 10, marks="tick", order=[2, None, 0, None, 3, None, 1, None])
    corpus.typed("skjema-typed-colour.pdf", "minor", Scan(200, skew=-.5, scale=.96, shade=244, noise=1.5, holes=True), "dejavu-mono", 10.5, colour=True, quality=45)
    corpus.typed("skjema-typed-400dpi.tif", "carpenter", Scan(400, skew=-2.8, scale=1.01), "dejavu", 11, "nn")
    corpus.typed("skjema-typed-one-page.png", "nurse", Scan(200, skew=.4, shade=252), "mono", 11, only_page=1)
    corpus.typed("skjema-typed-second-page.jpg", "driver", Scan(200, skew=-.9, shade=246, noise=2.5, light=14), "sans", 11.5, only_page=2, quality=60)
    # By hand: what is accepted must be exact; free text always waits for a person.
    corpus.handwritten("skjema-hand-nb-g4.tif", "carpenter", Scan(300, skew=-2.1, scale=.98, specks=60), dict(ink=20, pen_mm=.5, slant=.1, size_mm=4.3))
    corpus.handwritten("skjema-hand-nb-grey.pdf", "nurse", Scan(200, skew=1.1, shade=243, noise=2, light=22, holes=True), dict(ink=55, pen_mm=.42, slant=.04, size_mm=4.0), ticks=True, quality=45)
    corpus.handwritten("skjema-hand-withdrawn-g4.pdf", "driver", Scan(300, skew=.3, staple=True), dict(ink=35, pen_mm=.6, slant=-.06, size_mm=4.6), withdrawn=("gift",))
    corpus.handwritten("skjema-hand-poor-200dpi.tif", "minor", Scan(200, skew=3.0, scale=.97, specks=180, blur=.7, threshold=165), dict(ink=70, pen_mm=.4, slant=.16, size_mm=3.8, shake=.05), "nn")
    blank, nothing = corpus.form.fill("nb", {}, None)
    corpus.scanned("skjema-blank.tif", blank, Scan(300, skew=.2))
    corpus.expect("skjema-blank.tif", FORM, nothing)


def strangers(corpus):
    """A form that another body prints, in a folder of its own with its definition."""
    definition = corpus.out / "fremmed" / "arbeidslivsetaten.xml"
    corpus.form = foreign.Foreign(corpus.program, "introplan", corpus.work, definition)
    corpus.typed("fremmed/introplan-typed-g4.tif", "cook", Scan(300, skew=1.8, scale=.97, specks=40), "sans", 11)
    corpus.typed("fremmed/introplan-typed-turned.pdf", "cook", Scan(200, skew=-2.4, scale=1.01, turned=True, shade=246, noise=2, light=12), "mono", 11.5, quality=55)
    corpus.handwritten("fremmed/introplan-hand.pdf", "cook", Scan(300, skew=-4.5, scale=.94, shade=250, staple=True), dict(ink=40, pen_mm=.45, slant=.08, size_mm=4.4), quality=55)


def measured(corpus):
    """A page with 200 filled cells and 30 boxes, for `make bench`."""
    corpus.form = Form(corpus.program, "fullside", corpus.work, str(corpus.out / "fullside"))
    corpus.handwritten("fullside/fullside-hand-grey.pdf", "full", Scan(300, skew=.9, shade=248, noise=2, light=10), dict(ink=35, pen_mm=.45, slant=.06, size_mm=4.3), quality=60)


def decisions(corpus):
    """Letters on settlement: clear ones, a refusal, and two that decide nothing."""
    corpus.letter("vedtak-clear-nb.pdf", letters.CLEAR_NB, letters.CLEAR_NB_VALUES)
    corpus.letter("vedtak-clear-nn.pdf", letters.CLEAR_NN, letters.CLEAR_NN_VALUES, typeface=None)
    corpus.text("vedtak-clear-nb-utf8.txt", letters.MINUTES_NB, letters.MINUTES_NB_VALUES, "utf-8")
    corpus.text("vedtak-clear-nb-windows1252.txt", letters.NOTICE_NB, letters.NOTICE_NB_VALUES, "cp1252")
    corpus.text("vedtak-two-years-nn.txt", letters.TWO_YEARS_NN, letters.TWO_YEARS_NN_VALUES, "utf-8")
    corpus.letter("vedtak-scan-nb-g4.pdf", letters.SCAN_NB, letters.SCAN_NB_VALUES, Scan(300, skew=1.3, specks=40), "LiberationSerif")
    corpus.letter("vedtak-scan-nn-grey.pdf", letters.SCAN_NN, letters.SCAN_NN_VALUES, Scan(200, skew=-.8, shade=245, noise=2, light=12, holes=True), quality=60)
    corpus.letter("vedtak-refusal-nb.pdf", letters.REFUSAL_NB, letters.REFUSAL_NB_VALUES)
    corpus.letter("vedtak-recommendation-nb.pdf", letters.RECOMMENDATION_NB, letters.RECOMMENDATION_NB_VALUES)
    corpus.text("vedtak-recommendation-nn.txt", letters.RECOMMENDATION_NN, letters.RECOMMENDATION_NN_VALUES, "utf-8")


def others(corpus):
    """Post that is neither a form nor a decision."""
    corpus.letter("annet-legeerklaering.pdf", letters.DOCTOR, {}, Scan(200, skew=-1.0, specks=30), form=None)
    corpus.letter("annet-vedlegg.jpg", letters.ENCLOSURE, {}, Scan(150, skew=.6, shade=240, noise=2), form=None, quality=55)
    corpus.scanned("annet-reklame-qr.png", [advertisement()], Scan(150, skew=.8))
    corpus.expect("annet-reklame-qr.png", None, {})


def advertisement():
    """A page with a square code that is not ours."""
    page = Image.new("L", (round(210 * PX_PER_MM), round(297 * PX_PER_MM)), 255)
    pencil = ImageDraw.Draw(page)
    def write(y_mm, size_pt, text):
        font = ImageFont.truetype(TYPEFACES["sans"], round(size_pt / 72 * scan.BASE_DPI))
        pencil.text((105 * PX_PER_MM, y_mm * PX_PER_MM), text, font=font, fill=0, anchor="mm")
    write(60, 34, "Kopipapir til kontoret")
    write(80, 18, "Tre esker for prisen av to ut november")
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData("https://kopipapir.example/tilbud?kode=H26")
    code.make()
    modules, step = code.getModuleCount(), 1.6 * PX_PER_MM
    left, top = page.width / 2 - modules * step / 2, 110 * PX_PER_MM
    for row in range(modules):
        for column in range(modules):
            if code.isDark(row, column):
                x, y = left + column * step, top + row * step
                pencil.rectangle([round(x), round(y), round(x + step) - 1, round(y + step) - 1], fill=0)
    write(190, 14, "Skann koden og bestill i dag")
    return page


def locked(path):
    """A PDF that opens with a password only."""
    canvas = Canvas(str(path), encrypt=StandardEncryption("oppdiktet", ownerPassword="eier", strength=128), invariant=1)
    canvas.drawString(72, 720, "Bare til prøve")
    canvas.save()


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    program = str(pathlib.Path(sys.argv[1]).resolve())
    out = pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else __file__).resolve()
    out = out.parent if out.is_file() else out
    (out / "bad").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        corpus = Corpus(program, out, pathlib.Path(work))
        for part in (forms, decisions, others, strangers, measured):
            part(corpus)
    locked(out / "bad" / "locked.pdf")
    report(corpus)


def report(corpus):
    """Says what was made, and fails when it is too much or something is missing."""
    total = 0
    for path in corpus.made.values():
        size = path.stat().st_size
        total += size
        print(f"{size:9,} {path.name}", file=sys.stderr)
    print(f"{total:9,} bytes in {len(corpus.made)} samples", file=sys.stderr)
    if total > BYTES_MAX:
        raise SystemExit(f"the samples are {total} bytes; the limit is {BYTES_MAX}")
    if stray := [path.name for path in corpus.out.glob("*.expected.json") if path.name.removesuffix(".expected.json") not in corpus.made]:
        raise SystemExit(f"expected values without a sample: {', '.join(sorted(stray))}\nremove them if the sample is gone on purpose")


if __name__ == "__main__":
    main()
