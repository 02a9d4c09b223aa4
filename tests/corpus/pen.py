"""A pen that writes: single-stroke letters and figures, drawn with the unevenness of a hand.

Every glyph is a list of strokes in a box one unit high (0 the top of a capital, 1 the base line; y grows downwards, descenders go below 1). A stroke is
straight ("L") or a smooth curve through its points ("S"). The shapes were drawn for this project: figures in the European way (a one with its serif,
an open four, a crossed seven), capitals with AE, O-slash and A-ring, small letters for addresses and free text.
"""

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter


def L(*points):
    return ("L", points)


def S(*points):
    return ("S", points)


GLYPHS = {
    "0": [S((.5, 0), (.12, .2), (.08, .65), (.4, 1), (.78, .85), (.88, .4), (.72, .06), (.46, .01))],
    "1": [L((.22, .32), (.6, 0), (.58, 1))],
    "2": [S((.12, .26), (.3, .03), (.68, .04), (.82, .28), (.6, .6), (.1, 1)), L((.1, 1), (.9, .97))],
    "3": [S((.14, .12), (.45, 0), (.8, .16), (.72, .4), (.4, .48)), S((.4, .48), (.78, .56), (.84, .84), (.5, 1), (.12, .9))],
    "4": [L((.36, 0), (.1, .64), (.9, .62)), L((.68, .3), (.62, 1))],
    "5": [L((.84, .02), (.28, .02), (.2, .45)), S((.2, .45), (.55, .36), (.86, .6), (.74, .94), (.36, 1), (.1, .88))],
    "6": [S((.74, .02), (.36, .26), (.12, .68), (.34, .99), (.72, .95), (.84, .7), (.6, .5), (.3, .56), (.14, .76))],
    "7": [L((.08, .03), (.88, .02), (.38, 1)), L((.26, .5), (.8, .48))],
    "8": [S((.76, .14), (.46, 0), (.2, .18), (.4, .44), (.76, .66), (.7, .94), (.4, 1), (.14, .84), (.3, .58), (.66, .38), (.8, .18), (.72, .1))],
    "9": [S((.82, .22), (.5, 0), (.16, .18), (.24, .48), (.58, .52), (.82, .28)), S((.82, .22), (.82, .6), (.6, 1))],
    "A": [L((.06, 1), (.48, 0), (.92, 1)), L((.2, .62), (.78, .62))],
    "B": [L((.14, 0), (.14, 1)), S((.14, .02), (.6, .02), (.74, .24), (.5, .46), (.14, .48)), S((.14, .48), (.68, .5), (.84, .76), (.56, .99), (.14, 1))],
    "C": [S((.86, .16), (.52, 0), (.16, .26), (.12, .68), (.46, 1), (.88, .86))],
    "D": [L((.14, 0), (.14, 1)), S((.14, .01), (.6, .06), (.88, .45), (.66, .9), (.14, 1))],
    "E": [L((.82, .01), (.14, .01), (.14, 1), (.86, .99)), L((.14, .48), (.68, .48))],
    "F": [L((.84, .01), (.16, .01), (.16, 1)), L((.16, .48), (.7, .47))],
    "G": [S((.86, .16), (.5, 0), (.14, .3), (.14, .72), (.5, 1), (.86, .84), (.88, .58)), L((.56, .57), (.92, .57))],
    "H": [L((.12, 0), (.12, 1)), L((.86, 0), (.86, 1)), L((.12, .5), (.86, .48))],
    "I": [L((.5, 0), (.5, 1))],
    "J": [L((.66, 0), (.66, .7)), S((.66, .7), (.58, .98), (.28, 1), (.12, .76))],
    "K": [L((.14, 0), (.14, 1)), L((.82, .02), (.16, .56)), L((.36, .42), (.88, 1))],
    "L": [L((.16, 0), (.16, 1), (.84, .98))],
    "M": [L((.06, 1), (.14, 0), (.5, .66), (.86, 0), (.94, 1))],
    "N": [L((.12, 1), (.12, 0), (.86, 1), (.86, 0))],
    "O": [S((.5, 0), (.12, .22), (.1, .7), (.46, 1), (.86, .78), (.9, .3), (.56, .01), (.44, .01))],
    "P": [L((.16, 1), (.16, 0)), S((.16, .02), (.68, .02), (.84, .28), (.6, .52), (.16, .54))],
    "Q": [S((.5, 0), (.12, .22), (.1, .7), (.46, 1), (.86, .78), (.9, .3), (.56, .01), (.44, .01)), L((.58, .72), (.96, 1.06))],
    "R": [L((.16, 1), (.16, 0)), S((.16, .02), (.68, .02), (.82, .26), (.58, .5), (.16, .52)), L((.42, .52), (.88, 1))],
    "S": [S((.8, .12), (.46, 0), (.16, .2), (.36, .46), (.72, .6), (.8, .86), (.48, 1), (.12, .88))],
    "T": [L((.06, .01), (.94, .01)), L((.5, .01), (.5, 1))],
    "U": [S((.12, 0), (.12, .64), (.28, .97), (.66, .97), (.86, .66), (.88, 0))],
    "V": [L((.06, 0), (.48, 1), (.94, 0))],
    "W": [L((.02, 0), (.26, 1), (.5, .34), (.74, 1), (.98, 0))],
    "X": [L((.1, 0), (.9, 1)), L((.88, 0), (.1, 1))],
    "Y": [L((.08, 0), (.5, .5)), L((.92, 0), (.5, .5), (.48, 1))],
    "Z": [L((.12, .02), (.86, .02), (.1, .98), (.9, .98)), L((.28, .5), (.72, .5))],
    "Æ": [L((.0, 1), (.42, 0), (.98, 0)), L((.52, 0), (.52, 1), (1.0, .98)), L((.14, .62), (.52, .62)), L((.52, .5), (.88, .5))],
    "Ø": [S((.5, .02), (.14, .24), (.12, .7), (.46, .98), (.84, .76), (.88, .3), (.56, .03), (.44, .03)), L((.88, -.06), (.1, 1.06))],
    "Å": [L((.06, 1), (.48, .12), (.92, 1)), L((.22, .66), (.76, .66)), S((.48, -.18), (.36, -.08), (.46, .06), (.6, -.04), (.5, -.18))],
    "a": [S((.78, .48), (.4, .4), (.14, .68), (.34, .98), (.66, .86), (.78, .5)), S((.78, .42), (.76, .86), (.92, .98))],
    "b": [L((.16, 0), (.16, 1)), S((.16, .62), (.5, .4), (.82, .66), (.6, .98), (.18, .94))],
    "c": [S((.8, .5), (.46, .4), (.16, .7), (.42, 1), (.82, .9))],
    "d": [S((.76, .54), (.4, .42), (.12, .7), (.36, 1), (.74, .84)), L((.78, 0), (.78, 1))],
    "e": [S((.16, .7), (.7, .66), (.74, .46), (.42, .4), (.14, .68), (.38, 1), (.82, .88))],
    "f": [S((.78, .06), (.5, 0), (.36, .24), (.36, 1)), L((.12, .44), (.68, .43))],
    "g": [S((.78, .48), (.4, .4), (.14, .68), (.36, .96), (.72, .82)), S((.78, .42), (.76, 1.1), (.44, 1.34), (.14, 1.2))],
    "h": [L((.16, 0), (.16, 1)), S((.16, .66), (.46, .4), (.74, .58), (.74, 1))],
    "i": [L((.5, .42), (.5, 1)), L((.5, .16), (.51, .2))],
    "j": [S((.58, .42), (.58, 1.1), (.3, 1.32), (.1, 1.18)), L((.58, .16), (.59, .2))],
    "k": [L((.16, 0), (.16, 1)), L((.74, .44), (.18, .74)), L((.36, .66), (.8, 1))],
    "l": [S((.4, 0), (.4, .8), (.66, .98))],
    "m": [L((.06, .42), (.06, 1)), S((.06, .6), (.3, .4), (.46, .58), (.46, 1)), S((.46, .6), (.72, .4), (.9, .58), (.9, 1))],
    "n": [L((.16, .42), (.16, 1)), S((.16, .62), (.46, .4), (.76, .58), (.76, 1))],
    "o": [S((.48, .4), (.14, .6), (.24, .94), (.6, .98), (.84, .72), (.66, .42), (.44, .41))],
    "p": [L((.16, .42), (.16, 1.34)), S((.16, .6), (.52, .4), (.84, .68), (.58, 1), (.18, .9))],
    "q": [S((.76, .5), (.4, .4), (.12, .7), (.36, .98), (.74, .84)), L((.78, .42), (.78, 1.34))],
    "r": [L((.2, .42), (.2, 1)), S((.2, .66), (.42, .44), (.76, .46))],
    "s": [S((.74, .48), (.42, .4), (.24, .56), (.5, .7), (.76, .84), (.5, 1), (.16, .92))],
    "t": [S((.42, .1), (.42, .8), (.7, .98)), L((.14, .42), (.76, .41))],
    "u": [S((.14, .42), (.16, .84), (.44, 1), (.74, .78)), L((.78, .42), (.78, 1))],
    "v": [L((.1, .42), (.46, 1), (.84, .42))],
    "w": [L((.04, .42), (.28, 1), (.5, .56), (.72, 1), (.96, .42))],
    "x": [L((.14, .42), (.82, 1)), L((.82, .42), (.14, 1))],
    "y": [L((.12, .42), (.46, .96)), L((.84, .42), (.3, 1.32))],
    "z": [L((.14, .43), (.8, .43), (.14, .98), (.84, .98))],
    "æ": [S((.46, .5), (.2, .42), (.06, .7), (.2, .98), (.46, .82)), S((.48, .7), (.9, .66), (.86, .44), (.6, .42), (.48, .7), (.64, 1), (.96, .88))],
    "ø": [S((.48, .4), (.14, .6), (.24, .94), (.6, .98), (.84, .72), (.66, .42), (.44, .41)), L((.82, .34), (.14, 1.06))],
    "å": [S((.78, .48), (.4, .4), (.14, .68), (.34, .98), (.66, .86), (.78, .5)), S((.78, .42), (.76, .86), (.92, .98)), S((.5, .06), (.4, .14), (.48, .24), (.6, .16), (.52, .06))],
    "+": [L((.12, .56), (.88, .56)), L((.5, .2), (.5, .92))],
    "-": [L((.14, .58), (.86, .56))],
    ".": [L((.44, .96), (.5, 1))],
    ",": [L((.5, .92), (.36, 1.18))],
    "/": [L((.84, -.02), (.14, 1.04))],
    "'": [L((.5, 0), (.46, .22))],
    "@": [S((.66, .5), (.46, .42), (.34, .62), (.48, .78), (.66, .66), (.68, .48)), S((.68, .48), (.7, .8), (.92, .7), (.9, .3), (.5, .16), (.12, .4), (.14, .86), (.5, 1.06), (.84, .96))],
}

#: How wide a glyph is in running text, as a share of the height of a capital; the others are 0.62.
WIDTHS = {"i": .28, "l": .36, "j": .4, "I": .3, ".": .25, ",": .28, "'": .25, "m": .78, "w": .78, "M": .8, "W": .86, "Æ": .9, "æ": .8, "@": .9, "1": .5, "r": .46, "t": .48, "f": .48}


class Hand:
    """One writer: a slant, a size, a pen, and a random source of unevenness."""

    def __init__(self, random, px_per_mm, ink=40, pen_mm=0.45, slant=0.08, size_mm=4.0, shake=0.035):
        self.random, self.px, self.ink, self.pen_mm = random, px_per_mm, ink, pen_mm
        self.slant, self.size_mm, self.shake = slant, size_mm, shake

    def glyph(self, page, letter, x_mm, baseline_mm, width_mm, height_mm=None):
        """Writes `letter` in a box from x_mm, standing on baseline_mm."""
        strokes = GLYPHS[letter]
        uniform = self.random.uniform
        height = (height_mm or self.size_mm) * uniform(.93, 1.07)
        width = width_mm * uniform(.9, 1.06)
        slant = self.slant + uniform(-.05, .05)
        lift = uniform(-.04, .04) * height
        drawn = []
        for kind, points in strokes:
            placed = []
            for x, y in points:
                x, y = x + uniform(-1, 1) * self.shake, y + uniform(-1, 1) * self.shake
                placed.append((x_mm + x * width + (1 - y) * slant * height, baseline_mm + lift - (1 - y) * height))
            drawn.append(spline(placed) if kind == "S" else straight(placed))
        self.draw(page, drawn)

    def text(self, page, text, x_mm, baseline_mm, size_mm=None):
        """Writes running text and returns where it ended."""
        size = size_mm or self.size_mm
        wander = self.random.uniform(0, 6.28)
        for letter in text:
            if letter == " ":
                x_mm += size * .55
                continue
            width = WIDTHS.get(letter, .62) * size
            drop = math.sin(wander + x_mm / 23) * size * .06
            self.glyph(page, letter, x_mm, baseline_mm + drop, width, size)
            x_mm += width + size * self.random.uniform(.12, .2)
        return x_mm

    def cross(self, page, box):
        """A cross in a box, now and then past its edge."""
        x, y, w, h = box
        reach = self.random.uniform(-.12, .16)
        def corner(cx, cy):
            return (x + w * cx + self.random.uniform(-.25, .25), y + h * cy + self.random.uniform(-.25, .25))
        a, b = -reach, 1 + reach
        self.draw(page, [straight([corner(a, a), corner(b, b)]), straight([corner(b, a), corner(a, b)])])

    def tick(self, page, box):
        """A tick in a box, its tail past the corner."""
        x, y, w, h = box
        self.draw(page, [spline([(x + .12 * w, y + .5 * h), (x + .4 * w, y + .92 * h), (x + .62 * w, y + .45 * h), (x + 1.25 * w, y - .2 * h)])])

    def fill(self, page, box):
        """A box filled in: an answer withdrawn."""
        x, y, w, h = box
        lines, step, row = [], .32, y + .3
        while row < y + h - .2:
            lines.append(straight([(x + .25 + self.random.uniform(0, .2), row), (x + w - .25 - self.random.uniform(0, .2), row + self.random.uniform(-.12, .12))]))
            row += step
        self.draw(page, lines + [straight([(x + .3, y + .3), (x + w - .3, y + h - .3)])])

    def signature(self, page, box, name):
        """A signature: the first letters of a name, then a line that runs on."""
        x, y, w, h = box
        left, base = x + self.random.uniform(4, 9), y + h * self.random.uniform(.6, .72)
        size = min(h * .42, 7)
        first, last = name.split()[0], name.split()[-1]
        end = self.text(page, first[:3].capitalize(), left, base, size)
        end = self.text(page, last[:2].capitalize(), end + 1.5, base, size)
        points, place = [(end, base - size * .3)], end
        while place < min(x + w - 4, end + 26):
            place += self.random.uniform(1.2, 2.6)
            points.append((place, base - self.random.uniform(-.05, .5) * size))
        self.draw(page, [spline(points), spline([(left - 2, base + 2.2), (left + 16, base + 1.4), (place, base + 2.6)])])

    def draw(self, page, strokes):
        """Draws polylines in millimetres: a round nib whose width and ink change along the way. Dark stays dark where strokes meet."""
        points = [point for stroke in strokes for point in stroke]
        pad = self.pen_mm * 2
        left, top = min(p[0] for p in points) - pad, min(p[1] for p in points) - pad
        right, bottom = max(p[0] for p in points) + pad, max(p[1] for p in points) + pad
        box = [max(0, int(left * self.px)), max(0, int(top * self.px)), min(page.width, int(right * self.px) + 1), min(page.height, int(bottom * self.px) + 1)]
        if box[2] <= box[0] or box[3] <= box[1]:
            return
        layer = Image.new("L", (box[2] - box[0], box[3] - box[1]), 255)
        pencil = ImageDraw.Draw(layer)
        phase, pressure = self.random.uniform(0, 6.28), self.random.uniform(.9, 1.1)
        for stroke in strokes:
            for at, (a, b) in enumerate(zip(stroke, stroke[1:])):
                swell = 1 + .14 * math.sin(phase + at * .35)
                width = max(1.6, self.pen_mm * pressure * swell * self.px)
                ink = int(min(200, max(0, self.ink + 22 * math.sin(phase * 2 + at * .21) + self.random.uniform(-8, 8))))
                ends = [((p[0] * self.px - box[0]), (p[1] * self.px - box[1])) for p in (a, b)]
                pencil.line(ends, fill=ink, width=round(width))
                for x, y in ends:
                    pencil.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=ink)
        layer = layer.filter(ImageFilter.GaussianBlur(.6))
        page.paste(ImageChops.darker(page.crop(box), layer), box[:2])


def straight(points):
    """A polyline, cut finely enough for ink that changes along it."""
    out = [points[0]]
    for a, b in zip(points, points[1:]):
        steps = max(2, int(math.dist(a, b) / .35))
        out += [(a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps) for i in range(1, steps + 1)]
    return out


def spline(points):
    """A Catmull-Rom curve through the points."""
    padded = [points[0]] + list(points) + [points[-1]]
    out = [points[0]]
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:]):
        steps = max(4, int(math.dist(b, c) / .3))
        for i in range(1, steps + 1):
            t = i / steps
            out.append(tuple(
                .5 * (2 * b[k] + (c[k] - a[k]) * t + (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * t * t + (3 * b[k] - a[k] - 3 * c[k] + d[k]) * t ** 3) for k in (0, 1)
            ))
    return out
