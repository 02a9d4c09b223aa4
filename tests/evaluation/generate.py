#!/usr/bin/env python3
"""Makes filled-in forms to measure reading on: written with characters that training never saw, scanned in every way of scan.py.

    generate.py PROGRAM DATA OUT --part tuning|frozen [--form privatboende|maaling] [--forms N]

PROGRAM is the built postsluse; DATA holds the handwriting and the fonts that training is documented with (training/README.md); OUT is the folder to write to. The characters
are those that training/sources.py keeps aside, in two parts that share no picture: to choose thresholds on (`tuning`), and to measure with (`frozen`). The same
arguments give the same bytes. Persons are invented, numbers are of synthetic series.
"""

import argparse
import json
import pathlib
import sys
import tempfile
from random import Random

import numpy as np
from PIL import Image, ImageFilter

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "corpus"), str(ROOT / "training")]

import classes  # noqa: E402
import persons  # noqa: E402
import scan  # noqa: E402
import sources  # noqa: E402
from form import Form, Handwritten  # noqa: E402
from pen import Hand  # noqa: E402
from scan import PX_PER_MM, Scan  # noqa: E402

# Forms and the folders of their definitions: the one that people fill in, and one with as many combs as a page holds.
FORMS = {"privatboende": "forms", "maaling": "tests/evaluation/forms"}
DIGIT_SOURCES = ("mnist", "optdigits", "semeion", "hw62", "font")
LETTER_SOURCES = ("hw62", "dhsd", "font")


class Banks:
    """The characters that were kept aside, by source and character, for one part."""

    def __init__(self, data, part):
        self.by = {}
        for picture, label, source in zip(*sources.aside(data, part)):
            self.by.setdefault((source, classes.CLASSES[label]), []).append(picture)
        # A source with forty pictures would say the same few things again and again if it wrote as many documents as one with thousands, and one with thousands would
        # leave nothing to the others if each picture came as often: by the root of their number both are held back.
        number = lambda source, letters: sum(len(self.by.get((source, letter), [])) for letter in letters) ** 0.5
        self.digits = [number(source, classes.DIGITS) for source in DIGIT_SOURCES]
        self.letters = [number(source, classes.CAPITALS) for source in LETTER_SOURCES]
        # No source has real letters of ours: a ring, a slash and an E make them of the ones that were kept aside.
        made = np.random.default_rng(1 if part == "frozen" else 2)
        real = lambda letter: self.by[("hw62", letter)]
        for letter, base, change in [("Å", "A", sources.ring), ("Ø", "O", sources.slash), ("É", "E", sources.acute), ("Ö", "O", sources.dots), ("Ä", "A", sources.dots), ("Ü", "U", sources.dots)]:
            self.by[("hw62", letter)] = [sources.fit(change(real(base)[at % len(real(base))], made)) for at in range(12)]
        self.by[("hw62", "Æ")] = [sources.fit(sources.joined(real("A")[at % len(real("A"))], real("E")[(at * 5 + 1) % len(real("E"))], made)) for at in range(12)]

    def pick(self, source, letter, random):
        # No hand has every letter.
        found = next((pictures for other in (source, "hw62", "font") if (pictures := self.by.get((other, letter)))), None)
        return found[random.randrange(len(found))] if found else None


class Pieced(Handwritten):
    """A hand that writes characters of others: one source, one pen and one slant a person."""

    def __init__(self, banks, random, hand):
        super().__init__(hand, ticks=random.random() < 0.3)
        self.banks, self.random = banks, random
        [self.digits], [self.letters] = random.choices(DIGIT_SOURCES, banks.digits), random.choices(LETTER_SOURCES, banks.letters)
        self.slant, self.ink = random.gauss(0, 0.08), random.uniform(0.62, 1.0)
        self.size = random.uniform(0.5, 0.72)
        self.pen = random.choice((0, 0, 1, -1))
        self.loose = random.uniform(0.1, 0.5)

    def cell(self, page, cell, letter):
        x, y, w, h = cell
        random = self.random
        picture = self.banks.pick(self.digits if letter.isdigit() else self.letters, letter, random)
        if picture is None:
            super().cell(page, cell, letter)
            return
        inked = np.argwhere(picture > 60)
        (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0)
        image = Image.fromarray(picture[top:bottom + 1, left:right + 1])
        tall = h * self.size * random.uniform(0.92, 1.08) * PX_PER_MM
        # A mark that lies is no taller than it is wide, and nobody writes wider than the cell for long.
        scale = min(tall / max(image.height, 0.55 * image.width), w * random.uniform(0.84, 1.0) * PX_PER_MM / image.width)
        size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
        margin = 12
        # Small pictures of thin strokes are grey all over; a pen's stroke is as dark in its middle as any other's.
        strong = np.percentile(np.asarray(image)[np.asarray(image) > 60], 60)
        image = image.point(lambda value: min(255, round(value * 255 / strong)))
        canvas = Image.new("L", (size[0] + 2 * margin, size[1] + 2 * margin), 0)
        canvas.paste(image.resize(size, Image.BICUBIC), (margin, margin))
        if self.pen:
            canvas = canvas.filter(ImageFilter.MaxFilter(3) if self.pen > 0 else ImageFilter.GaussianBlur(0.8))
        shear = self.slant + random.gauss(0, 0.02)
        canvas = canvas.transform(canvas.size, Image.AFFINE, (1, shear, -shear * canvas.height / 2, 0, 1, 0), Image.BICUBIC)
        px = round((x + w / 2 + random.gauss(0, self.loose * 0.5)) * PX_PER_MM - canvas.width / 2)
        py = round((y + h * 0.82 + random.gauss(0, self.loose * 0.4)) * PX_PER_MM - size[1] - margin)
        box = (px, py, px + canvas.width, py + canvas.height)
        under = np.asarray(page.crop(box), dtype=np.float32)
        over = 255 - np.asarray(canvas, dtype=np.float32) * self.ink
        page.paste(Image.fromarray(np.minimum(under, over).astype(np.uint8)), box[:2])


def anybody(banks, random):
    """Some writer."""
    hand = Hand(random, PX_PER_MM, ink=random.randint(10, 80), pen_mm=random.uniform(0.35, 0.6), slant=random.uniform(-0.05, 0.15), size_mm=random.uniform(3.8, 4.6))
    return Pieced(banks, random, hand)


class People:
    """Invented persons, as many as are asked for."""

    def __init__(self, data):
        names = json.loads((data / "norwegian" / "faker_no_NO_names.json").read_text(encoding="utf-8"))
        lists = [value for value in names.values() if isinstance(value, list)]
        self.names = sorted({str(name).upper() for values in lists for name in values if all(c in classes.CAPITALS + "-" for c in str(name).upper()) and len(str(name)) <= 14})
        # Most who fill in these forms have names of elsewhere. None of these is in the program's own list, so that what it knows of names does not flatter it.
        self.elsewhere = (pathlib.Path(__file__).parent / "names.txt").read_text(encoding="utf-8").split()
        self.kommuner = [row["navn"].upper() for row in persons.rows("kommuner.csv")]
        self.countries = sorted(name for name in persons.COUNTRIES if len(name) <= 20 and all(c in classes.CAPITALS + " " for c in name))
        self.languages = sorted(name for name in persons.LANGUAGES if len(name) <= 16 and all(c in classes.CAPITALS for c in name))
        self.places = sorted(persons.PLACES.items())

    def value(self, field, random, places, born):
        cells = len(field["zones"][0].get("cells_mm") or [])
        fits = lambda values: random.choice([value for value in values if len(value) <= cells])
        date = lambda first, last: f"{random.randint(1, 28):02}{random.randint(1, 12):02}{random.randint(first, last)}"
        match field["type"]:
            case "duf":
                return persons.duf(random.randint(2016, 2026), random.randint(1000, 99999))
            case "fnr":
                return persons.fnr(born(field["name"], date), random.randint(100, 480))
            case "date" if field["name"] == "foedselsdato" and random.random() < 0.99:
                return born("fnr", date)
            case "date":
                return date(1955, 2008) if "foedselsdato" in field["name"] else date(2022, 2025) if random.random() < 0.5 else date(1940, 2025)
            case "year":
                return str(random.randint(1940, 2026))
            case "postnummer":
                return places(field["name"])[0]
            case "phone":
                return random.choice("49") + "".join(random.choice("0123456789") for _ in range(7))
            case "kommune":
                return fits([name for name in self.kommuner if self.kommuner.count(name) == 1 and all(c in classes.CAPITALS + " " for c in name)])
            case "country":
                return fits(self.countries)
            case "language":
                return fits(self.languages)
            case "name":
                names = self.elsewhere if random.random() < 0.6 else self.names
                return " ".join(random.choice(names) for _ in range(random.choice((1, 2, 2))))[:cells].strip(" -")
            case "text" if field["name"].startswith("poststed"):
                # Now and then somebody writes the place next to theirs.
                return (places(field["name"]) if random.random() < 0.98 else random.choice(self.places))[1].upper()[:cells].strip()
            case "text" if "adresse" in field["name"]:
                return f"{random.choice(self.names)[:14]}VEGEN {random.randint(1, 189)}{random.choice(('', '', 'A', 'B'))}"
            case "text" if field["zones"][0]["kind"] == "comb":
                return fits(["MOR", "FAR", "BROR", "SØSTER", "ONKEL", "TANTE", "VENN", "KATT", "HUND"])
            case "integer":
                return str(random.randint(1, 9) if cells < 2 or random.random() < 0.5 else random.randint(10, 99))
            case _:
                return None

    def form(self, zones, random, share):
        """What somebody writes; `share` of the combs are filled."""
        written, chosen = {}, {}
        # What ends on the same number belongs together: postnummer_3 and poststed_3.
        places = lambda name: chosen.setdefault(name.partition("_")[2], random.choice(self.places))
        # A number and the date beside it are one person's, but for a slip now and then.
        days = {}
        born = lambda name, date: days.setdefault(name, date(1955, 1999))
        for field in zones["fields"]:
            kind = field["zones"][0]["kind"]
            if kind == "comb" and random.random() < share:
                written[field["name"]] = self.value(field, random, places, born)
            elif kind == "checkbox":
                options = [zone.get("option") for zone in field["zones"]]
                if options == [None]:
                    written[field["name"]] = True if random.random() < 0.5 else None
                elif field["type"] == "multichoice":
                    chosen = tuple(option for option in options if random.random() < 0.25)
                    written[field["name"]] = chosen or None
                elif random.random() < 0.9:
                    written[field["name"]] = random.choice(options)
            elif kind == "signature" and random.random() < 0.8:
                written[field["name"]] = random.choice(self.names).capitalize()
        return {name: value for name, value in written.items() if value is not None}


def how(random):
    """A scanner: resolution, skew and light within what a mail room meets."""
    dpi = random.choice((200, 300, 300, 300, 400))
    return Scan(dpi, skew=random.uniform(-3, 3), scale=random.uniform(0.95, 1.02), shade=random.randint(238, 255), light=random.choice((0, 0, 12)), blur=random.uniform(0.3, 0.7),
                noise=random.uniform(0, 2.5), specks=random.choice((0, 30, 80)), threshold=random.randint(140, 170), holes=random.random() < 0.2, staple=random.random() < 0.2)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("data", type=pathlib.Path)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--part", choices=("tuning", "frozen"), required=True)
    arguments.add_argument("--form", choices=FORMS, default="privatboende")
    arguments.add_argument("--forms", type=int, default=200)
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    banks, people = Banks(options.data, options.part), People(options.data)
    with tempfile.TemporaryDirectory() as work:
        form = Form(str(pathlib.Path(options.program).resolve()), options.form, pathlib.Path(work), FORMS[options.form])
        for number in range(options.forms):
            random = Random(f"postsluse evaluation 4 {options.part} {options.form} {number}")
            writer = anybody(banks, random)
            pages, fields = form.fill("nb", people.form(form.zones, random, 0.8 if options.form == "privatboende" else 1.0), writer)
            scanner, kind = how(random), random.choice(("g4", "jpeg", "jpeg"))
            name = f"{options.form}-{number:04}"
            if kind == "g4":
                scan.save_tiff(options.out / f"{name}.tif", [scanner.bitonal(page, random) for page in pages], scanner.dpi)
            else:
                scan.save_pdf(options.out / f"{name}.pdf", [scanner.grey(page, random) for page in pages], scanner.dpi, random.randint(40, 85))
            expected = {"form": options.form, "fields": fields, "made": {"digits": writer.digits, "letters": writer.letters, "scan": kind, "dpi": scanner.dpi}}
            (options.out / f"{name}.expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
