"""The network: eight convolutions that halve the picture three times, one linear layer; some 540,000 weights, 16 million multiplications a character."""

from torch import nn

import classes


def step(given, made, stride=1):
    return nn.Sequential(nn.Conv2d(given, made, 3, padding=1, stride=stride, bias=False), nn.BatchNorm2d(made), nn.ReLU())


def build():
    return nn.Sequential(
        step(1, 16), step(16, 32, 2), step(32, 32), step(32, 80, 2), step(80, 80), step(80, 80), step(80, 128, 2), step(128, 128),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(128 * 16, len(classes.CLASSES)),
    )
