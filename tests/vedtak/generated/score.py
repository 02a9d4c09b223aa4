#!/usr/bin/env python3
"""What was understood of the generated decisions, by kind, målform and medium: score.py PROGRAM FOLDER [--wrong]

Reads every document of FOLDER with PROGRAM, mails too, which `postsluse evaluate` leaves out. A mail's values are those of its words or of the enclosure that says most; what
is accepted anywhere in it counts. `--wrong` tells each field that was accepted wrongly, and each decision whose number or year was not found.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from score import NUMBERS

# The day on which the documents came in: none of them is younger.
RECEIVED = "2026-11-21"
GROUPS = ("all", "nb", "nn", "letter", "minutes", "notice", "mail", "text", "pdf", "scan")


def read(program, folder):
    """The parts of each document that are a decision or may be one."""
    # By name: of a folder, mails are not read.
    files = [str(path) for path in sorted(folder.iterdir()) if path.suffix != ".json"]
    done = subprocess.run([program, "read", *files, "--json", "--received", RECEIVED], stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{program} read ended with {done.returncode}")
    parts = collections.defaultdict(list)
    for line in done.stdout.decode().splitlines():
        part = json.loads(line)
        if part["form"] and part["form"]["name"] == "vedtak":
            parts[pathlib.Path(part["file"]).name].append({field["name"]: field for field in part["fields"]})
    return parts


def judge(count, wrong, name, true, final, parts):
    best = max(parts, default={}, key=lambda part: sum(field["value"] is not None for field in part.values()))
    value = lambda field: best.get(field, {}).get("value")
    accepted = [(field, part[field]["value"]) for part in parts for field in NUMBERS if part.get(field, {}).get("decision") == "accept" and field in true]
    bad = [(field, got) for field, got in accepted if got != true[field]]
    wrong += [(name, field, true[field], got) for field, got in bad]
    right = True
    if final and true["vedtatt_totalt"] is not None and true["aar"]:
        right = (value("vedtatt_totalt"), value("aar")) == (true["vedtatt_totalt"], true["aar"])
        count["stated"] += 1
        count["right"] += right
        if not right and not bad:
            wrong.append((name, "not found: aar, vedtatt_totalt", [true["aar"], true["vedtatt_totalt"]], [value("aar"), value("vedtatt_totalt")]))
    others = [field for field in true if field not in (*NUMBERS, "kommune") and true[field] is not None and best.get(field, {}).get("decision") == "accept"]
    for field in others:
        if value(field) != true[field]:
            wrong.append((name, field, true[field], value(field)))
            count["other wrong"] += 1
    count["other"] += len(others)
    count["documents"] += 1
    count["final"] += final
    count["accepted"] += len(accepted)
    count["wrong"] += len(bad)
    count["accepted without decision"] += bool(accepted) and not final
    count["waits"] += final and any(best.get(field, {"decision": "review"})["decision"] != "accept" for field in ("kommune", "aar", "vedtatt_totalt"))
    if value("kommune") == true["kommune"]:
        count["kommune"] += 1
    else:
        wrong.append((name, "kommune", true["kommune"], value("kommune")))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--wrong", action="store_true")
    options = arguments.parse_args()
    parts = read(options.program, options.folder)
    kinds = json.loads((options.folder / "kinds.json").read_text(encoding="utf-8"))
    counts, wrong = collections.defaultdict(collections.Counter), []
    for path in sorted(options.folder.glob("*.expected.json")):
        name = path.name.removesuffix(".expected.json")
        true = json.loads(path.read_text(encoding="utf-8"))["fields"]
        file = next(other.name for other in options.folder.glob(f"{name}.*") if other != path)
        found = []
        groups, final = kinds[name]["groups"], kinds[name]["final"]
        for group in ("all", *groups):
            judge(counts[group], found if group == "all" else [], name, true, final, parts[file])
        wrong += found
    print(f"{'':9}{'texts':>6} {'final':>6} {'number right':>13} {'waits':>6} {'accepted':>9} {'wrong':>6} {'without decision':>17} {'kommune':>8} {'other fields wrong':>19}")
    for group in GROUPS:
        count = counts[group]
        print(
            f"{group:9}{count['documents']:6} {count['final']:6} {count['right']:6} of {count['stated']:3} {count['waits']:6} {count['accepted']:9} {count['wrong']:6} {count['accepted without decision']:17} "
            f"{count['kommune']:8} {count['other wrong']:8} of {count['other']:7}"
        )
    if options.wrong:
        for name, field, true, got in wrong:
            print(f"{name}: {field} {json.dumps(true, ensure_ascii=False)} / {json.dumps(got, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
