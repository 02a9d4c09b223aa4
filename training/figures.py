"""Prints how many characters kept aside the shipped networks read right, once and with the second look at what is doubtful, by source: python figures.py DATA MODELS [PART]. Both
as src/recognise/looks.rs takes them, among the digits or among the capitals, as a field's type says."""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import augment
import classes
import shipped
import sources
import temperature
import train

# As in looks.rs.
CLEAR, OPEN, SLANTS = 0.999, 0.8, (-0.15, 0.15)
AMONG = {"digits": classes.DIGITS, "capitals": classes.CAPITALS}


class Look:
    """A network with its temperature, asked about pictures of 64 x 64."""

    def __init__(self, models, look):
        self.network, self.temperature = shipped.load(models, look)

    def at(self, ink, slant=0.0):
        if slant:
            lean = torch.zeros(len(ink), 2, 3)
            # A little farther away, so that nothing is cut off.
            lean[:, 0, 0] = lean[:, 1, 1] = 1.15
            lean[:, 0, 1] = 1.15 * slant
            ink = F.grid_sample(ink, F.affine_grid(lean, ink.shape, align_corners=False), align_corners=False)
        with torch.no_grad():
            return torch.cat([temperature.probabilities(self.network(augment.seen(part)), self.temperature) for part in ink.split(512)])


def pooled(*opinions):
    """The product of probabilities, each to the power of its share, made a distribution again."""
    product = sum(share * opinion.log() for opinion, share in opinions).exp()
    return product / product.sum(dim=1, keepdim=True)


def read(first, second, ink, allowed):
    """The probabilities of the first look, and of all looks together; `allowed` are the classes that the field has."""
    highest = lambda read: read[:, allowed].amax(dim=1) / read[:, allowed].sum(dim=1)
    once = first.at(ink)
    both = once.clone()
    unclear = highest(both) < CLEAR
    both[unclear] = pooled((both[unclear], 0.5), (second.at(ink[unclear]), 0.5))
    left = unclear & (highest(both) < OPEN)
    both[left] = pooled((both[left], 0.5), *((second.at(ink[left], slant), 0.25) for slant in SLANTS))
    return once[:, allowed], both[:, allowed]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=Path)
    arguments.add_argument("models", type=Path)
    arguments.add_argument("part", nargs="*", default=sources.PARTS)
    options = arguments.parse_args()
    first, second = (Look(options.models, look) for look in train.SEEDS)
    for part in options.part:
        pictures, labels, origins = sources.aside(options.data, part)
        for name, among in AMONG.items():
            allowed = [classes.INDEX[character] for character in among]
            rows = np.isin(labels, allowed)
            once, both = read(first, second, torch.from_numpy(pictures[rows]).float()[:, None] / 255, allowed)
            right = [np.array(allowed)[look.argmax(dim=1).numpy()] == labels[rows] for look in (once, both)]
            for origin in [*np.unique(origins[rows]), "all"]:
                here = (origins[rows] == origin) | (origin == "all")
                print(f"{part} {name} {origin}: {here.sum()}, once {100 * right[0][here].mean():.2f} %, second look {100 * right[1][here].mean():.2f} %", flush=True)


if __name__ == "__main__":
    main()
