"""Trains the character network: python train.py DATA OUT. One seed, one command; minutes on two cores."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import augment
import classes
import net
import sources

# How often a source is drawn for a class that it has, against the others.
WEIGHT = {"mnist": 4.0, "optdigits": 2.0, "semeion": 2.0, "hw62": 4.0, "hw62_small": 3.0, "dhsd": 1.5, "dhsd_small": 2.0, "font": 2.0, "font_small": 2.0,
          "strokes": 3.0, "changed": 2.0, "foreign": 1.0, "struck": 2.0, "two": 1.0}
# How often a class is drawn, against a capital: small letters are the exception in a comb.
OFTEN = {**dict.fromkeys(classes.DIGITS, 3.0), **dict.fromkeys(classes.SMALL, 0.5), **dict.fromkeys(classes.SIGNS, 0.3), classes.STRUCK: 2.0, classes.OTHER: 3.0}


SEED = 20261122
# The share of each label that is spread over all classes (Szegedy and others, CVPR 2016): it keeps scores from growing without end. What it adds to every class is
# taken off again where probabilities are made.
SMOOTHING = 0.02


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--epochs", type=int, default=40)
    arguments.add_argument("--per-epoch", type=int, default=60_000)
    arguments.add_argument("--seed", type=int, default=SEED)
    options = arguments.parse_args()
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    random = np.random.default_rng(options.seed)

    train, aside = sources.Pool(), sources.Pool()
    sources.real(options.data / "chars", train, aside, random)
    sources.fonts(options.data / "fonts", train, aside)
    sources.foreign(options.data / "fonts", train, aside)
    sources.changed(train, random)
    sources.drawn(train, random)
    sources.spoilt(train, aside, random)
    pictures, labels, origins = train.done()
    tests = aside.done()
    print(f"{len(labels)} characters to train on, {len(tests[1])} kept aside", flush=True)

    # Each class as often as each other, and within a class each source by its weight.
    chance = np.zeros(len(labels))
    for label in np.unique(labels):
        of_class = labels == label
        for origin in np.unique(origins[of_class]):
            here = of_class & (origins == origin)
            chance[here] = WEIGHT[origin] / here.sum()
        chance[of_class] *= OFTEN.get(classes.CLASSES[label], 1.0) / chance[of_class].sum()
    chance /= chance.sum()

    network = net.build().to(memory_format=torch.channels_last)
    print(sum(weight.numel() for weight in network.parameters()), "weights", flush=True)
    batch = 256
    steps = options.epochs * (options.per_epoch // batch)
    # Judged and kept is the mean of the last weights (Polyak, Juditsky 1992): it is steadier than any of them.
    mean = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998), use_buffers=True)
    optimiser = torch.optim.AdamW(network.parameters(), lr=4e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps, pct_start=0.25)
    all_pictures = torch.from_numpy(pictures)
    all_labels = torch.from_numpy(labels)
    options.out.mkdir(parents=True, exist_ok=True)
    for epoch in range(options.epochs):
        started, total = time.time(), 0.0
        network.train()
        for chosen in np.array_split(random.choice(len(labels), options.per_epoch // batch * batch, p=chance), options.per_epoch // batch):
            ink = all_pictures[chosen].float()[:, None] / 255
            picture = augment.seen(augment.disturb(ink, generator), jitter=1.0, generator=generator)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = network(picture.to(memory_format=torch.channels_last))
            loss = F.cross_entropy(scores.float(), all_labels[chosen], label_smoothing=SMOOTHING)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            mean.update_parameters(network)
            total += loss.item()
        figures = judge(mean.module, *tests)
        print(f"epoch {epoch + 1}: loss {total / (options.per_epoch // batch):.3f}, {time.time() - started:.0f} s, {figures}", flush=True)
        torch.save(mean.module.state_dict(), options.out / "characters.pt")
        (options.out / "figures.json").write_text(json.dumps(figures, indent=1))


def scored(network, pictures):
    """The scores of pictures as they are."""
    network.eval()
    with torch.no_grad():
        parts = np.array_split(pictures, max(1, len(pictures) // 512))
        return torch.cat([network(augment.seen(torch.from_numpy(part).float()[:, None] / 255)) for part in parts]).numpy()


def judge(network, pictures, labels, origins):
    """Right, among digits or among letters as the field's type says, by source."""
    scores = scored(network, pictures)
    figures = {}
    spoilt = [classes.INDEX[classes.STRUCK], classes.INDEX[classes.OTHER]]
    for origin in np.unique(origins):
        here = origins == origin
        for name, among in [("digits", classes.DIGITS), ("letters", classes.CAPITALS)]:
            allowed = [classes.INDEX[character] for character in among]
            rows = here & np.isin(labels, allowed)
            if rows.sum() > 0:
                guess = np.array(allowed)[scores[rows][:, allowed].argmax(axis=1)]
                figures[f"{origin} {name}"] = [round(float((guess == labels[rows]).mean()), 4), int(rows.sum())]
        rows = here & np.isin(labels, spoilt)
        if rows.sum() > 0:
            figures[f"{origin} seen as spoilt"] = [round(float(np.isin(scores[rows].argmax(axis=1), spoilt).mean()), 4), int(rows.sum())]
    return figures


if __name__ == "__main__":
    main()
