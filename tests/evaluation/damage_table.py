#!/usr/bin/env python3
"""Reads the damaged pages of damage.py and says in a table, kind by kind, how many pages were found and straightened and what was accepted.

    damage_table.py PROGRAM OUT [--jobs N] [--again FILE] [--cases FILE]

OUT is the folder that damage.py wrote. What the program prints is kept in OUT/read.jsonl; `--again` makes the table of such a file without reading anew. `--cases`
writes every wrong case, with its values: the persons are invented.

The residual is that of a form's worst page, in mm. Accepted and wrong are fields whose decision is `accept`; "taken for blank" are fields with the decision `empty`
in which something is written; "unseen" are fields that nobody could read any more and that are not left to a person.
"""

import argparse
import collections
import json
import pathlib
import statistics
import subprocess

from damage import KINDS
from generate import ROOT


class Row:
    """What came of one kind."""

    def __init__(self):
        self.count = collections.Counter()
        self.residuals, self.ms = [], []


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--jobs", type=int, default=1)
    arguments.add_argument("--again", type=pathlib.Path)
    arguments.add_argument("--cases", type=pathlib.Path)
    options = arguments.parse_args()
    lines = options.again or read(options.program, options.out, options.jobs)
    parts = collections.defaultdict(list)
    for line in lines.read_text(encoding="utf-8").splitlines():
        part = json.loads(line)
        parts[pathlib.Path(part["file"]).stem].append(part)
    rows, cases = collections.defaultdict(Row), []
    for path in sorted(options.out.glob("*.expected.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        stem = path.name.removesuffix(".expected.json")
        judge(rows[truth["damage"]], truth, parts[stem], lambda *case: cases.append((stem, *case)))
    print(table(rows))
    if options.cases:
        options.cases.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases), encoding="utf-8")


def read(program, out, jobs):
    """Has the folder read; exit code 1 says only that some document was not recognised."""
    done = subprocess.run([program, "--forms", str(ROOT / "forms"), "read", str(out), "--json", "--reveal", "--received", "2026-11-21", "--jobs", str(jobs)], stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{program} read ended with {done.returncode}")
    lines = out / "read.jsonl"
    lines.write_bytes(done.stdout)
    return lines


def judge(row, truth, parts, case):
    """Holds what was read of one document against what is true of it."""
    row.count["documents"] += 1
    row.ms += [part["ms"] for part in parts[:1]]
    for part in parts:
        for finding in part["findings"]:
            # The codes of a reader that died or was stopped, and of files that could not be opened.
            if part["pages"] == 0:
                row.count["failed"] += 1
                case("failed", finding["code"], finding["message"])
    forms = [part for part in parts if part["kind"] == "form"]
    if truth["form"] is None:
        stranger(row, truth["fields"], forms, case)
        return
    row.count["pages"] += len(truth["pages"])
    values = [truth["fields"]] + ([truth["second"]] if "second" in truth else [])
    row.count["extra"] += max(0, len(forms) - len(values))
    for at, part in enumerate(forms):
        if "residual_mm" in part["form"] and part["form"]["residual_mm"] is not None:
            row.residuals.append(part["form"]["residual_mm"])
        known = values[min(at, len(values) - 1)]
        # Every page is in the file once but for a doubled one, whose copy makes a form of its own.
        expected = set(truth["pages"])
        row.count["identified"] += len(named(part) & expected)
        row.count["registered"] += len(straightened(part) & expected)
        fields(row, part, known, set(truth["unseen"]), case)


def named(part):
    """The pages of the form that were known: those that were read, and those that were known and could not be straightened."""
    stranded = {int(finding["message"].split()[1]) for finding in part["findings"] if finding["code"] == "page_not_registered"}
    return straightened(part) | stranded


def straightened(part):
    """The pages that were read: on the others every field waits for a person, with no confidence at all."""
    return {field["page"] for field in part["fields"] if field["page"] and (field["decision"] != "review" or field["confidence"] > 0)}


def pages_of(part):
    return {field["page"] for field in part["fields"] if field["page"]}


def stranger(row, written, forms, case):
    """A page that is not the form: whatever was accepted of it is wrong, even where it is what is written."""
    for part in forms:
        row.count["mistaken"] += 1
        accepted = [field for field in part["fields"] if field["decision"] == "accept"]
        row.count["accepted"] += len(accepted)
        row.count["wrong"] += len(accepted)
        untrue = [field["name"] for field in accepted if not same(field["value"], written.get(field["name"]))]
        case("taken for the form", part["form"], len(accepted), "accepted; not what is written:", untrue)


def fields(row, part, known, unseen, case):
    for field in part["fields"]:
        name, value, decision = field["name"], field["value"], field["decision"]
        if name not in known and name not in unseen:
            continue
        right = same(value, known.get(name))
        told = (name, field["type"], field["page"], known.get(name), value, field["confidence"])
        row.count["review"] += decision == "review"
        row.count["accepted"] += decision == "accept"
        if name in unseen:
            row.count["unseen"] += decision != "review"
            if decision != "review":
                case("unseen " + decision, *told)
            continue
        if decision == "accept" and not right:
            row.count["wrong"] += 1
            case("wrong", *told)
        if decision == "empty" and not same(None, known[name]):
            row.count["blanked"] += 1
            case("taken for blank", *told)


def same(value, true):
    """Nothing, no, and an empty list are all what a field says in which nothing stands."""
    nothing = (None, False, [])
    return value == true or value in nothing and true in nothing


def table(rows):
    head = ("kind", "documents", "pages", "identified", "registered", "residual mm, median/largest", "accepted", "WRONG ACCEPTED", "taken for blank", "unseen not to a person", "review", "taken for a form", "parts too many", "failed", "ms, median/max")
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    total = collections.Counter()
    for name in [kind for kind in KINDS if kind in rows]:
        row, count = rows[name], rows[name].count
        total.update(count)
        lines.append("| " + " | ".join(cells(name, count, spread(row.residuals, 2, max), spread(row.ms, 0, max))) + " |")
    lines.append("| " + " | ".join(cells("all", total, "", "")) + " |")
    return "\n".join(lines)


def cells(name, count, residual, ms):
    numbers = [count[key] for key in ("documents", "pages", "identified", "registered")]
    rest = [count[key] for key in ("accepted", "wrong", "blanked", "unseen", "review", "mistaken", "extra", "failed")]
    return [name, *map(str, numbers), residual, *map(str, rest), ms]


def spread(values, digits, worst):
    return f"{statistics.median(values):.{digits}f} / {worst(values):.{digits}f}" if values else ""


if __name__ == "__main__":
    main()
