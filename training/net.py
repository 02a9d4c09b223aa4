"""The network: a step that looks at every second pixel, five convolutions that halve the picture twice more, one linear layer; some 440,000 weights, 8.6 million
multiplications a character."""

from torch import nn

import classes


def step(given, made, side=3, stride=1):
    return nn.Sequential(nn.Conv2d(given, made, side, padding=side // 2, stride=stride, bias=False), nn.BatchNorm2d(made), nn.ReLU())


def build():
    return nn.Sequential(
        step(1, 24, side=5, stride=2), step(24, 48, stride=2), step(48, 64), step(64, 64), step(64, 128, stride=2), step(128, 128),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(128 * 16, len(classes.CLASSES)),
    )
