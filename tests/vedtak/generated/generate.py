#!/usr/bin/env python3
"""Makes decisions by the grammar of this folder, each with its true values beside it: README.md of tests/vedtak says what for.

    generate.py OUT [--only text]

`--only text` leaves out what is printed: PDF and scans. The same packages and fonts give the same bytes; every document has a random source of its own, seeded by its
name, so one more changes no other.
"""

import argparse
import collections
import datetime
import json
import pathlib
import re
import sys
import tempfile
from random import Random

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "corpus"))

import decisions
import documents
import mails
import minutes
import papers
import places
import scan
import undecided
from form import rasterise
from language import Writer, after, in_words

# What is made of each situation: KIND.MEDIUM, with a `-nn` after it for nynorsk. The kind of minutes says how the case went, that of a mail where the decision stands.
# Media: pdf, txt, cp1252 and broken are text; tif (group 4) and jpeg (in a PDF) are scans; the rest are ways to write a mail.
DECIDED = """
plain              letter.pdf letter.tif-nn minutes/bare.pdf news.txt mail/quoted.plain
plain-asked        letter.pdf-nn minutes/adopted.tif notice.txt mail/letter.plain-nn
minors             letter.pdf letter.tif letter.txt-nn minutes/adopted.pdf-nn minutes/overturned.txt notice.pdf news.txt-nn mail/quoted.latin1 mail/letter.plain
minors-included    letter.pdf-nn minutes/back.pdf news.broken mail/thread.plain-nn
minors-chain       letter.pdf letter.jpeg-nn minutes/case.pdf notice.txt-nn mail/quoted.html
minors-groups      letter.tif minutes/adopted.pdf-nn mail/minutes.plain notice.txt
minors-older       letter.pdf minutes/committee.tif-nn news.txt mail/quoted.both-nn
minors-younger     letter.txt-nn minutes/bare.pdf
minors-bufetat     letter.pdf letter.tif minutes/case.pdf-nn
minors-added       letter.pdf letter.tif-nn minutes/bare.txt mail/quoted.plain
minors-table       letter.pdf letter.jpeg minutes/case.pdf-nn
no-minors          letter.pdf-nn letter.jpeg minutes/adopted.txt news.txt mail/letter.latin1-nn
no-minors-lower    letter.tif minutes/overturned.pdf-nn
answering          letter.pdf letter.txt-nn minutes/back.tif notice.cp1252 mail/quoted.plain-nn mail/forwarded.plain mail/enclosed.plain
ceiling            letter.pdf minutes/addition.pdf-nn letter.tif-nn notice.txt
floor              letter.pdf-nn mail/quoted.base64
authority          minutes/adopted.pdf minutes/bare.jpeg-nn letter.txt
soft               letter.pdf minutes/bare.txt-nn
lower              letter.pdf letter.tif-nn minutes/overturned.pdf minutes/committee.txt-nn news.txt mail/quoted.plain mail/thread.latin1-nn
higher             letter.pdf-nn minutes/overturned.jpeg news.txt
relative           letter.pdf letter.txt-nn news.txt-nn news.txt minutes/bare.tif mail/quoted.plain
family-inside      letter.pdf minutes/addition.tif-nn
family-cap         letter.pdf-nn minutes/case.pdf letter.jpeg
family-negated     letter.txt letter.pdf-nn
reserved-money     letter.pdf minutes/addition.txt-nn
reserved-homes     letter.pdf-nn letter.tif minutes/adopted.pdf
reserved-who       letter.txt letter.tif-nn
reserved-health    letter.pdf minutes/bare.pdf-nn
reserved-several   letter.jpeg minutes/addition.pdf
more               letter.pdf minutes/addition.tif mail/letter.html-nn
more-minors        letter.pdf-nn mail/quoted.both
more-willing       letter.txt minutes/addition.pdf-nn
more-considered    letter.pdf notice.txt-nn
more-no            letter.tif mail/quoted.plain-nn
years-pair         letter.pdf minutes/adopted.tif-nn notice.txt mail/quoted.latin1
years-sentence     letter.pdf-nn minutes/bare.txt mail/minutes.plain-nn
years-yearly       letter.pdf minutes/case.tif notice.txt-nn
years-ditto        letter.txt-nn minutes/bare.pdf
years-brackets     letter.tif minutes/bare.txt-nn
years-table        letter.pdf letter.tif-nn minutes/bare.pdf
period             letter.pdf-nn minutes/bare.txt
supplement         letter.pdf letter.tif-nn minutes/adopted.txt mail/quoted.plain
supplement-total   letter.pdf-nn minutes/adopted.jpeg mail/letter.plain notice.txt
raised             mail/enclosed.plain-nn letter.txt minutes/adopted.pdf-nn letter.tif mail/quoted.html-nn
lowered            letter.pdf minutes/bare.txt-nn
kept               letter.pdf-nn letter.tif minutes/bare.txt
ordinary-only      letter.txt minutes/bare.pdf-nn mail/quoted.plain
refusal            letter.pdf letter.tif-nn minutes/overturned.pdf minutes/bare.jpeg mail/quoted.plain-nn notice.txt
refusal-now        letter.pdf-nn minutes/bare.tif
by-board           letter.pdf minutes/bare.tif-nn
by-office          letter.txt-nn letter.pdf
stock              letter.pdf minutes/bare.txt-nn
unnumbered         letter.txt mail/quoted.plain-nn
bydel              letter.pdf minutes/adopted.tif letter.txt
protocol           protocol.pdf protocol.pdf-nn protocol.tif protocol.txt-nn
voting             voting.pdf voting.tif-nn voting.txt voting.pdf-nn
region             region.txt region.txt-nn region.pdf
"""
OPEN = """
preparation        paper.pdf paper.tif-nn paper.txt paper.pdf-nn paper.jpeg paper.tif paper.pdf
recommendation     paper.pdf paper.tif paper.txt-nn paper.jpeg-nn paper.pdf-nn paper.txt
committee          paper.pdf paper.tif-nn paper.txt paper.pdf-nn paper.tif
asking             paper.pdf paper.tif-nn paper.txt paper.pdf-nn
expected           paper.txt paper.txt-nn paper.pdf
recommended        paper.txt paper.txt-nn paper.broken paper.pdf-nn
postponed          paper.pdf paper.tif-nn paper.txt paper.jpeg
orientation        paper.pdf-nn paper.tif
returned           paper.pdf paper.txt-nn paper.tif
provisional        paper.pdf paper.tif-nn paper.txt
passed-on          paper.pdf-nn paper.tif
status             paper.txt paper.txt-nn
wanted             paper.txt paper.cp1252-nn
budget             paper.pdf paper.txt-nn
question           mail.plain mail.latin1-nn mail.html
deadline           mail.plain mail.plain-nn mail.latin1
receipt            mail.plain-nn mail.both
board              mail.plain mail.html-nn mail.base64
"""
TEXT = ("txt", "cp1252", "broken")
SCANS = ("tif", "jpeg")
COMMITTED_MAX = 1_500_000


def planned():
    """Name, situation, kind, how, medium and målform of every document; whether it is a decision."""
    seen = collections.Counter()
    for table, final in ((DECIDED, True), (OPEN, False)):
        for line in table.strip().splitlines():
            situation, *codes = line.split()
            for code in codes:
                kind, medium = code.split(".")
                kind, _, how = kind.partition("/")
                medium, _, nynorsk = medium.partition("-")
                lang = nynorsk or "nb"
                stem = "-".join(part for part in (situation, "" if kind == "paper" else kind, how, medium, lang) if part)
                seen[stem] += 1
                yield stem + (f"-{seen[stem]}" if seen[stem] > 1 else ""), situation, kind, how, medium, lang, final


def compose(name, situation, kind, how, lang, final, home):
    """The document of a plan: a paper, or a mail, with its true values."""
    random = Random(f"postsluse vedtak generated 1 {name}")
    place = places.bydel(random) if situation == "bydel" else random.choice(home[lang])
    w = Writer(random, place, lang)
    if not final:
        if kind == "mail":
            mail, fields = mails.open_case(w, situation)
            return w, None, mail, fields
        document = undecided.PAPERS[situation](w)
        return w, document, None, document.fields
    d = decisions.SITUATIONS.get(situation, decisions.SITUATIONS["minors"])(w)
    if kind == "mail":
        mail, fields = mails.decided(w, d, how)
        return w, None, mail, fields
    match kind:
        case "letter":
            document = documents.letter(w, d)
        case "minutes":
            document = minutes.minutes(w, d, how)
        case "protocol":
            document = minutes.protocol(w, d)
        case "voting":
            document = minutes.voting_page(w, d)
        case "notice":
            document = documents.notice(w, d)
        case "news":
            document = documents.news(w, d)
        case "region":
            near = [other for other in home["nb"] + home["nn"] if other.fylke == place.fylke and other != place]
            document = documents.region(w, d, random.sample(near, 3))
    return w, document, None, document.fields


def printed(w, document, medium, path, stem):
    """A PDF with a text layer, or a scan of it."""
    random = w.random
    stamped = None
    if medium in SCANS and random.random() < 0.35 and document.kind == "letter":
        day = datetime.date.fromisoformat(document.fields["vedtaksdato"]) if "vedtaksdato" in document.fields else None
        if day:
            day = after(random, day, 14, 20, datetime.date.max)
            stamped = ("MOTTATT IMDi", f"{day:%d.%m.%Y}") if day <= decisions.LATEST else ("MOTTATT", "IMDi")
    born = papers.pdf(document, papers.Look(random, document.place, stamped), stem)
    if medium == "pdf":
        path.write_bytes(born)
        return
    with tempfile.TemporaryDirectory() as work:
        source = pathlib.Path(work) / "page.pdf"
        source.write_bytes(born)
        pages = rasterise(source, pathlib.Path(work))
    if medium == "tif":
        how = scan.Scan(
            300,
            skew=random.uniform(-1.4, 1.4),
            scale=random.uniform(0.97, 1.0),
            specks=random.randint(15, 60),
            threshold=160,
            holes=random.random() < 0.3,
            staple=random.random() < 0.3,
        )
        scan.save_tiff(path, [how.bitonal(page, random) for page in pages], how.dpi)
    else:
        how = scan.Scan(
            300, skew=random.uniform(-1.4, 1.4), scale=random.uniform(0.97, 1.0), shade=random.randint(240, 252), noise=2, light=random.choice((0, 10)), holes=random.random() < 0.3
        )
        scan.save_pdf(path, [how.grey(page, random) for page in pages], how.dpi, 60)


def written_out(w, document, mail, medium, out, stem):
    """Writes the document and gives its path and the text in it."""
    if mail:
        path = out / f"{stem}.eml"
        path.write_bytes(mails.message(mail, stem, medium))
        return path, "\n".join([mail.subject, mail.text(), mail.inner.text() if mail.inner else "", *(papers.plain(made) for _, made in mail.enclosures)])
    text = papers.plain(document, w.random.choice((None, 78, 92)) if medium in TEXT else None)
    if medium not in TEXT:
        path = out / f"{stem}.{'pdf' if medium == 'jpeg' else medium}"
        printed(w, document, medium, path, stem)
        return path, text
    path = out / f"{stem}.txt"
    if medium == "broken":
        text = documents.broken(text, w.random)
    path.write_bytes(text.encode("cp1252" if medium == "cp1252" else "utf-8"))
    return path, text


def check(name, fields, text, lang):
    """What the values say must stand in the text, in digits or in words; a number that is the sum or the rest of others need not."""
    groups = [fields.get(field) for field in ("vedtatt_voksne_familier", "vedtatt_em_totalt", "vedtatt_em_15_18", "vedtatt_em_under_15")]
    stated = lambda number: re.search(rf"(?<![\d.,]){number}(?![\d])", text) or (number < 100 and re.search(rf"\b{in_words(lang, number)}\b", text, re.I))
    total = fields.get("vedtatt_totalt")
    if total and not stated(total) and not all(number is None or number == 0 or stated(number) for number in groups):
        raise SystemExit(f"{name}: the number {total} is not in the text")
    for field in ("anmodet_totalt", "tilleggsvedtak", "periode_totalt"):
        if (number := fields.get(field)) and not stated(number):
            raise SystemExit(f"{name}: {field} {number} is not in the text")
    for field in ("saksnummer", "arkivsak", "deres_ref"):
        if (value := fields.get(field)) and value not in text:
            raise SystemExit(f"{name}: {field} {value} is not in the text")


def emptied(out):
    """Takes away what was made before; a folder that holds anything else is left alone."""
    out.mkdir(parents=True, exist_ok=True)
    listed = out / "kinds.json"
    known = json.loads(listed.read_text(encoding="utf-8")) if listed.exists() else {}
    paths = [path for path in out.iterdir() if path != listed]
    if strange := [path.name for path in paths if path.name.split(".")[0] not in known]:
        raise SystemExit(f"{out} holds what was not made here: {', '.join(sorted(strange)[:5])}")
    for path in paths:
        path.unlink()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--only", choices=("text",), help="leave out what is printed")
    options = arguments.parse_args()
    emptied(options.out)
    home, kinds, size = places.places(), {}, 0
    for stem, situation, kind, how, medium, lang, final in planned():
        if options.only and medium in ("pdf", *SCANS):
            continue
        w, document, mail, fields = compose(stem, situation, kind, how, lang, final, home)
        path, text = written_out(w, document, mail, medium, options.out, stem)
        check(stem, fields, text, lang)
        expected = path.with_name(f"{stem}.expected.json")
        expected.write_text(json.dumps({"form": "vedtak", "fields": fields}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        size += path.stat().st_size + expected.stat().st_size
        kinds[stem] = {"groups": [lang] + (["mail"] if mail else [document.kind, "scan" if medium in SCANS else "text" if medium in TEXT else "pdf"]), "final": final}
    (options.out / "kinds.json").write_text(json.dumps(kinds, indent=1) + "\n", encoding="utf-8")
    print(f"{len(kinds)} documents, {sum(kind['final'] for kind in kinds.values())} of them decisions, {size:,} bytes", file=sys.stderr)
    for group, count in collections.Counter(group for kind in kinds.values() for group in kind["groups"]).most_common():
        print(f"{count:5} {group}", file=sys.stderr)
    if options.only and size > COMMITTED_MAX:
        raise SystemExit(f"the texts are {size} bytes; the limit is {COMMITTED_MAX}")


if __name__ == "__main__":
    main()
