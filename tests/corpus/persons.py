"""Invented people and what they write on the form, and the canonical value of each thing written.

Nobody here exists. Fødselsnummer are of Skatteetaten's synthetic series (month + 80); DUF numbers have invented serials with right check digits. The canonical
values are worked out here independently of the program, from the lists in src/registry/data.
"""

import csv
import pathlib
import re

DATA = pathlib.Path(__file__).resolve().parents[2] / "src" / "registry" / "data"


def duf(year, serial):
    digits = f"{year}{serial:06}"
    return digits + f"{sum(w * int(d) for w, d in zip((4, 6, 3, 2, 4, 6, 3, 2, 7, 5), digits)) % 11:02}"


def fnr(born, individual):
    """The fødselsnummer of a test person born on `born` (DDMMYYYY); the next individual digits are taken where no check digits exist."""
    while True:
        nine = f"{born[:2]}{int(born[2:4]) + 80}{born[6:]}{individual:03}"
        first = (11 - sum(w * int(d) for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), nine)) % 11) % 11
        second = (11 - sum(w * int(d) for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), f"{nine}{first}")) % 11) % 11
        if first < 10 and second < 10:
            return f"{nine}{first}{second}"
        individual += 1


def rows(name):
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


KOMMUNER = {row["navn"].upper(): row["kommunenummer"] for row in rows("kommuner.csv")}
COUNTRIES = {row["nb"].upper(): row["iso2"] for row in rows("countries.csv")} | {row["nn"].upper(): row["iso2"] for row in rows("countries.csv")}
# Where two codes stand for one language, the code that the product keeps to.
KEPT_TO = {row["navn"].upper(): row["kode"] for row in rows("language_variants.csv")}
LANGUAGES = {row["nb"].upper(): KEPT_TO.get(row["nb"].upper(), row["kode"]) for row in rows("languages.csv")}
PLACES = {row["postnummer"]: row["poststed"] for row in rows("postnummer.csv")}


def canonical(kind, written):
    """The canonical value of what was written in a field of type `kind`, as docs/contracts.md has it."""
    match kind:
        case "duf" | "fnr" | "postnummer":
            return written
        case "date":
            return f"{written[4:]}-{written[2:4]}-{written[:2]}"
        case "integer" | "year":
            return int(written)
        case "phone":
            digits = written.replace(" ", "")
            return digits if digits.startswith("+") else "+47" + digits
        case "kommune":
            return KOMMUNER[written]
        case "country":
            return COUNTRIES[written]
        case "language":
            return LANGUAGES[written]
        case "email" | "name" | "text":
            return re.sub(r"\s+", " ", written).strip()
        case "choice":
            return written
        case "multichoice":
            return list(written)
        case "flag" | "signature":
            return True
    raise ValueError(f"no canonical form for {kind}")


MINOR_BORN, MINOR_DUF = "17032010", duf(2025, 41822)

#: What each person writes. Signatures name who signs. The dates agree with a form received on 21 November 2026.
PEOPLE = {
    "nurse": {
        "hvem": "voksen_annen_tillatelse", "etternavn": "TESFAYE", "fornavn": "MIRIAM ELSABET", "duf": duf(2024, 217735), "fnr": fnr("08061991", 312), "foedselsdato": "08061991",
        "kjoenn": "kvinne", "statsborgerskap": "ERITREA", "sivilstand": "gift", "adresse": "STORGATA 12 B", "postnummer": "8508", "poststed": "NARVIK", "kommune": "NARVIK",
        "telefon": "40001960", "epost": "miriam.t@example.org", "spraak": "TIGRINJA", "tolk": "ja", "tillatelse": "asyl", "vedtaksdato": "02092026", "politi_informert_dato": "10092026",
        "flyttet_fra_mottak": "01102026", "arbeidskontrakt": "nei", "studieplass": "nei", "egen_bolig": "ja", "tilknytning_kommune": "NARVIK",
        "husstand.1.navn": "TESFAYE DAWIT", "husstand.1.bosettes_sammen": "ja", "husstand.1.duf": duf(2024, 217736), "husstand.1.foedselsdato": "19111988", "husstand.1.relasjon": "EKTEFELLE",
        "husstand.2.navn": "TESFAYE LIYA", "husstand.2.bosettes_sammen": "ja", "husstand.2.duf": duf(2024, 217737), "husstand.2.foedselsdato": "30052019", "husstand.2.relasjon": "DATTER",
        "relasjon.1.navn": "HAILE RAHEL", "relasjon.1.relasjon": "SØSTER", "relasjon.1.kommune": "BODØ", "relasjon.1.telefon": "90012345",
        "tilrettelegging_behov": "ja", "tilrettelegging": ("rullestol_bevegelse", "annet"), "tilrettelegging_beskrivelse": "Ektefellen bruker rullestol og trenger bolig uten trapper.",
        "kjaeledyr": "nei", "utdanning": "universitet_hoegskole", "fagfelt": "SYKEPLEIE", "utdanning_aar": "15", "siste_yrke": "SYKEPLEIER", "yrke_aar": "8",
        "sted": "NARVIK", "dato": "16112026", "underskrift": "Miriam Tesfaye",
    },
    "carpenter": {
        "hvem": "voksen_annen_tillatelse", "etternavn": "KARIMZADA", "fornavn": "YUSUF", "duf": duf(2023, 90418), "fnr": fnr("27121979", 455), "foedselsdato": "27121979",
        "kjoenn": "mann", "statsborgerskap": "AFGHANISTAN", "sivilstand": "enke_enkemann", "adresse": "ØVRE BAKKE 7 C/O BERG", "postnummer": "6100", "poststed": "VOLDA", "kommune": "VOLDA",
        "telefon": "+4792345678", "epost": "yusuf.k79@example.com", "spraak": "PASHTO", "tolk": "ja", "tillatelse": "humanitaert", "vedtaksdato": "15062026", "politi_informert_dato": "22062026",
        "aldri_i_mottak": True, "arbeidskontrakt": "ja", "studieplass": "nei", "egen_bolig": "nei", "tilknytning_kommune": "ØRSTA",
        "relasjon.1.navn": "NOORI SAMIRA", "relasjon.1.relasjon": "DATTER", "relasjon.1.kommune": "ÅLESUND", "relasjon.1.telefon": "45678901",
        "relasjon.2.navn": "NOORI ELIAS", "relasjon.2.relasjon": "SVIGERSØNN", "relasjon.2.kommune": "ÅLESUND",
        "tilrettelegging_behov": "nei", "kjaeledyr": "ja", "kjaeledyr_hvilke": "1 KATT", "utdanning": "videregaaende", "fagfelt": "TØMRER", "utdanning_aar": "11",
        "siste_yrke": "SNEKKER", "yrke_aar": "20", "sted": "VOLDA", "dato": "12112026", "underskrift": "Yusuf Karimzada",
    },
    "minor": {
        "hvem": "enslig_mindreaarig", "etternavn": "ABDIRAHMAN", "fornavn": "HODAN", "duf": MINOR_DUF, "foedselsdato": MINOR_BORN, "kjoenn": "kvinne", "statsborgerskap": "SOMALIA",
        "sivilstand": "ugift", "adresse": "FJELLVEGEN 3", "postnummer": "2815", "poststed": "GJØVIK", "kommune": "GJØVIK", "telefon": "41234567", "spraak": "SOMALI", "tolk": "ja",
        "tillatelse": "asyl", "vedtaksdato": "20082026", "politi_informert_dato": "28082026", "aldri_i_mottak": True,
        "verge_navn": "SOLBERG KNUT", "verge_telefon": "99887766", "foelgeperson_navn": "ABDIRAHMAN FADUMO", "foelgeperson_duf": duf(2025, 41823), "foelgeperson_relasjon": "TANTE",
        "husstand.1.navn": "ABDIRAHMAN FADUMO", "husstand.1.bosettes_sammen": "ja", "husstand.1.duf": duf(2025, 41823), "husstand.1.foedselsdato": "04021985", "husstand.1.relasjon": "TANTE",
        "tilrettelegging_behov": "ja", "tilrettelegging": ("hoersel",), "tilrettelegging_beskrivelse": "Bruker høreapparat på begge ører.",
        "kjaeledyr": "nei", "utdanning": "grunnskole", "utdanning_aar": "8", "sted": "GJØVIK", "dato": "03112026", "underskrift": "Hodan Abdirahman", "underskrift_verge": "Knut Solberg",
    },
    "cook": {
        "duf": duf(2025, 130277), "foedselsdato": "23091994", "etternavn": "WOLDEMARIAM", "fornavn": "SENAIT", "statsborgerskap": "ETIOPIA", "telefon": "46790123", "sivilstand": "ugift",
        "hoeyeste_utdanning": "videregaaende", "skoleaar": "11", "yrke": "KOKK PÅ SJUKEHEIM", "maal": "Jeg vil ta fagbrev som kokk og arbeide på et sykehjem.", "postnummer": "6100",
        "poststed": "VOLDA", "spraak_les": ("engelsk", "annet"), "samtykke_deling": True, "dato": "09112026", "underskrift": "Senait Woldemariam",
    },
    # Every cell of the page for measuring speed holds something.
    "full": {
        "duf_1": duf(2024, 310442), "duf_2": duf(2023, 118306), "fnr_1": fnr("04051987", 221), "fnr_2": fnr("19091990", 340), "dato_1": "04051987", "dato_2": "23022025", "dato_3": "16062026",
        "dato_4": "30082026", "telefon_1": "93456781", "telefon_2": "46012357", "postnummer_1": "7010", "postnummer_2": "4632", "tekst_1": "KONSTANTINOPOLITANERINNESKILPADDE",
        "tekst_2": "SKILPADDEKONSTANTINOPOLITANERINNE", "tekst_3": "MENNESKERETTIGHETSORGANISASJONEN",
        "valg_1": "a", "valg_2": "c", "valg_3": "e", "valg_4": "b", "valg_5": "d", "valg_6": "a",
    },
    "driver": {
        "hvem": "voksen_annen_tillatelse", "etternavn": "AL-HASSAN", "fornavn": "TAREK", "duf": duf(2022, 505161), "foedselsdato": "14071984", "kjoenn": "mann", "statsborgerskap": "SYRIA",
        "sivilstand": "skilt", "adresse": "HAVNEGATA 41", "postnummer": "9008", "poststed": "TROMSØ", "kommune": "TROMSØ", "telefon": "+46701234567", "epost": "tarek@example.net",
        "spraak": "ARABISK", "tolk": "nei", "tillatelse": "familieinnvandring", "vedtaksdato": "01072026", "politi_informert_dato": "07072026", "flyttet_fra_mottak": "15082026",
        "arbeidskontrakt": "nei", "studieplass": "ja", "egen_bolig": "nei", "tilknytning_kommune": "TROMSØ",
        "kjaeledyr": "nei", "utdanning": "fagskole", "fagfelt": "TRANSPORT OG LOGISTIKK", "utdanning_aar": "13", "siste_yrke": "BUSSJÅFØR", "yrke_aar": "6",
        "oensker_ikke_opplysninger": True, "sted": "TROMSØ", "dato": "18112026", "underskrift": "Tarek Al-Hassan",
    },
}
