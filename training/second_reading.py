#!/usr/bin/env python3
"""Learns the weights of the second reading of a vedtak (src/vedtak/second_reading.rs): is anything decided, how many, for which years?

    second_reading.py texts TEXTS               the texts that are learnt from, as JSON lines
    second_reading.py train TEXTS CANDIDATES    models/vedtak-second-reading.json, and how often it is right on a file that it was not learnt from

Between the two the program itself prints what is weighed, so that it is the same in training and in use (training/README.md). That no number or no year is stated is an answer too.
A text whose number or years are not among the candidates teaches nothing of them. The texts that only measure (`frozen.txt`, `frozen-2.txt`, `frozen-6.txt`) are not read here.
"""

import argparse
import collections
import email.utils
import json
import pathlib
import re

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
HAND = (
    *("tuning", "tuning-news", "tuning-minutes", "tuning-traps", "tuning-mixed", "frozen-4", "frozen-5"),
    *("more-everyday", "more-letters", "more-minutes", "more-news", "more-numbers", "more-pairs"),
)
GENERATED = ROOT / "tests/vedtak/generated/texts"
# Decisions by the grammar all speak alike, so each counts for less.
GENERATED_WEIGHT = 0.3
# How strongly weights are held to zero, and in how many texts a feature has to hold. Chosen on files left out.
RIDGE = {"decided": 0.5, "total": 2.0, "years": 2.0}
TEXTS_MIN = 3
# The truth of each field in the expected values.
TRUTH = {"total": "vedtatt_totalt", "years": "aar"}
SMALL = 0.02
ALWAYS = ""


def entries(path):
    for block in re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))[1:]:
        head, rest = block.split("\n", 1)
        expected, text = rest.split("\n---\n", 1)
        name, kind = head.split()
        yield name, as_read(text) if kind == "mail" else text, json.loads(expected)["fields"]


def as_read(mail):
    """A mail as its words are read: who, what about, when."""
    head, body = mail.split("\n\n", 1)
    fields = dict(line.split(": ", 1) for line in head.split("\n") if ": " in line)
    day = email.utils.parsedate_to_datetime(fields["Date"])
    return f"Fra: {fields['From']}\nEmne: {fields['Subject']}\nDato: {day:%d.%m.%Y}\n\n{body}"


def texts():
    for name in HAND:
        for entry, text, fields in entries(ROOT / f"tests/vedtak/hand/{name}.txt"):
            yield {"set": name, "name": f"{name}/{entry}", "text": text, "final": fields["final"], **{key: fields[key] for key in TRUTH.values()}}
    kinds = json.loads((GENERATED / "kinds.json").read_text())
    for name, kind in sorted(kinds.items()):
        path = GENERATED / f"{name}.txt"
        expected = json.loads((GENERATED / f"{name}.expected.json").read_text())
        if path.exists() and expected.get("form") == "vedtak":
            fields = expected["fields"]
            raw = path.read_bytes()
            try:
                text = raw.decode()
            except UnicodeDecodeError:
                text = raw.decode("cp1252")
            yield {"set": "generated", "name": f"generated/{name}", "text": text, "final": kind["final"], **{key: fields[key] for key in TRUTH.values()}}


def examples(rows, candidates, field):
    """What is weighed for each candidate of a text, and which candidate is the true one. The only candidate of `decided` is that something is, and none stands for no."""
    for row in rows:
        if field == "decided":
            yield row, [candidates[row["name"]]["decided"], []], 0 if row["final"] else 1
        elif row["final"]:
            truth = row[TRUTH[field]] or (0 if row[TRUTH[field]] == 0 else None)
            listed = candidates[row["name"]][field]
            at = [i for i, candidate in enumerate(listed) if candidate["value"] == (sorted(truth) if isinstance(truth, list) else truth)]
            if at:
                yield row, [candidate["features"] for candidate in listed], at[0]


class Problem:
    """The likelihood of the true candidates, as a function of the weights."""

    def __init__(self, data, field):
        self.ridge = RIDGE[field]
        count = collections.Counter(feature for _, listed, _ in data for feature in set().union(*listed))
        self.names = sorted(feature for feature, texts in count.items() if texts >= TEXTS_MIN)
        place = {name: at for at, name in enumerate(self.names)}
        columns, of_row, group, true, weight = [], [], [], [], []
        for number, (row, listed, at) in enumerate(data):
            for index, features in enumerate(listed):
                known = [place[feature] for feature in features if feature in place]
                columns += known
                of_row += [len(group)] * len(known)
                group.append(number)
                true.append(index == at)
            weight.append(GENERATED_WEIGHT if row["set"] == "generated" else 1.0)
        self.columns, self.of_row, self.group = np.array(columns), np.array(of_row), np.array(group)
        self.true, self.weight = np.array(true, float), np.array(weight)

    def loss(self, weights):
        texts = len(self.weight)
        score = np.bincount(self.of_row, weights[self.columns], len(self.group))
        top = np.full(texts, -np.inf)
        np.maximum.at(top, self.group, score)
        odds = np.exp(score - top[self.group])
        total = np.bincount(self.group, odds, texts)
        likelihood = np.bincount(self.group, score * self.true, texts) - top - np.log(total)
        error = self.weight[self.group] * (self.true - odds / total[self.group])
        gradient = np.bincount(self.columns, error[self.of_row], len(self.names))
        return self.ridge / 2 * weights @ weights - self.weight @ likelihood, self.ridge * weights - gradient

    def solve(self, steps=400, memory=10):
        """L-BFGS with halving steps."""
        weights = np.zeros(len(self.names))
        moved, turned = [], []
        loss, gradient = self.loss(weights)
        for _ in range(steps):
            direction, factors = -gradient, []
            for move, turn in zip(reversed(moved), reversed(turned)):
                factor = move @ direction / (turn @ move)
                factors.append(factor)
                direction = direction - factor * turn
            if moved:
                direction *= moved[-1] @ turned[-1] / (turned[-1] @ turned[-1])
            for move, turn, factor in zip(moved, turned, reversed(factors)):
                direction = direction + move * (factor - turn @ direction / (turn @ move))
            step = 1.0 if moved else 1 / np.linalg.norm(gradient)
            while True:
                found, slope = self.loss(weights + step * direction)
                if found <= loss + 1e-4 * step * (gradient @ direction) or step < 1e-9:
                    break
                step /= 2
            weights = weights + step * direction
            if (slope - gradient) @ direction > 1e-12:
                moved, turned = [*moved, step * direction][-memory:], [*turned, slope - gradient][-memory:]
            done = loss - found < 1e-7 * loss
            loss, gradient = found, slope
            if done:
                break
        return {name: float(weight) for name, weight in zip(self.names, weights) if abs(weight) >= SMALL}


def best(weights, listed):
    scores = np.array([sum(weights.get(feature, 0.0) for feature in features) for features in listed])
    odds = np.exp(scores - scores.max())
    return int(scores.argmax()), float(odds.max() / odds.sum())


def left_out(data, field):
    """How often the likeliest answer is the true one, in each file that is left out."""
    for name in HAND:
        weights = Problem([example for example in data if example[0]["set"] != name], field).solve()
        tried = [at == best(weights, listed)[0] for row, listed, at in data if row["set"] == name]
        print(f"{field:8}{name:16}right {sum(tried)} of {len(tried)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("texts").add_argument("texts", type=pathlib.Path)
    train = commands.add_parser("train")
    train.add_argument("texts", type=pathlib.Path)
    train.add_argument("candidates", type=pathlib.Path)
    train.add_argument("--without", choices=HAND, help="leave this file out, and only write the weights")
    options = parser.parse_args()
    if options.command == "texts":
        options.texts.write_text("".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts()))
        return
    rows = [json.loads(line) for line in options.texts.read_text().splitlines()]
    candidates = {line["name"]: line["candidates"] for line in map(json.loads, options.candidates.read_text().splitlines())}
    for listed in candidates.values():
        # What is always added stands with the weights under a name of its own.
        listed["decided"] = [ALWAYS, *listed["decided"]]
    model = {}
    for field in RIDGE:
        data = list(examples(rows, candidates, field))
        if options.without:
            data = [example for example in data if example[0]["set"] != options.without]
        else:
            left_out(data, field)
        weights = Problem(data, field).solve()
        always = weights.pop(ALWAYS, 0.0)
        model[field] = {"always": round(always, 3), "weights": {name: round(weight, 3) for name, weight in sorted(weights.items())}}
    path = ROOT / "models/vedtak-second-reading.json"
    path.write_text(json.dumps(model, ensure_ascii=False, indent=0) + "\n")
    sizes = ", ".join(f"{len(part['weights'])} weights for {field}" for field, part in model.items())
    print(f"{path.name}: {path.stat().st_size} bytes, {sizes}")


if __name__ == "__main__":
    main()
