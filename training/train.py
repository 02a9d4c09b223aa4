"""Trains a character network: python train.py DATA OUT first|second. One seed each; three quarters of an hour for the first look's and an hour for the second's on two cores.

The network is its own teacher: judged and kept is the mean of its last weights, steadier than any of them (Polyak, Juditsky 1992), and once that mean knows the characters
it says beside each label what it makes of the picture (Tarvainen, Valpola, NIPS 2017), and that a label is wrong. In the last third characters are bent half as far, which
makes it surer of clear ones."""

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
WEIGHT = {"mnist": 4.0, "optdigits": 2.0, "semeion": 2.0, "hw62": 4.0, "hw62_small": 3.0, "dhsd": 2.5, "dhsd_small": 2.0, "font": 2.0, "font_small": 2.0,
          "strokes": 3.0, "changed": 2.0, "foreign": 1.0, "struck": 2.0, "two": 1.0}
# How often a class is drawn, against a capital: small letters are the exception in a comb.
OFTEN = {**dict.fromkeys(classes.DIGITS, 3.5), **dict.fromkeys(classes.SMALL, 0.5), **dict.fromkeys(classes.SIGNS, 0.3), classes.STRUCK: 2.0, classes.OTHER: 3.0}


# Another one each, so that the two err apart.
SEEDS = {"first": 20261126, "second": 20261127}
EPOCHS = {"first": 75, "second": 60}
RATE = 4e-3
# From this share of the training on the mean of the weights teaches.
LEARNT = 0.3
# Sources with labels that are wrong now and then: a label that the teacher finds all but impossible does not count.
NOISY = {"mnist", "dhsd", "dhsd_small"}
IMPOSSIBLE = 4.0
# The share of the loss that the teacher has, and how much its scores are levelled, so that what it thinks of the other classes counts (Hinton, Vinyals, Dean 2015).
TAUGHT, LEVELLED = 0.5, 2.0
# How far characters are bent, against what no hand goes beyond, in the last third.
BENT_LAST = 0.5


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("look", choices=list(SEEDS))
    arguments.add_argument("--epochs", type=int)
    arguments.add_argument("--per-epoch", type=int, default=60_000)
    options = arguments.parse_args()
    seed, epochs = SEEDS[options.look], options.epochs or EPOCHS[options.look]
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    random = np.random.default_rng(seed)

    train, aside = sources.Pool(), sources.Pool()
    sources.real(options.data / "chars", train, aside, random)
    sources.fonts(options.data / "fonts", train, aside)
    sources.foreign(options.data / "fonts", train, aside)
    sources.changed(train, random)
    sources.drawn(train, random)
    sources.spoilt(train, aside, random)
    pictures, labels, origins = train.done()
    tests = aside.done("tuning")
    print(f"{len(labels)} characters to train on, {len(aside.labels)} kept aside", flush=True)
    noisy = torch.from_numpy(np.isin(origins, list(NOISY)))

    # Each class as often as each other, and within a class each source by its weight.
    chance = np.zeros(len(labels))
    for label in np.unique(labels):
        of_class = labels == label
        for origin in np.unique(origins[of_class]):
            here = of_class & (origins == origin)
            chance[here] = WEIGHT[origin] / here.sum()
        chance[of_class] *= OFTEN.get(classes.CLASSES[label], 1.0) / chance[of_class].sum()
    chance /= chance.sum()

    network = net.build(options.look).to(memory_format=torch.channels_last)
    print(sum(weight.numel() for weight in network.parameters()), "weights", flush=True)
    batch = 256
    steps = epochs * (options.per_epoch // batch)
    mean = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998), use_buffers=True).eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.25)
    all_pictures = torch.from_numpy(pictures)
    all_labels = torch.from_numpy(labels)
    options.out.mkdir(parents=True, exist_ok=True)
    for epoch in range(epochs):
        started, total = time.time(), 0.0
        network.train()
        bent = BENT_LAST if 3 * epoch >= 2 * epochs else 1.0
        for chosen in np.array_split(random.choice(len(labels), options.per_epoch // batch * batch, p=chance), options.per_epoch // batch):
            ink = all_pictures[chosen].float()[:, None] / 255
            picture = augment.seen(augment.disturb(ink, generator, bent), jitter=1.0, generator=generator)
            with halved():
                scores = network(picture.to(memory_format=torch.channels_last))
            losses = F.cross_entropy(scores.float(), all_labels[chosen], reduction="none")
            if epoch >= LEARNT * epochs:
                losses = taught(losses, scores.float(), asked(mean, picture), all_labels[chosen], noisy[chosen])
            loss = losses.mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            mean.update_parameters(network)
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / (options.per_epoch // batch):.3f}, {time.time() - started:.0f} s", flush=True)
        if (epoch + 1) % 5 == 0:
            print(judge(mean.module, *tests), flush=True)
        torch.save({"look": options.look, "weights": mean.module.state_dict()}, options.out / "characters.pt")
    # The part to measure with is looked at once, when nothing is chosen any more.
    figures = {part: judge(mean.module, *aside.done(part)) for part in sources.PARTS}
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1))


def look(run):
    """Which look's network a run has trained."""
    return torch.load(run / "characters.pt", weights_only=True)["look"]


def load(run):
    """A trained network, to be asked."""
    kept = torch.load(run / "characters.pt", weights_only=True)
    network = net.build(kept["look"])
    network.load_state_dict(kept["weights"])
    return network.eval()


def halved():
    """Numbers of 16 bits where the processor reckons with them; elsewhere they are slower than whole ones."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.cpu.get_capabilities().get("avx512_bf16", False))


def asked(teacher, picture):
    """What the teacher makes of pictures."""
    with torch.no_grad(), halved():
        return teacher(picture.to(memory_format=torch.channels_last)).float()


def taught(losses, scores, opinion, labels, noisy):
    """The loss by the label and the distance to the teacher's probabilities, together. Where the two are at odds one of them counts: the teacher where labels may be wrong, else
    the label."""
    apart = F.kl_div(F.log_softmax(scores / LEVELLED, dim=1), F.softmax(opinion / LEVELLED, dim=1), reduction="none").sum(dim=1) * LEVELLED ** 2
    odd = F.cross_entropy(opinion, labels, reduction="none") > IMPOSSIBLE
    both = (1 - TAUGHT) * losses + TAUGHT * apart
    return torch.where(odd, torch.where(noisy, TAUGHT * apart, losses), both)


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
