#!/usr/bin/env python3
"""What was understood of the written decisions: right numbers, what was accepted, what waits.

    score.py PROGRAM SOURCE [--wrong]

Reads every entry of SOURCE (README.md) as plain text with PROGRAM and counts. `--wrong` names the entries with a wrong accepted number, and those whose number was not found.
A number is right when it and its year are; what is accepted is held against the true value field by field.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import tempfile

import make

# The numbers a kommune is bound by.
NUMBERS = ("aar", "vedtatt_totalt", "vedtatt_voksne_familier", "vedtatt_em_15_18", "vedtatt_em_under_15", "vedtatt_em_totalt", "tilleggsvedtak", "periode_totalt")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("source", type=pathlib.Path)
    arguments.add_argument("--wrong", action="store_true")
    options = arguments.parse_args()
    entries = list(make.entries(options.source))
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder)
        for name, kind, told, text in entries:
            make.write(out, name, make.with_head(text) if kind == "mail" else text, "text")
        done = subprocess.run([options.program, "read", folder, "--json", "--received", "2026-11-21"], stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{options.program} read ended with {done.returncode}")
    read = {}
    for line in done.stdout.decode().splitlines():
        part = json.loads(line)
        read[pathlib.Path(part["file"]).stem] = part
    count, named = collections.Counter(), collections.defaultdict(list)
    for name, _, told, _ in entries:
        judge(count, named, name, told["fields"], read[name])
    print(f"{len(entries)} texts, {count['final']} with a final decision")
    print(f"number and year right      {count['right']} of {count['stated']} that state them")
    print(f"wrong accepted             {count['wrong']} of {count['accepted']} accepted numbers and years")
    print(f"accepted without decision  {count['accepted without decision']} of {count['texts'] - count['final']} texts without one")
    print(f"sent to a person           {count['waits']} of {count['final']} decisions")
    print(f"kommune                    {count['kommune']} of {count['texts']}")
    if options.wrong:
        for what, names in named.items():
            print(f"{what}: {' '.join(names)}")


def judge(count, named, name, true, part):
    fields = {field["name"]: field for field in part["fields"]}
    value = lambda field: fields.get(field, {}).get("value")
    accepted = [field for field in NUMBERS if fields.get(field, {}).get("decision") == "accept"]
    count["texts"] += 1
    count["final"] += true["final"]
    count["accepted"] += len(accepted)
    count["kommune"] += value("kommune") == true["kommune"]
    wrong = [field for field in accepted if value(field) != true.get(field)]
    count["wrong"] += len(wrong)
    if wrong:
        named["wrong accepted"].append(name)
    if accepted and not true["final"]:
        count["accepted without decision"] += 1
    if true["final"]:
        key = ("kommune", "aar", "vedtatt_totalt")
        count["waits"] += any(fields.get(field, {"decision": "review"})["decision"] != "accept" for field in key)
        if true["vedtatt_totalt"] is not None and true["aar"]:
            count["stated"] += 1
            right = (value("vedtatt_totalt"), value("aar")) == (true["vedtatt_totalt"], true["aar"])
            count["right"] += right
            if not right:
                named["not found"].append(name)


if __name__ == "__main__":
    main()
