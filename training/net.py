"""The networks: convolutions that halve the picture three times, one linear layer.

The wide one (536,000 weights, 16 million multiplications a character) learns from characters and their labels. The narrow one (443,000 weights, 8.6 million) learns what the
wide one makes of them (Hinton, Vinyals, Dean 2015): half the work, for its first step looks at every second pixel only. The narrow one is what reads.
"""

from torch import nn

import classes

# Channels, side of the kernel, stride.
WIDE = [(16, 3, 1), (32, 3, 2), (32, 3, 1), (80, 3, 2), (80, 3, 1), (80, 3, 1), (128, 3, 2), (128, 3, 1)]
NARROW = [(24, 5, 2), (48, 3, 2), (64, 3, 1), (64, 3, 1), (128, 3, 2), (128, 3, 1)]


def build(steps):
    parts, given = [], 1
    for made, side, stride in steps:
        parts.append(nn.Sequential(nn.Conv2d(given, made, side, padding=side // 2, stride=stride, bias=False), nn.BatchNorm2d(made), nn.ReLU()))
        given = made
    return nn.Sequential(*parts, nn.Flatten(), nn.Dropout(0.3 if steps is WIDE else 0.15), nn.Linear(given * 16, len(classes.CLASSES)))
