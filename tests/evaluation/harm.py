"""What happens to a sheet of paper before it is scanned, and how a phone sees it.

Sheets are pictures at BASE_DPI, grey or in colour. Places are in millimetres from the upper left corner. What cannot be seen any more is told as a mask of
one pixel a millimetre, so that nobody is blamed for not reading it.
"""

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from form import TYPEFACES
from scan import A4_MM, BASE_DPI, PX_PER_MM, Scan

#: The centres of the six marks and the place of the page code, as docs/forms.md says.
MARKS_MM = ((12.5, 12.5), (197.5, 12.5), (12.5, 284.5), (197.5, 284.5), (12.5, 130.0), (197.5, 180.0))
CODE_MM = (172.6, 10.0, 17.4, 17.4)
#: The ink of office stamps: violet, blue, red, black.
STAMP_INKS = ((70, 40, 150), (30, 50, 160), (170, 25, 40), (40, 40, 40))
COFFEE = (128, 88, 50)
LUMA = numpy.array((0.299, 0.587, 0.114), dtype=numpy.float32)


def px(mm):
    return round(mm * PX_PER_MM)


def stained(page, left, top, strength, ink):
    """Ink or dirt that lets through what is below it: `strength` is an array from 0 to 1 with its corner at a place in pixels."""
    height, width = strength.shape
    box = (max(0, left), max(0, top), min(page.width, left + width), min(page.height, top + height))
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    strength = strength[box[1] - top:box[3] - top, box[0] - left:box[2] - left]
    share = numpy.array(ink, dtype=numpy.float32) / 255
    dark = (1 - strength[..., None] * (1 - share)) if page.mode == "RGB" else 1 - strength * (1 - float(share @ LUMA))
    under = numpy.asarray(page.crop(box), dtype=numpy.float32)
    page.paste(Image.fromarray((under * dark).astype(numpy.uint8)), box[:2])


def cover(page, points_mm, shade):
    """Paints over a polygon. Nothing of what was there is left."""
    points = [(x * PX_PER_MM, y * PX_PER_MM) for x, y in points_mm]
    ImageDraw.Draw(page).polygon(points, fill=shade if page.mode == "L" else (shade,) * 3)


def hidden(points_mm):
    """The mask of a polygon."""
    mask = Image.new("1", tuple(round(side) for side in A4_MM))
    ImageDraw.Draw(mask).polygon(points_mm, fill=1)
    return numpy.asarray(mask)


def ragged(start, end, random, wild=1.2):
    """The edge of a tear: a line that wanders."""
    steps, points, drift = 40, [], 0.0
    for at in range(steps + 1):
        drift = 0.8 * drift + random.gauss(0, wild * 0.5)
        share = at / steps
        across = numpy.array((end[1] - start[1], start[0] - end[0])) / max(1.0, numpy.hypot(end[0] - start[0], end[1] - start[1]))
        points.append((start[0] + share * (end[0] - start[0]) + drift * across[0], start[1] + share * (end[1] - start[1]) + drift * across[1]))
    return points


def torn_corner(page, corner, legs_mm, random, shade):
    """Tears off a corner: 0 upper left, 1 upper right, 2 lower left, 3 lower right."""
    x, y = (corner % 2) * A4_MM[0], (corner // 2) * A4_MM[1]
    inward = (1 if x == 0 else -1, 1 if y == 0 else -1)
    along, down = (x + inward[0] * legs_mm[0], y), (x, y + inward[1] * legs_mm[1])
    points = [(x, y)] + ragged(along, down, random)
    cover(page, points, shade)
    return hidden(points)


def torn_strip(page, side, depth_mm, random, shade):
    """Tears off a strip along a side: 0 top, 1 right, 2 bottom, 3 left."""
    width, height = A4_MM
    ends = {
        0: ((-3, depth_mm), (width + 3, depth_mm), (width + 3, -3), (-3, -3)),
        1: ((width - depth_mm, -3), (width - depth_mm, height + 3), (width + 3, height + 3), (width + 3, -3)),
        2: ((-3, height - depth_mm), (width + 3, height - depth_mm), (width + 3, height + 3), (-3, height + 3)),
        3: ((depth_mm, -3), (depth_mm, height + 3), (-3, height + 3), (-3, -3)),
    }[side]
    tilt = random.uniform(-6, 6)
    start, end = ends[0], (ends[1][0] + (tilt if side % 2 else 0), ends[1][1] + (0 if side % 2 else tilt))
    points = ragged(start, end, random) + list(ends[2:])
    cover(page, points, shade)
    return hidden(points)


def lose_mark(page, mark, random):
    """Loses one mark: torn off, under a label, or scraped to half of it."""
    x, y = MARKS_MM[mark]
    how = random.choice(("torn", "label", "scraped"))
    if how == "torn" and mark < 4:
        torn_corner(page, mark, (random.uniform(27, 31), random.uniform(27, 31)), random, random.choice((255, 255, 40)))
    elif how == "scraped":
        angle = random.uniform(-1.2, 1.2)
        cover(page, [(x - 4, y + angle), (x + 4, y - angle), (x + 4, y + 4), (x - 4, y + 4)], 255)
    else:
        # Reaching no further in than the margin: beyond it are fields.
        w, h = random.uniform(4, 5.5), random.uniform(4, 8)
        cover(page, [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)], random.choice((225, 255)))
    return how


def stamp(page, x_mm, y_mm, random, size_mm=(46, 22), strength=0.85, angle=None):
    """A received-stamp with its middle at a place: a frame and three lines, printed unevenly."""
    width, height = (px(side) for side in size_mm)
    mask = Image.new("L", (width + 40, height + 40), 0)
    pencil = ImageDraw.Draw(mask)
    pencil.rounded_rectangle([20, 20, 20 + width, 20 + height], 14, outline=255, width=px(0.8))
    for row, text in enumerate(("MOTTATT", "21 NOV 2026", "POSTMOTTAKET")):
        font = ImageFont.truetype(TYPEFACES["sans"], round(height * (0.3 if row < 2 else 0.17)))
        pencil.text((mask.width / 2, 20 + height * (0.22, 0.55, 0.84)[row]), text, font=font, fill=255, anchor="mm")
    turned = mask.rotate(random.uniform(-12, 12) if angle is None else angle, Image.Resampling.BICUBIC, expand=True).filter(ImageFilter.GaussianBlur(1.2))
    uneven = 1 - 0.35 * cloud(turned.size, random)
    ink = numpy.asarray(turned, dtype=numpy.float32) / 255 * uneven * strength
    stained(page, px(x_mm) - turned.width // 2, px(y_mm) - turned.height // 2, ink, random.choice(STAMP_INKS))


def cloud(size, random):
    """Smooth noise from 0 to 1."""
    source = numpy.random.Generator(numpy.random.PCG64(random.getrandbits(32)))
    small = Image.fromarray((source.random((9, 9)) * 255).astype(numpy.uint8))
    return numpy.asarray(small.resize(size, Image.Resampling.BICUBIC), dtype=numpy.float32) / 255


def coffee(page, x_mm, y_mm, random, radius_mm=(22, 42), spilt=0.35):
    """The ring of a cup, dark at its edge and broken, and what was spilt within it."""
    radius = random.uniform(*radius_mm)
    side = 2 * px(radius * 1.15)
    down, across = numpy.mgrid[0:side, 0:side].astype(numpy.float32)
    away = numpy.hypot(across - side / 2, (down - side / 2) * random.uniform(0.94, 1.06)) / PX_PER_MM
    wobble = away + 2.0 * (cloud((side, side), random) - 0.5)
    edge = numpy.exp(-(((wobble - radius) / random.uniform(0.5, 1.1)) ** 2)) * numpy.clip(cloud((side, side), random) * 2.2 - 0.3, 0, 1)
    pool = (wobble < radius) * spilt * numpy.clip(cloud((side, side), random) * 1.6 - 0.3, 0, 1)
    stained(page, px(x_mm) - side // 2, px(y_mm) - side // 2, numpy.clip(0.8 * edge + pool, 0, 0.85), COFFEE)


def label(page, x_mm, y_mm, w_mm, h_mm, random):
    """A white label of an archive, glued over what was there."""
    cover(page, [(x_mm, y_mm), (x_mm + w_mm, y_mm), (x_mm + w_mm, y_mm + h_mm), (x_mm, y_mm + h_mm)], 250)
    pencil, at = ImageDraw.Draw(page), x_mm + 2
    while at < x_mm + w_mm - 2.5:
        wide = random.choice((0.3, 0.6, 0.9))
        pencil.rectangle([px(at), px(y_mm + 3), px(at + wide), px(y_mm + h_mm * 0.6)], fill=0 if page.mode == "L" else (0, 0, 0))
        at += wide + random.choice((0.3, 0.6, 0.9))
    font = ImageFont.truetype(TYPEFACES["mono"], px(3.2))
    pencil.text((px(x_mm + w_mm / 2), px(y_mm + h_mm * 0.8)), f"26/{random.randint(10000, 99999)}", font=font, fill=0 if page.mode == "L" else (0, 0, 0), anchor="mm")


def holes(page, random):
    """Two or four punch holes on either long side; through them the lid of the scanner is seen."""
    x = random.choice((9.5, 12.0, A4_MM[0] - 10.0))
    middle = A4_MM[1] / 2 + random.uniform(-3, 3)
    shade = random.choice((20, 90, 255))
    for y in random.choice(((-40, 40), (-120, -40, 40, 120))):
        at = [px(x - 2.8), px(middle + y - 2.8), px(x + 2.8), px(middle + y + 2.8)]
        ImageDraw.Draw(page).ellipse(at, fill=shade if page.mode == "L" else (shade,) * 3)


def staples(page, random):
    """One or two staples in an upper corner, with a shadow and a small tear."""
    pencil = ImageDraw.Draw(page)
    grey = lambda value: value if page.mode == "L" else (value,) * 3
    for _ in range(random.choice((1, 1, 2))):
        x, y = random.choice((random.uniform(6, 16), random.uniform(193, 203))), random.uniform(6, 16)
        dx, dy = random.choice(((11, 0), (8, -7), (8, 7), (0, 11)))
        line = [px(x - dx / 2), px(y - dy / 2), px(x + dx / 2), px(y + dy / 2)]
        pencil.line([value + 5 for value in line], fill=grey(170), width=px(0.9))
        pencil.line(line, fill=grey(random.choice((60, 120))), width=px(0.6))


def folded(page, random):
    """A crease across: below it the paper lies a little to the side and higher, so that a strip is hidden, and the fold casts a shadow."""
    at, up, aside = random.choice((99, 148, 198)) + random.uniform(-4, 4), random.uniform(0.3, 1.6), random.uniform(-1.8, 1.8)
    below = page.crop((0, px(at + up), page.width, page.height)).rotate(random.uniform(-0.35, 0.35), Image.Resampling.BICUBIC, fillcolor=255 if page.mode == "L" else (255,) * 3)
    page.paste(255 if page.mode == "L" else (255,) * 3, (0, px(at), page.width, page.height))
    page.paste(below, (px(aside), px(at)))
    away = (numpy.arange(px(24), dtype=numpy.float32) / PX_PER_MM - 12)[:, None]
    shadow = numpy.exp(-((away / 0.35) ** 2)) * 0.55 + numpy.exp(-(numpy.clip(away, 0, None) / 5)) * (away > 0) * 0.22 + numpy.exp(away / 4) * (away <= 0) * 0.12
    stained(page, 0, px(at - 12), numpy.clip(numpy.repeat(shadow, page.width, axis=1), 0, 0.8), (70, 70, 75))
    return hidden([(0, at), (A4_MM[0], at), (A4_MM[0], at + up), (0, at + up)])


def photocopied(page, random):
    """One turn on a photocopier: a little larger or smaller, hard contrast, lines that grow or thin, dirt on the glass."""
    copier = Scan(BASE_DPI, skew=random.uniform(-0.6, 0.6), scale=random.uniform(0.985, 1.01), shade=250, light=random.choice((0, 14)), blur=random.uniform(0.8, 1.3), noise=6, specks=random.randint(40, 160))
    grey = copier.grey(page.convert("L"), random)
    middle, steep = random.uniform(135, 175), random.uniform(2.5, 5)
    hard = grey.point(lambda value: round(min(255, max(0, (value - middle) * steep + 128))))
    grown = hard.filter(ImageFilter.MinFilter(3)) if random.random() < 0.6 else hard
    return grown.resize(page.size, Image.Resampling.BICUBIC) if grown.size != page.size else grown


def turned(picture, degrees, background=255):
    """The scan turned, on a scanner wide enough to see all of it."""
    if degrees % 90 == 0:
        return picture.transpose({90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}[degrees]) if degrees else picture
    fill = background if picture.mode == "L" else (background,) * 3
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=fill)


def photographed(picture, random):
    """The page on a table, seen by a phone from above and a little aside, under a lamp and the shadow of a hand."""
    width, height = 2480, 3400
    slant, corners = random.uniform(0.02, 0.06), []
    for x, y in ((0.07, 0.05), (0.93, 0.05), (0.93, 0.95), (0.07, 0.95)):
        corners.append(((x + random.uniform(-slant, slant)) * width, (y + random.uniform(-slant, slant) * 0.7) * height))
    table = random.randint(60, 120)
    colour = picture.mode == "RGB"
    fill = (table, round(table * 0.8), round(table * 0.6)) if colour else table
    out = picture.transform((width, height), Image.Transform.PERSPECTIVE, perspective(corners, picture.size), Image.Resampling.BICUBIC, fillcolor=fill)
    light = lamp((width, height), random)
    data = numpy.asarray(out.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 1.0))), dtype=numpy.float32)
    warm = numpy.array((1.0, random.uniform(0.93, 0.99), random.uniform(0.82, 0.95)), dtype=numpy.float32)
    data = data * light[..., None] * warm if colour else data * light
    data += numpy.random.Generator(numpy.random.PCG64(random.getrandbits(32))).normal(0, 3, data.shape)
    return Image.fromarray(numpy.clip(data, 0, 255).astype(numpy.uint8))


def perspective(corners, size):
    """The eight numbers that take a place on the photograph back to one on the page."""
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (size[0], 0), size, (0, size[1]))):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return tuple(numpy.linalg.solve(numpy.array(rows, dtype=float), numpy.array(values, dtype=float)))


def lamp(size, random):
    """Light that falls off to one side, and a soft shadow: from about 0.5 to 1."""
    across = numpy.linspace(-1, 1, size[0], dtype=numpy.float32)[None, :]
    down = numpy.linspace(-1, 1, size[1], dtype=numpy.float32)[:, None]
    angle, fall = random.uniform(0, 6.28), random.uniform(0.1, 0.28)
    even = 1 - fall * (0.5 + 0.5 * (numpy.cos(angle) * across + numpy.sin(angle) * down))
    x, y, wide = random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(0.4, 0.8)
    shadow = random.uniform(0.1, 0.3) * numpy.exp(-(((across - x) / wide) ** 2 + ((down - y) / wide) ** 2))
    return (even * (1 - shadow)).astype(numpy.float32)
