"""Where characters come from: files of real handwriting, and handwriting fonts. Each is split before anything else into what is trained on and what is
kept aside: by writer where writers are known, by font, and for the rest by place in the file."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import classes
from glyphs import fit

FONTS_ASIDE = {"kalam", "patrick-hand", "shadows-into-light", "caveat-brush", "indie-flower"}
WRITERS_ASIDE = {"dhsd31", "dhsd32", "dhsd34", "dhsd35", "dhsd36", "semeion_g3"}


class Pool:
    """Pictures with their classes; `source` says which file or font each is from."""

    def __init__(self):
        self.pictures, self.labels, self.sources = [], [], []

    def add(self, ink, label, source):
        picture = fit(ink)
        if picture is not None and label is not None:
            self.pictures.append(picture)
            self.labels.append(label)
            self.sources.append(source)

    def done(self):
        return np.stack(self.pictures), np.array(self.labels), np.array(self.sources)


def real(folder: Path, train: Pool, aside: Pool):
    """The files of `folder`, as its README describes them: ink is high."""
    mnist = np.load(folder / "mnist_train.npz")
    for index, (ink, label) in enumerate(zip(mnist["x"], mnist["y"])):
        if index >= 55_000:
            aside.add(ink, classes.of(str(label)), "mnist")
        elif index % 3 == 0:
            # A third of it is as much as a network of this size takes from one source.
            train.add(ink, classes.of(str(label)), "mnist")
    optdigits = np.load(folder / "optdigits32.npz")
    for ink, label, split in zip(optdigits["x"], optdigits["y"], optdigits["split"]):
        (aside if str(split).startswith("te") else train).add(ink, classes.of(str(label)), "optdigits")
    semeion = np.load(folder / "semeion32.npz")
    for ink, label, writer in zip(semeion["x"], semeion["y"], semeion["writer"]):
        (aside if str(writer) in WRITERS_ASIDE else train).add(ink, classes.of(str(label)), "semeion")
    hw62 = np.load(folder / "hw62.npz")
    seen = {}
    for ink, label in zip(hw62["x"], hw62["y"]):
        number = seen[label] = seen.get(label, 0) + 1
        small = str(label).startswith("SMALL")
        (aside if number % 7 == 0 and not small else train).add(ink, classes.of(str(label)), "hw62_small" if small else "hw62")
    for name, source in [("dhsd_initials64.npz", "dhsd"), ("dhsd_chars64.npz", "dhsd_small")]:
        letters = np.load(folder / name)
        for ink, label, writer in zip(letters["x"], letters["y"], letters["writer"]):
            capital = str(label).isupper()
            if str(writer) in WRITERS_ASIDE:
                if capital and source == "dhsd":
                    aside.add(ink, classes.of(str(label)), source)
            else:
                train.add(ink, classes.of(str(label)), "dhsd" if capital else "dhsd_small")


def fonts(folder: Path, train: Pool, aside: Pool):
    """Every class in every font, large and small."""
    for path in sorted(folder.glob("*.ttf")):
        name = path.stem
        if name.endswith(".cyrillic"):
            continue
        font = ImageFont.truetype(str(path), 96)
        missing = draw(font, "\uffff")
        pool = aside if name in FONTS_ASIDE else train
        for character in classes.DIGITS + classes.LETTERS + classes.LETTERS.lower():
            ink = draw(font, character)
            if ink is None or (missing is not None and ink.shape == missing.shape and (ink == missing).all()):
                continue
            small = character.islower()
            if small and pool is aside:
                continue
            pool.add(ink, classes.of(character), "font_small" if small else "font")


def draw(font, text):
    left, top, right, bottom = font.getbbox(text)
    if right <= left or bottom <= top:
        return None
    picture = Image.new("L", (right - left + 8, bottom - top + 8), 0)
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, font=font, fill=255)
    return np.asarray(picture)


def foreign(folder: Path, train: Pool, aside: Pool):
    """Letters of another script that look like none of ours."""
    for path in sorted(folder.glob("*.cyrillic.ttf")):
        font = ImageFont.truetype(str(path), 96)
        pool = aside if path.stem.split(".")[0] in FONTS_ASIDE | {"neucha"} else train
        for character in "БДЖЗИЛЦЧШЩЪЫЬЭЮЯФбджцшщъыэюяф":
            ink = draw(font, character)
            if ink is not None:
                pool.add(ink, classes.INDEX[classes.OTHER], "foreign")


def spoilt(train: Pool, aside: Pool, random: np.random.Generator):
    """Characters that are struck out, and cells with two characters, made of what is there."""
    for pool, count in [(train, 3000), (aside, 400)]:
        whole = [index for index, source in enumerate(pool.sources) if source != "foreign"]
        for _ in range(count):
            base = pool.pictures[random.choice(whole)].copy()
            pool.add(strike(base, random), classes.INDEX[classes.STRUCK], "struck")
        for _ in range(count // 2):
            one, other = (pool.pictures[random.choice(whole)] for _ in range(2))
            pool.add(beside(one, other, random), classes.INDEX[classes.OTHER], "two")


def strike(ink, random):
    picture = Image.fromarray(ink)
    pen = ImageDraw.Draw(picture)
    width = int(random.integers(2, 7))
    inked = np.argwhere(ink > 60)
    (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0)
    kind = random.integers(0, 4)
    jitter = lambda: random.integers(-5, 6)
    if kind == 0:
        for _ in range(random.integers(1, 3)):
            y = random.uniform(0.3, 0.7) * (bottom - top) + top
            pen.line([left - 6 + jitter(), y + jitter(), right + 6 + jitter(), y + jitter()], fill=255, width=width)
    elif kind == 1:
        pen.line([left + jitter(), top + jitter(), right + jitter(), bottom + jitter()], fill=255, width=width)
        pen.line([left + jitter(), bottom + jitter(), right + jitter(), top + jitter()], fill=255, width=width)
    elif kind == 2:
        points, x = [], left - 4
        while x < right + 4:
            points += [(x, top + jitter()), (x + 4, bottom + jitter())]
            x += random.integers(5, 10)
        pen.line(points, fill=255, width=width, joint="curve")
    else:
        points = [(random.uniform(left - 3, right + 3), random.uniform(top - 3, bottom + 3)) for _ in range(random.integers(8, 18))]
        pen.line(points, fill=255, width=width, joint="curve")
    return np.asarray(picture)


def beside(one, other, random):
    """Two characters in one cell: side by side, each half as wide, touching now and then."""
    def half(ink):
        columns = np.where(ink.max(axis=0) > 60)[0]
        return np.asarray(Image.fromarray(ink[:, columns[0]:columns[-1] + 1]).resize((int(random.integers(18, 30)), SIDE_TALL)))
    a, b = half(one), half(other)
    gap = int(random.integers(0, 5))
    out = np.zeros((SIDE_TALL, a.shape[1] + gap + b.shape[1]), np.uint8)
    out[:, :a.shape[1]] = a
    out[:, a.shape[1] + gap:] = np.maximum(out[:, a.shape[1] + gap:], b)
    return out


SIDE_TALL = 56
