#!/usr/bin/env python3
"""Makes documents of the written decisions, to measure with `postsluse evaluate`.

    make.py SOURCE OUT [--as text|mixed]

SOURCE is a file of entries as README.md says. Each becomes a document NAME with its true values in NAME.expected.json (docs/contracts.md). `text` writes plain text; `mixed`
writes letters and minutes as PDF with a text layer, as scans and as text by turns, as they come. A mail's sender, subject and date stand before its words. The same
arguments give the same bytes.
"""

import argparse
import html
import json
import pathlib
import re
import sys
import tempfile
from email.utils import parsedate_to_datetime
from random import Random

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "corpus"))

# What is told of an entry beside the fields of a vedtak.
NO_FIELDS = {"final"}


def entries(source):
    """Name, kind, true values and text of each entry."""
    for block in re.split(r"(?m)^=== ", source.read_text(encoding="utf-8"))[1:]:
        head, rest = block.split("\n", 1)
        told, text = rest.split("\n---\n", 1)
        name, kind = head.split()
        yield name, kind, json.loads(told), text.strip("\n")


def with_head(text):
    """A mail's own headers as the lines a reader of mail puts before it."""
    head, body = text.split("\n\n", 1)
    headers = dict(line.split(": ", 1) for line in head.split("\n") if ": " in line)
    date = parsedate_to_datetime(headers["Date"])
    return f"Fra: {headers['From']}\nEmne: {headers['Subject']}\nDato: {date:%d.%m.%Y}\n\n{body}"


def as_letter(text):
    """The text as paragraphs for tests/corpus/letters.py: a line stays a line."""
    paragraphs = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    return [("meta", "<br/>".join(html.escape(line.strip()) for line in part.split("\n"))) for part in paragraphs]


def write(out, name, text, how):
    if how == "text":
        (out / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
        return
    import letters
    import scan
    born = letters.pdf(as_letter(text), name, "LiberationSans")
    if how == "pdf":
        (out / f"{name}.pdf").write_bytes(born)
        return
    from form import rasterise
    random = Random(f"postsluse vedtak 1 {name}")
    with tempfile.TemporaryDirectory() as work:
        source = pathlib.Path(work) / f"{name}.pdf"
        source.write_bytes(born)
        scanner = scan.Scan(300, skew=random.uniform(-1.2, 1.2), scale=random.uniform(0.97, 1.0), specks=30, threshold=160)
        scan.save_tiff(out / f"{name}.tif", [scanner.bitonal(page, random) for page in rasterise(source, pathlib.Path(work))], scanner.dpi)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("source", type=pathlib.Path)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--as", dest="how", choices=("text", "mixed"), default="text")
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    turns = ("pdf", "text", "scan")
    for number, (name, kind, told, text) in enumerate(entries(options.source)):
        mail = kind == "mail"
        how = "text" if options.how == "text" or mail else turns[number % len(turns)]
        write(options.out, name, with_head(text) if mail else text, how)
        fields = {field: value for field, value in told["fields"].items() if field not in NO_FIELDS}
        (options.out / f"{name}.expected.json").write_text(json.dumps({"form": told["form"], "fields": fields}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
