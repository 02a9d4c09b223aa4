"""What a hand, a pen and a scanner do to a character, in batches on the pictures of glyphs.py; and the shape in which the network sees it."""

import math

import torch
import torch.nn.functional as F

SEEN = 32
BOX = 24
# The side of the pictures in which a character is disturbed: what is finer is lost anyway.
WORK = 48


def uniform(count, low, high, generator):
    return torch.rand(count, generator=generator) * (high - low) + low


def disturb(batch, generator, bent=1.0):
    """`batch`: n x 1 x 64 x 64, ink 1. Slant, aspect, waviness (all three by `bent`), pen width, blur, threshold, dirt, the rest of a cell's line."""
    count = batch.shape[0]
    turn = bent * uniform(count, -0.18, 0.18, generator)
    shear = bent * uniform(count, -0.28, 0.28, generator)
    wide, tall = torch.exp(bent * uniform(count, -0.28, 0.28, generator)), torch.exp(bent * uniform(count, -0.18, 0.18, generator))
    cos, sin = torch.cos(turn), torch.sin(turn)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = cos * wide, (shear * cos - sin) * wide
    theta[:, 1, 0], theta[:, 1, 1] = sin * tall, (shear * sin + cos) * tall
    theta[:, :, :2] *= 1.1
    grid = F.affine_grid(theta, (count, 1, WORK, WORK), align_corners=False)
    # A smooth field of displacements: no two are drawn alike (Simard, Steinkraus, Platt 2003).
    field = torch.randn(count, 2, 5, 5, generator=generator) * bent * uniform(count, 0.0, 0.055, generator)[:, None, None, None]
    grid = grid + F.interpolate(field, size=(WORK, WORK), mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    ink = F.grid_sample(batch, grid, align_corners=False)
    # The pen: a sixth of the batch each from 1 px thinner to 2 px wider.
    sixth = count // 6
    parts = list(ink.split([sixth, sixth, sixth, sixth, sixth, count - 5 * sixth]))
    for index, grow in enumerate((-0.5, -1.0, 0.5, 1.0, 2.0)):
        part = parts[index]
        if grow < 0:
            thinner = part * (1 + grow / 2) + F.max_pool2d(-part, 3, 1, 1) * (grow / 2)
            # What would vanish stays.
            parts[index] = torch.where(thinner.sum(dim=(1, 2, 3), keepdim=True) > 0.55 * part.sum(dim=(1, 2, 3), keepdim=True), thinner, part)
        else:
            for _ in range(int(max(1, grow))):
                part = part * (1 - min(grow, 1) / 2) + F.max_pool2d(part, 3, 1, 1) * (min(grow, 1) / 2)
            parts[index] = part
    # Pens, blurs and resolutions go by place in the batch: shuffled in between, each meets each.
    first, second = torch.randperm(count, generator=generator), torch.randperm(count, generator=generator)
    ink = coarse(blur(torch.cat(parts)[first], generator)[second], generator)[torch.argsort(first[second])]
    # The rest of a cell's line at an edge, and a neighbour's ink that reaches in.
    ink = residue(ink, generator)
    # A scan in black and white, at any threshold that leaves something.
    limit = uniform(count, 0.25, 0.6, generator)[:, None, None, None]
    black = torch.sigmoid((ink - limit) * 40)
    whole = black.mean(dim=(1, 2, 3), keepdim=True) > 0.7 * (ink > 0.3 * ink.amax(dim=(1, 2, 3), keepdim=True)).float().mean(dim=(1, 2, 3), keepdim=True)
    ink = torch.where((torch.rand(count, generator=generator) < 0.55)[:, None, None, None] & whole, black, ink)
    grain = torch.randn(ink.shape, generator=generator) * uniform(count, 0.0, 0.08, generator)[:, None, None, None]
    return (ink * uniform(count, 0.55, 1.0, generator)[:, None, None, None] + grain).clamp(0, 1)


def coarse(ink, generator):
    """A third of a batch as a scan of 100 to 200 dpi has it."""
    count = ink.shape[0] // 3
    side = int(torch.randint(16, 34, (1,), generator=generator))
    small = F.interpolate(ink[:count], size=(side, side), mode="area")
    return torch.cat([F.interpolate(small, size=ink.shape[2:], mode="bilinear", align_corners=False), ink[count:]])


def blur(ink, generator):
    """By an eighth of the batch, with one width each."""
    taps = torch.arange(-3, 4, dtype=torch.float32)
    parts = []
    for part in ink.chunk(8):
        kernel = torch.exp(-0.5 * (taps / float(uniform(1, 0.25, 1.3, generator))) ** 2)
        kernel = kernel / kernel.sum()
        parts.append(F.conv2d(F.conv2d(part, kernel[None, None, None, :], padding=(0, 3)), kernel[None, None, :, None], padding=(3, 0)))
    return torch.cat(parts)


def residue(ink, generator):
    count, side = ink.shape[0], ink.shape[2]
    marked = torch.rand(count, generator=generator) < 0.12
    where = torch.randint(0, 4, (count,), generator=generator)
    for index in torch.where(marked)[0].tolist():
        length = int(torch.randint(4, 20, (1,), generator=generator))
        start = int(torch.randint(3, side - 23, (1,), generator=generator))
        thick = int(torch.randint(1, 4, (1,), generator=generator))
        at = int(torch.randint(0, 5, (1,), generator=generator))
        tone = float(torch.rand(1, generator=generator)) * 0.6 + 0.4
        picture = ink[index, 0]
        if where[index] == 0:
            picture[start:start + length, at:at + thick] = tone
        elif where[index] == 1:
            picture[start:start + length, side - at - thick:side - at] = tone
        elif where[index] == 2:
            picture[side - at - thick:side - at, start:start + length] = tone
        else:
            picture[at:at + thick, start:start + length] = tone
    return ink


def seen(ink, jitter=0.0, generator=None):
    """n x 1 x 64 x 64 to n x 1 x 32 x 32: the box of the ink with its longer side at 24, centred, its darkest at 1."""
    count, side = ink.shape[0], ink.shape[2]
    strong = ink > 0.35 * ink.amax(dim=(1, 2, 3), keepdim=True).clamp(min=0.05)
    rows, columns = strong.any(dim=3)[:, 0], strong.any(dim=2)[:, 0]
    first = lambda line: line.float().argmax(dim=1).float()
    last = lambda line: side - line.flip(1).float().argmax(dim=1).float()
    top, bottom, left, right = first(rows), last(rows), first(columns), last(columns)
    if jitter:
        shift = lambda: (torch.rand(count, generator=generator) - 0.5) * 2 * jitter
        top, bottom, left, right = top + shift(), bottom + shift(), left + shift(), right + shift()
    longer = torch.maximum(bottom - top, right - left).clamp(min=2)
    scale = longer * SEEN / BOX / side
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = scale
    theta[:, 0, 2] = (left + right) / side - 1
    theta[:, 1, 2] = (top + bottom) / side - 1
    grid = F.affine_grid(theta, (count, 1, SEEN * 3, SEEN * 3), align_corners=False)
    picture = F.avg_pool2d(F.grid_sample(ink, grid, align_corners=False), 3)
    return picture / picture.amax(dim=(1, 2, 3), keepdim=True).clamp(min=0.05)
