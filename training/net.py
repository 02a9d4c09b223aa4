"""The two networks. What every character goes through: a step that looks at every second pixel, five convolutions that halve the picture twice more, one linear layer; some
440,000 weights, 8.6 million multiplications a character. What only doubtful characters go through: seven convolutions, wider ones; some 1.2 million weights, 47 million
multiplications."""

from torch import nn

import classes


def step(given, made, side=3, stride=1):
    return nn.Sequential(nn.Conv2d(given, made, side, padding=side // 2, stride=stride, bias=False), nn.BatchNorm2d(made), nn.ReLU())


STEPS = {
    "first": lambda: [step(1, 24, side=5, stride=2), step(24, 48, stride=2), step(48, 64), step(64, 64), step(64, 128, stride=2), step(128, 128)],
    "second": lambda: [step(1, 32, side=5, stride=2), step(32, 64), step(64, 64), step(64, 128, stride=2), step(128, 128), step(128, 128), step(128, 192, stride=2), step(192, 192)],
}


def build(look):
    """The network of the first or the second look."""
    steps = STEPS[look]()
    return nn.Sequential(*steps, nn.Flatten(), nn.Dropout(0.2), nn.Linear(steps[-1][0].out_channels * 16, len(classes.CLASSES)))
