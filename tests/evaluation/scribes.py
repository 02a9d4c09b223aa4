"""People who fill in the form otherwise than it asks: two characters in a cell, beside the cells, with a pencil, in another script.

Each function gives the filled-in pages and the true value of every field: what a person who knows the script would say that is written there.
"""

import numpy
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

import persons
from form import FONTS, UNMARKED
from generate import Pieced
from pen import GLYPHS
from scan import PX_PER_MM

ARABIC_FONT = f"{FONTS}/dejavu/DejaVuSans.ttf"
ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"

CYRILLIC = {
    "name": ("ИВАНЕНКО", "ПЕТРЕНКО ОКСАНА", "МАРЧУК", "РОМА", "НАТАША", "ВОВК", "КОСТА", "ХОМА ТАРАС", "СТОРОЖУК", "МАКАР"),
    "text": ("МАМА", "ОТЕЦ", "БРАТ", "СЕСТРА", "ТЁТЯ", "КОТ", "ВРАЧ", "ПОВАР", "ТЕАТР", "НОРА"),
    "country": {"УКРАИНА": "UA", "СЕРБИЯ": "RS", "ГРУЗИЯ": "GE", "СИРИЯ": "SY", "ТУРЦИЯ": "TR"},
    "kommune": {"ОСЛО": "OSLO", "БЕРГЕН": "BERGEN", "НАРВИК": "NARVIK", "ВЕФСН": "VEFSN"},
    "language": {"УКРАИНСКИЙ": "uk", "РУССКИЙ": "ru", "СОМАЛИ": "so", "ТУРЕЦКИЙ": "tr"},
}
ARABIC = {
    "name": ("محمد", "فاطمة", "أحمد حسن", "نور", "سارة علي", "يوسف", "مريم", "خالد عمر"),
    "text": ("أب", "أم", "أخ", "أخت", "عم", "صديق", "قطة", "طبيب"),
    "country": {"سوريا": "SY", "العراق": "IQ", "السودان": "SD", "اليمن": "YE"},
    "kommune": {"اوسلو": "OSLO", "بيرغن": "BERGEN", "نارفيك": "NARVIK"},
    "language": {"عربي": "ar", "كردي": "ku", "صومالي": "so"},
}


def truth(field, value):
    return UNMARKED.get(field["type"]) if value is None else persons.canonical(field["type"], value)


def is_comb(field):
    return field["zones"][0]["kind"] == "comb"


def by_hand(form, written, scribe):
    """Fills the form field by field; `scribe` writes one and gives what is written there, or nothing where the usual value is."""
    pages, expected = form.blank("nb"), {}
    for field in form.zones["fields"]:
        value = written.get(field["name"])
        other = scribe(pages, field, value) if value is not None else None
        expected[field["name"]] = truth(field, value) if other is None else other
    return pages, expected


def crowded(form, written, writer, random):
    """Now and then two characters share a cell; the others move up."""
    class Halving:
        withdrawn = ()

        def __getattr__(self, name):
            return getattr(writer, name)

        def cell(self, page, cell, letters):
            x, y, w, h = cell
            for at, letter in enumerate(letters):
                writer.cell(page, [x + at * w / len(letters), y, w / len(letters), h], letter)

    halving = Halving()

    def scribe(pages, field, value):
        if is_comb(field) and len(value) > 2 and random.random() < 0.7:
            at = random.choice([at for at in range(len(value) - 1) if " " not in value[at:at + 2]] or [0])
            letters = list(value[:at]) + [value[at:at + 2].replace(" ", "")] + list(value[at + 2:])
            form.write(pages, field, letters, halving)
        else:
            form.write(pages, field, value, writer)

    return by_hand(form, written, scribe)


def outside(form, written, writer, random):
    """Between the cells, above them, below them, or across them at the writer's own pace; and remarks that run over boxes."""
    hand = writer.hand

    def scribe(pages, field, value):
        zone = field["zones"][0]
        page = pages[zone["page"] - 1]
        way = random.choice(("between", "above", "below", "across", "in"))
        if not is_comb(field) or way == "in":
            form.write(pages, field, value, writer)
        elif way == "across" and all(letter == " " or letter in GLYPHS for letter in value):
            x, y, _, h = zone["rect_mm"]
            hand.text(page, value, x + random.uniform(0.5, 3), y + h * random.uniform(0.75, 1.0), random.uniform(3.6, 5.5))
        else:
            dx, dy = {"between": (0.5, 0), "above": (0, -0.62), "below": (0.1, 0.55)}.get(way, (0.5, 0))
            moved = [[x + dx * w, y + dy * h, w, h] for x, y, w, h in zone["cells_mm"]]
            form.write(pages, {**field, "zones": [{**zone, "cells_mm": moved}]}, value, writer)

    pages, expected = by_hand(form, written, scribe)
    for field in form.zones["fields"]:
        if field["zones"][0]["kind"] == "checkbox" and random.random() < 0.35:
            remark(pages, field, hand, random)
    return pages, expected


def remark(pages, field, hand, random):
    """A few words that begin before the boxes of a question and run over one of them."""
    zone = random.choice(field["zones"])
    x, y, w, h = zone["rect_mm"]
    hand.text(pages[zone["page"] - 1], random.choice(("SE VEDLEGG", "VET IKKE", "MULIG", "EGET ARK")), x - random.uniform(1, 9), y + h * random.uniform(0.7, 1.3), random.uniform(3.0, 4.2))


def pencilled(writer, random):
    """The same person with a hard pencil: thin grey strokes."""
    writer.hand.ink, writer.hand.pen_mm = random.randint(135, 175), random.uniform(0.22, 0.32)
    writer.ink, writer.pen = random.uniform(0.3, 0.45), -1
    return writer


def reddened(blank, filled, random):
    """The pages with what was written on them in red."""
    red = (random.randint(185, 225), random.randint(25, 60), random.randint(30, 70))
    out = []
    for clean, inked in zip(blank, filled):
        under = numpy.asarray(clean, dtype=numpy.float32)
        ink = 1 - numpy.asarray(inked, dtype=numpy.float32) / numpy.maximum(under, 1)
        bands = [under * (1 - ink * (1 - value / 255)) for value in red]
        out.append(Image.fromarray(numpy.clip(numpy.stack(bands, axis=-1), 0, 255).astype(numpy.uint8)))
    return out


def lettered(page, box, text, font_path, random, ink, slant=0.0):
    """Writes text of a font into a box in millimetres, as high as fits, a little bent and blurred as a pen would."""
    x, y, w, h = box
    font = ImageFont.truetype(font_path, 160)
    left, top, right, bottom = font.getbbox(text)
    if right <= left or bottom <= top:
        return
    picture = Image.new("L", (right - left + 40, bottom - top + 40), 0)
    ImageDraw.Draw(picture).text((20 - left, 20 - top), text, font=font, fill=255)
    shear = slant + random.gauss(0, 0.05)
    picture = picture.transform(picture.size, Image.Transform.AFFINE, (1, shear, -shear * picture.height / 2, random.gauss(0, 0.02), 1, 0), Image.Resampling.BICUBIC)
    scale = min(h * PX_PER_MM * 0.8 / picture.height, w * PX_PER_MM / picture.width) * random.uniform(0.9, 1.05)
    picture = picture.resize((max(2, round(picture.width * scale)), max(2, round(picture.height * scale))), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(0.7))
    at = (round((x + w / 2) * PX_PER_MM - picture.width / 2 + random.gauss(0, 3)), round((y + h / 2) * PX_PER_MM - picture.height / 2 + random.gauss(0, 3)))
    box_px = (*at, at[0] + picture.width, at[1] + picture.height)
    page.paste(ImageChops.darker(page.crop(box_px), picture.point(lambda value: 255 - round(value * ink))), box_px[:2])


def words(script, kind, cells, random):
    """What is written in another script in a field of a kind, and its true value; nothing for kinds that are digits."""
    known = script.get(kind)
    if known is None:
        return None
    if isinstance(known, dict):
        written = random.choice([word for word in known if len(word) <= cells])
        return written, persons.canonical("kommune", known[written]) if kind == "kommune" else known[written]
    written = random.choice([word for word in known if len(word) <= cells])
    return written, written


def cyrillic(form, written, writer, random, fonts):
    """Letters in the Cyrillic script, one a cell; digits as everybody writes them."""
    font = str(random.choice(fonts))

    def scribe(pages, field, value):
        zone = field["zones"][0]
        found = words(CYRILLIC, field["type"], len(zone.get("cells_mm") or []), random) if is_comb(field) else None
        if found is None:
            form.write(pages, field, value, writer)
            return None
        for cell, letter in zip(zone["cells_mm"], found[0]):
            if letter != " ":
                x, y, w, h = cell
                lettered(pages[zone["page"] - 1], [x + 0.4, y + 0.4, w - 0.8, h - 0.8], letter, font, random, 0.9, writer.slant)
        return found[1]

    return by_hand(form, written, scribe)


def arabic(form, written, writer, random, joined):
    """The Arabic script: joined over the cells or a letter a cell, from the right; its digits from the left."""
    def scribe(pages, field, value):
        zone = field["zones"][0]
        cells, page = zone.get("cells_mm") or [], pages[zone["page"] - 1]
        if not is_comb(field):
            form.write(pages, field, value, writer)
            return None
        found = words(ARABIC, field["type"], len(cells), random)
        if found is None:
            digits = [ARABIC_DIGITS[int(letter)] if letter.isdigit() else letter for letter in value]
            each_cell(page, cells, digits, random, writer.slant)
            return None
        if joined:
            x, y, w, h = zone["rect_mm"]
            wide = min(w, 5.0 * len(found[0]))
            lettered(page, [x + w - wide, y, wide, h], found[0], ARABIC_FONT, random, 0.9, writer.slant)
        else:
            each_cell(page, cells[:len(found[0])][::-1], found[0], random, writer.slant)
        return found[1]

    return by_hand(form, written, scribe)


def each_cell(page, cells, letters, random, slant):
    for (x, y, w, h), letter in zip(cells, letters):
        if letter == " ":
            continue
        # A nought is a dot.
        small = 0.35 if letter == "٠" else 0.15
        lettered(page, [x + small * w / 2 + 0.3, y + small * h / 2 + 0.3, w * (1 - small) - 0.6, h * (1 - small) - 0.6], letter, ARABIC_FONT, random, 0.9, slant)
