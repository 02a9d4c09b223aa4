"""Characters as pictures: 64 by 64, ink 255 on 0, the aspect kept, the longer side 52 pixels, centred.

Every source is brought into this shape once; what a pen, a scanner or a hand adds is done in batches while training (augment.py). The network sees 32 by 32
pixels with the longer side of the character's box at 24: src/recognise does the same with the glyphs of a comb.
"""

import numpy as np
from PIL import Image

SIDE = 64
INNER = 52


def fit(ink: np.ndarray) -> np.ndarray | None:
    """The character in `ink` (any size, 0 to 255, ink high), or None when there is none."""
    darkest = int(ink.max())
    if darkest < 40:
        return None
    # Some sources are faint: what counts as ink goes by the darkest.
    rows = np.where(ink.max(axis=1) > 0.25 * darkest)[0]
    columns = np.where(ink.max(axis=0) > 0.25 * darkest)[0]
    box = ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    box = (box.astype(np.float32) * (255 / darkest)).astype(np.uint8)
    height, width = box.shape
    scale = INNER / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = Image.fromarray(box).resize(size, Image.LANCZOS if scale < 1 else Image.BICUBIC)
    out = np.zeros((SIDE, SIDE), np.uint8)
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    out[top:top + size[1], left:left + size[0]] = np.asarray(picture)
    return out
