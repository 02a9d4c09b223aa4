"""The network: three blocks of two convolutions, one linear layer; some 220,000 weights, 21 million multiplications a character."""

from torch import nn

import classes


def block(given, made):
    return nn.Sequential(
        nn.Conv2d(given, made, 3, padding=1, bias=False), nn.BatchNorm2d(made), nn.ReLU(),
        nn.Conv2d(made, made, 3, padding=1, bias=False), nn.BatchNorm2d(made), nn.ReLU(),
        nn.MaxPool2d(2),
    )


def build():
    return nn.Sequential(block(1, 24), block(24, 48), block(48, 96), nn.Flatten(), nn.Dropout(0.25), nn.Linear(96 * 16, len(classes.CLASSES)))
