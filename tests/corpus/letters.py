"""The letters of the corpus: decisions that no kommune made, in the manner of real ones, and post that is no decision at all.

A letter is a list of (kind, text): `head` for the letterhead, `meta` for references, `title`, `heading`, `p` for a paragraph, `li` for a point. The expected
values beside it are written by hand from the text.
"""

import io

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

rl_config.invariant = 1

IMDI = "Integrerings- og mangfoldsdirektoratet<br/>Postboks 672<br/>8508 Narvik"

CLEAR_NB = [
    ("head", "Steinkjer kommune"),
    ("meta", IMDI),
    ("meta", "Deres ref.: 26/04417-2<br/>Vår ref.: 2026/3391-6<br/>Dato: 16.11.2026"),
    ("title", "Svar på anmodning om bosetting av flyktninger i 2027"),
    ("p", "IMDi har anmodet Steinkjer kommune om å bosette 45 flyktninger i 2027."),
    ("p", "Kommunestyret behandlet saken i møte 11.11.2026, sak PS 64/26, og fattet følgende vedtak:"),
    ("li", "1. Steinkjer kommune bosetter inntil 45 flyktninger i 2027."),
    ("li", "2. Av disse er 5 enslige mindreårige, hvorav 2 under 15 år."),
    ("li", "3. Familiegjenforening kommer i tillegg."),
    ("p", "Med vennlig hilsen"),
    ("p", "Virksomhetsleder<br/>Steinkjer kommune"),
]
CLEAR_NB_VALUES = {
    "kommune": "5006", "aar": [2027], "vedtatt_totalt": 45, "vedtatt_voksne_familier": 40, "vedtatt_em_15_18": 3, "vedtatt_em_under_15": 2, "vedtatt_em_totalt": 5, "per_aar": None,
    "periode_totalt": None, "grense": "inntil", "anmodet_totalt": 45, "svar": "imoetekommer", "tilleggsvedtak": None, "familiegjenforente": "utenfor", "forbehold": None, "organ": "kommunestyre",
    "vedtaksdato": "2026-11-11", "saksnummer": "PS 64/26", "arkivsak": "2026/3391", "deres_ref": "26/04417-2", "maalform": "nb",
}

CLEAR_NN = [
    ("head", "Volda kommune"),
    ("meta", IMDI),
    ("meta", "Dykkar ref.: 26/04429-1<br/>Vår ref.: 2026/812-9<br/>Dato: 04.11.2026"),
    ("title", "Busetjing av flyktningar i 2027"),
    ("p", "Vi viser til oppmodinga frå IMDi."),
    ("p", "Volda kommunestyre har i møte 29. oktober 2026, sak PS 88/26, gjort slikt vedtak:"),
    ("p", "Volda kommune buset 25 flyktningar i 2027, av desse 3 einslege mindreårige. Familiesameining kjem i tillegg."),
    ("p", "Vedtaket var samrøystes."),
    ("p", "Med venleg helsing"),
    ("p", "Rådgjevar"),
]
CLEAR_NN_VALUES = {
    "kommune": "1577", "aar": [2027], "vedtatt_totalt": 25, "vedtatt_voksne_familier": 22, "vedtatt_em_totalt": 3, "grense": "eksakt", "familiegjenforente": "utenfor", "tilleggsvedtak": None,
    "organ": "kommunestyre", "vedtaksdato": "2026-10-29", "saksnummer": "PS 88/26", "arkivsak": "2026/812", "deres_ref": "26/04429-1", "maalform": "nn",
}

MINUTES_NB = [
    ("head", "Indre Østfold kommune"),
    ("title", "Saksprotokoll"),
    ("meta", "Utvalg: Kommunestyret<br/>Møtedato: 21.10.2026<br/>Saksnummer: PS 97/26<br/>Arkivsak: 26/05120"),
    ("heading", "Bosetting av flyktninger 2027"),
    ("heading", "Kommunedirektørens forslag til vedtak:"),
    ("p", "Indre Østfold kommune bosetter 70 flyktninger i 2027."),
    ("heading", "Behandling:"),
    ("p", "Representanten Dahl foreslo: Indre Østfold kommune bosetter 40 flyktninger i 2027."),
    ("heading", "Votering:"),
    ("p", "Forslaget fra Dahl fikk 12 stemmer og falt. Kommunedirektørens forslag fikk 29 stemmer."),
    ("heading", "Vedtak:"),
    ("p", "Indre Østfold kommune bosetter 70 flyktninger i 2027. Kommunen bosetter ikke enslige mindreårige."),
]
MINUTES_NB_VALUES = {
    "kommune": "3118", "aar": [2027], "vedtatt_totalt": 70, "vedtatt_voksne_familier": 70, "vedtatt_em_totalt": 0, "vedtatt_em_15_18": 0, "vedtatt_em_under_15": 0, "grense": "eksakt",
    "familiegjenforente": "ikke_nevnt", "organ": "kommunestyre", "vedtaksdato": "2026-10-21", "saksnummer": "PS 97/26", "arkivsak": "26/05120", "maalform": "nb",
}

NOTICE_NB = [
    ("head", "Bodø kommune"),
    ("meta", "Integrerings- og mangfoldsdirektoratet"),
    ("meta", "Deres ref.: 26/04388-3"),
    ("title", "Bosetting av flyktninger i 2027"),
    ("p", "Bodø bystyre har i møte 29.10.2026 vedtatt å bosette 90 flyktninger i 2027, hvorav minst 6 enslige mindreårige."),
    ("p", "Familiegjenforente kommer i tillegg."),
    ("p", "Vennlig hilsen"),
    ("p", "Bosettingstjenesten"),
]
NOTICE_NB_VALUES = {
    "kommune": "1804", "aar": [2027], "vedtatt_totalt": 90, "vedtatt_voksne_familier": 84, "vedtatt_em_totalt": 6, "grense": "eksakt", "familiegjenforente": "utenfor", "organ": "bystyre",
    "vedtaksdato": "2026-10-29", "deres_ref": "26/04388-3", "maalform": "nb",
}

SCAN_NB = [
    ("head", "Harstad kommune"),
    ("meta", IMDI),
    ("meta", "Deres ref.: 26/04402-2<br/>Vår ref.: 2026/2207-3<br/>Dato: 09.11.2026"),
    ("title", "Melding om vedtak: bosetting av flyktninger"),
    ("p", "Vi viser til anmodningen fra IMDi om å bosette 60 flyktninger i 2027."),
    ("p", "Harstad kommunestyre fattet i møte 05.11.2026, sak PS 118/26, følgende vedtak:"),
    ("li", "1. Harstad kommune imøtekommer delvis anmodningen og bosetter 48 flyktninger i 2027."),
    ("li", "2. Familiegjenforening kommer i tillegg."),
    ("p", "Med vennlig hilsen"),
    ("p", "Rådgiver"),
]
SCAN_NB_VALUES = {
    "kommune": "5503", "aar": [2027], "vedtatt_totalt": 48, "grense": "eksakt", "anmodet_totalt": 60, "svar": "delvis", "familiegjenforente": "utenfor", "organ": "kommunestyre",
    "vedtaksdato": "2026-11-05", "saksnummer": "PS 118/26", "arkivsak": "2026/2207", "deres_ref": "26/04402-2", "maalform": "nb",
}

SCAN_NN = [
    ("head", "Sogndal kommune"),
    ("meta", IMDI),
    ("meta", "Dykkar ref.: 26/04451-2<br/>Vår ref.: 2026/1540-2<br/>Dato: 12.11.2026"),
    ("title", "Busetjing av flyktningar 2027"),
    ("p", "Sogndal kommunestyre handsama saka i møte 10.11.2026, sak PS 73/26."),
    ("heading", "Samrøystes vedtak:"),
    ("p", "Sogndal kommune seier ja til oppmodinga frå IMDi om å busetje 32 flyktningar i 2027."),
    ("p", "Det skal ikkje busetjast einslege mindreårige."),
    ("p", "Med venleg helsing"),
    ("p", "Rådgjevar"),
]
SCAN_NN_VALUES = {
    "kommune": "4640", "aar": [2027], "vedtatt_totalt": 32, "vedtatt_voksne_familier": 32, "vedtatt_em_totalt": 0, "vedtatt_em_15_18": 0, "vedtatt_em_under_15": 0, "grense": "eksakt",
    "anmodet_totalt": 32, "svar": "imoetekommer", "familiegjenforente": "ikke_nevnt", "organ": "kommunestyre", "vedtaksdato": "2026-11-10", "saksnummer": "PS 73/26", "arkivsak": "2026/1540",
    "deres_ref": "26/04451-2", "maalform": "nn",
}

TWO_YEARS_NN = [
    ("head", "Luster kommune"),
    ("meta", "Særutskrift<br/>Organ: Kommunestyret<br/>Møtedato: 22.10.2026<br/>Sak: PS 59/26"),
    ("heading", "Vedtak:"),
    ("p", "Luster kommune vedtek å busetje 20 flyktningar i 2027 og 15 i 2028."),
    ("p", "Familieattforeining kjem i tillegg."),
    ("p", "Vedtaket var samrøystes. I 2025 vart det busett 31 flyktningar i kommunen."),
]
TWO_YEARS_NN_VALUES = {
    "kommune": "4644", "aar": [2027, 2028], "vedtatt_totalt": 20,
    "per_aar": [{"aar": year, "totalt": number, "voksne_familier": None, "em_15_18": None, "em_under_15": None, "em_totalt": None} for year, number in ((2027, 20), (2028, 15))],
    "grense": "eksakt", "familiegjenforente": "utenfor", "organ": "kommunestyre", "vedtaksdato": "2026-10-22", "saksnummer": "PS 59/26", "maalform": "nn",
}

REFUSAL_NB = [
    ("head", "Hattfjelldal kommune – Aarborten tjïelte"),
    ("meta", IMDI),
    ("meta", "Deres ref.: 26/04470-1<br/>Dato: 13.11.2026"),
    ("title", "Svar på anmodning om bosetting av flyktninger"),
    ("p", "Kommunestyret har i møte 04.11.2026, sak PS 52/26, fattet slikt vedtak:"),
    ("p", "Hattfjelldal kommune imøtekommer ikke anmodningen fra IMDi om å bosette 12 flyktninger i 2027."),
    ("p", "Begrunnelsen er at kommunen ikke har ledige boliger."),
    ("p", "Med vennlig hilsen"),
    ("p", "Ordfører"),
]
REFUSAL_NB_VALUES = {
    "kommune": "1826", "aar": [2027], "vedtatt_totalt": 0, "vedtatt_voksne_familier": None, "vedtatt_em_totalt": None, "grense": None, "anmodet_totalt": 12, "svar": "avslaar", "organ": "kommunestyre",
    "vedtaksdato": "2026-11-04", "saksnummer": "PS 52/26", "deres_ref": "26/04470-1", "maalform": "nb",
}

NOT_DECIDED = {name: None for name in ("aar", "vedtatt_totalt", "vedtatt_voksne_familier", "vedtatt_em_15_18", "vedtatt_em_under_15", "vedtatt_em_totalt", "per_aar", "periode_totalt", "grense", "tilleggsvedtak")}

RECOMMENDATION_NB = [
    ("head", "Kongsberg kommune"),
    ("title", "Saksframlegg: Bosetting av flyktninger 2027"),
    ("meta", "Utvalg: Formannskapet<br/>Møtedato: 18.11.2026<br/>Saksnummer: PS 140/26"),
    ("p", "IMDi har anmodet Kongsberg kommune om å bosette 80 flyktninger i 2027."),
    ("heading", "Formannskapets innstilling:"),
    ("p", "Kongsberg kommune bosetter 80 flyktninger i 2027, hvorav 8 enslige mindreårige."),
    ("p", "Innstillingen ble vedtatt mot 2 stemmer."),
    ("p", "Saken skal behandles i kommunestyret 09.12.2026."),
]
RECOMMENDATION_NB_VALUES = {"kommune": "3303", "maalform": "nb", "behandles_dato": "2026-12-09"} | NOT_DECIDED

RECOMMENDATION_NN = [
    ("head", "Stad kommune"),
    ("title", "Seier ja til fleire flyktningar"),
    ("p", "Formannskapet i Stad kommune vedtok torsdag å rå kommunestyret til å busetje 28 flyktningar i 2027."),
    ("p", "Kommunedirektøren hadde gjort framlegg om 22. I år er det så langt busett 19 flyktningar."),
    ("p", "Kommunestyret har siste ordet når dei møtest 17.12.2026."),
]
RECOMMENDATION_NN_VALUES = {"kommune": "4649", "maalform": "nn"} | NOT_DECIDED

DOCTOR = [
    ("head", "Fjordbyen legekontor (oppdiktet)"),
    ("title", "Legeerklæring"),
    ("meta", "Dato: 10.11.2026"),
    ("p", "Pasienten er flyktning og har vært hos oss siden i fjor."),
    ("p", "Ved bosetting i en kommune trenger pasienten bolig uten trapper og nærhet til spesialisthelsetjeneste. Diagnosen er oppgitt i egen journal."),
    ("p", "Med hilsen<br/>Fastlege"),
]

ENCLOSURE = [
    ("title", "Vedlegg 1: Leiekontrakt"),
    ("p", "Utleier og leier er enige om leie av leilighet i 2. etasje fra 1. desember 2026. Leien er 9500 kroner i måneden."),
    ("li", "1. Leien betales den 1. i hver måned."),
    ("li", "2. Oppsigelsestiden er tre måneder."),
    ("p", "Sted og dato: Narvik, 14.11.2026"),
]


def plain(letter):
    """The letter as a text file: a paragraph a block, points on lines of their own, long lines wrapped."""
    blocks = []
    for kind, text in letter:
        lines = [wrap for line in text.split("<br/>") for wrap in wrapped(line)]
        if kind == "li" and blocks and blocks[-1][0] == "li":
            blocks[-1][1].extend(lines)
        else:
            blocks.append((kind, lines))
    return "\n\n".join("\n".join(lines) for _, lines in blocks) + "\n"


def wrapped(text, width=78):
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def pdf(letter, title, typeface=None):
    """The letter as a born-digital PDF: with an embedded TrueType font, or with the standard Helvetica."""
    regular, bold = "Helvetica", "Helvetica-Bold"
    if typeface:
        regular, bold = f"{typeface}-Regular", f"{typeface}-Bold"
        for name in (regular, bold):
            if name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(name, f"/usr/share/fonts/truetype/liberation2/{name}.ttf"))
    base = ParagraphStyle("p", fontName=regular, fontSize=11, leading=15, spaceAfter=9)
    styles = {
        "p": base,
        "li": ParagraphStyle("li", base, leftIndent=6 * mm, spaceAfter=4),
        "meta": ParagraphStyle("meta", base, fontSize=10, leading=13, spaceAfter=14),
        "head": ParagraphStyle("head", base, fontName=bold, fontSize=15, leading=19, spaceAfter=18),
        "title": ParagraphStyle("title", base, fontName=bold, fontSize=13, leading=17, spaceBefore=6, spaceAfter=12),
        "heading": ParagraphStyle("heading", base, fontName=bold, spaceBefore=6, spaceAfter=5),
    }
    file = io.BytesIO()
    document = SimpleDocTemplate(file, pagesize=A4, leftMargin=25 * mm, rightMargin=25 * mm, topMargin=22 * mm, bottomMargin=22 * mm, title=title, author="oppdiktet", lang="no", pageCompression=1)
    document.build([Paragraph(text, styles[kind]) for kind, text in letter])
    return file.getvalue()
