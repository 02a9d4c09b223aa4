"""Finds what the scores are divided by before they become probabilities, on the characters that were kept aside for tuning: python temperature.py DATA RUN.

The temperature is one number, chosen so that the probability of the true class is as high as it can be on average (Guo, Pleiss, Sun, Weinberger, ICML 2017). Each source counts
alike; the one with wrong labels (dhsd) does not count.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import augment
import sources
import train

# No class is impossible.
LEAST = 1e-6


def probabilities(scores, temperature):
    """Softmax; src/recognise/network.rs does the same."""
    kept = F.softmax(scores / temperature, dim=1).clamp(min=LEAST)
    return kept / kept.sum(dim=1, keepdim=True)


def main():
    data, run = Path(sys.argv[1]), Path(sys.argv[2])
    network = train.load(run)
    pictures, labels, origins = sources.aside(data, "tuning")
    scores = torch.from_numpy(train.scored(network, pictures))
    weights = torch.zeros(len(labels))
    for origin in set(origins) - {"dhsd"}:
        here = torch.from_numpy(origins == origin)
        weights[here] = 1 / here.sum()
    # Seen through a scanner once more, for what is kept aside is cleaner than what comes in.
    generator = torch.Generator().manual_seed(train.SEEDS["first"])
    disturbed = torch.cat([augment.seen(augment.disturb(torch.from_numpy(part).float()[:, None] / 255, generator)) for part in np.array_split(pictures, len(pictures) // 256)])
    with torch.no_grad():
        worse = torch.cat([network(part) for part in disturbed.split(512)])
    truth = torch.from_numpy(labels)
    losses = {}
    for step in range(50, 251):
        temperature = step / 100
        loss = sum((F.nll_loss(probabilities(given, temperature).log(), truth, reduction="none") * weights).sum() for given in (scores, worse))
        losses[temperature] = float(loss)
    best = min(losses, key=losses.get)
    figures = json.loads((run / "figures.json").read_text())
    (run / "figures.json").write_text(json.dumps({**figures, "temperature": best}, indent=1))
    print(f"temperature {best}, loss {losses[best]:.4f}, at 1.0 {losses[1.0]:.4f}")


if __name__ == "__main__":
    main()
