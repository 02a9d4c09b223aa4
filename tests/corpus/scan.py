"""What happens to paper on its way: print scale, skew, light, dirt, and the files that scanners write.

Pages come in as 8-bit grey at BASE_DPI, upright and clean, and go out at the scanner's resolution.
"""

import io
import struct
import zlib

import numpy
from PIL import Image, ImageDraw, ImageFilter

BASE_DPI = 400
PX_PER_MM = BASE_DPI / 25.4
A4_MM = (210.0, 297.0)


class Scan:
    """How a page is scanned. Angles in degrees counter-clockwise, `scale` of the print (1.0 as laid out), `shade` of the paper (255 white)."""

    def __init__(self, dpi=300, skew=0.0, scale=1.0, shift_mm=(0.0, 0.0), turned=False, shade=255, light=0, blur=0.4, noise=0.0, specks=0, threshold=150, holes=False, staple=False, tint=None):
        self.dpi, self.skew, self.scale, self.shift_mm, self.turned = dpi, skew, scale, shift_mm, turned
        self.shade, self.light, self.blur, self.noise, self.specks = shade, light, blur, noise, specks
        self.threshold, self.holes, self.staple, self.tint = threshold, holes, staple, tint

    def grey(self, page, random):
        """The page as the scanner sees it, 8-bit grey."""
        width, height = (round(side / 25.4 * self.dpi) for side in A4_MM)
        angle = numpy.deg2rad(self.skew + random.uniform(-.12, .12))
        # From a pixel of the scan back to one of the page: about the middle, turned, scaled and shifted.
        ratio = BASE_DPI / self.dpi / self.scale
        cos, sin = numpy.cos(angle) * ratio, numpy.sin(angle) * ratio
        cx, cy = width / 2 + self.shift_mm[0] / 25.4 * self.dpi, height / 2 + self.shift_mm[1] / 25.4 * self.dpi
        px, py = page.width / 2, page.height / 2
        matrix = (cos, -sin, px - cos * cx + sin * cy, sin, cos, py - sin * cx - cos * cy)
        source = page.filter(ImageFilter.GaussianBlur(BASE_DPI / self.dpi * .45)) if self.dpi < BASE_DPI else page
        out = source.transform((width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=255)
        self.marks(out, random)
        if self.blur:
            out = out.filter(ImageFilter.GaussianBlur(self.blur))
        data = numpy.asarray(out, dtype=numpy.float32) * (self.shade / 255)
        if self.light:
            across = numpy.linspace(-1, 1, width, dtype=numpy.float32)[None, :]
            down = numpy.linspace(-1, 1, height, dtype=numpy.float32)[:, None]
            data -= self.light * (.5 + .35 * across + .25 * down + .2 * across * down)
        if self.noise:
            data += numpy.random.Generator(numpy.random.PCG64(random.getrandbits(32))).normal(0, self.noise, data.shape).astype(numpy.float32)
        out = Image.fromarray(numpy.clip(data, 0, 255).astype(numpy.uint8), "L")
        return out.rotate(180) if self.turned else out

    def marks(self, out, random):
        """Punch holes, the shadow of a staple, and specks."""
        pencil, px = ImageDraw.Draw(out), self.dpi / 25.4
        if self.holes:
            for y in (148.5 - 40, 148.5 + 40):
                pencil.ellipse([(9.5 - 2.7) * px, (y - 2.7) * px, (9.5 + 2.7) * px, (y + 2.7) * px], fill=70)
        if self.staple:
            pencil.line([6 * px, 11 * px, 13 * px, 6.5 * px], fill=110, width=max(1, round(.5 * px)))
        for _ in range(self.specks):
            x, y, r = random.uniform(0, out.width), random.uniform(0, out.height), random.uniform(.03, .12) * px
            pencil.ellipse([x - r, y - r, x + r, y + r], fill=random.randint(0, 120))

    def bitonal(self, page, random):
        """The page in black and white."""
        return self.grey(page, random).point(lambda value: 255 if value >= self.threshold else 0).convert("1", dither=Image.Dither.NONE)

    def colour(self, page, random):
        """The page in colour: the paper has a tint, and ink that is neither black nor white is blue."""
        grey = numpy.asarray(self.grey(page, random), dtype=numpy.float32)
        tint = numpy.array(self.tint or (1.0, .99, .96), dtype=numpy.float32)
        blue = numpy.clip((170 - numpy.abs(grey - 110)) / 170, 0, 1)[..., None] * numpy.array([-14, -4, 34], dtype=numpy.float32)
        return Image.fromarray(numpy.clip(grey[..., None] * tint + blue, 0, 255).astype(numpy.uint8), "RGB")


def save_tiff(path, pages, dpi, white_is_zero=True):
    """A multi-page TIFF, compressed with CCITT group 4 (ITU-T T.6)."""
    parts = [group4(page, white_is_zero) for page in pages]
    out = bytearray(b"II*\0\0\0\0\0")
    link = 4
    for (width, height), data in zip((page.size for page in pages), parts):
        strip = len(out)
        out += data + b"\0" * (len(data) % 2)
        resolution = len(out)
        out += struct.pack("<II", dpi, 1)
        struct.pack_into("<I", out, link, len(out))
        entries = [
            (254, 4, 1, 2), (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 1), (259, 3, 1, 4), (262, 3, 1, 0 if white_is_zero else 1), (266, 3, 1, 1), (273, 4, 1, strip),
            (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(data)), (282, 5, 1, resolution), (283, 5, 1, resolution), (293, 4, 1, 0), (296, 3, 1, 2),
        ]
        out += struct.pack("<H", len(entries))
        for tag, kind, count, value in entries:
            out += struct.pack("<HHI", tag, kind, count) + (struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value))
        link = len(out)
        out += b"\0\0\0\0"
    path.write_bytes(out)


def group4(page, white_is_zero=True):
    """The group 4 data of a bitonal page, one strip. In T.6 white is the colour that lines begin with; scanners store it as zero."""
    ink = page if not white_is_zero else page.point(lambda value: 255 - value)
    file = io.BytesIO()
    ink.save(file, "TIFF", compression="group4", tiffinfo={278: page.height})
    raw = file.getvalue()
    with Image.open(io.BytesIO(raw)) as back:
        offsets, counts = back.tag_v2[273], back.tag_v2[279]
        assert len(offsets) == 1 and back.tag_v2[262] == 1, "one strip, black is zero"
    return raw[offsets[0]:offsets[0] + counts[0]]


def save_pdf(path, pages, dpi, quality=None):
    """A PDF of scanned pages: group 4 when `quality` is none, else JPEG."""
    writer = PdfWriter()
    for page in pages:
        width, height = page.size
        if quality is None:
            data = group4(page)
            image = f"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns {width} /Rows {height} >>"
        else:
            data = jpeg(page, quality, dpi)
            space = "DeviceRGB" if page.mode == "RGB" else "DeviceGray"
            image = f"/ColorSpace /{space} /BitsPerComponent 8 /Filter /DCTDecode"
        writer.page(data, image, width, height, 72 / dpi)
    path.write_bytes(writer.finish())


def jpeg(page, quality, dpi):
    file = io.BytesIO()
    page.save(file, "JPEG", quality=quality, dpi=(dpi, dpi), optimize=True)
    return file.getvalue()


class PdfWriter:
    """As much PDF as a scanner writes: a page an image."""

    def __init__(self):
        self.objects, self.kids = [b"", b""], []

    def add(self, body):
        self.objects.append(body)
        return len(self.objects)

    def page(self, data, image, width, height, points):
        name = self.add(f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} {image} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream")
        w, h = width * points, height * points
        drawing = zlib.compress(f"q {w:.3f} 0 0 {h:.3f} 0 0 cm /Im Do Q".encode())
        content = self.add(f"<< /Filter /FlateDecode /Length {len(drawing)} >>\nstream\n".encode() + drawing + b"\nendstream")
        self.kids.append(self.add(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {w:.3f} {h:.3f}] /Resources << /XObject << /Im {name} 0 R >> >> /Contents {content} 0 R >>".encode()))

    def finish(self):
        self.objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
        self.objects[1] = f"<< /Type /Pages /Count {len(self.kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in self.kids)}] >>".encode()
        out, places = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
        for number, body in enumerate(self.objects, 1):
            places.append(len(out))
            out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
        start = len(out)
        out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{place:010} 00000 n \n".encode() for place in places)
        out += f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(out)
