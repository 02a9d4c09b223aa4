"""Where the generated decisions come from: real kommuner of today from the product's own list, and people who do not exist."""

import csv
import dataclasses
import pathlib

DATA = pathlib.Path(__file__).resolve().parents[3] / "src" / "registry" / "data"

# NAME, or NAME=POSTSTED where the administration sits in a place of another name. A + marks the large ones, a - the small.
BOKMAAL = """
Steinkjer+ Bodø+ Lillestrøm+ Hamar+ Elverum Kongsberg+ Narvik Harstad Alta Hammerfest Sortland Levanger Stjørdal+ Melhus Malvik Oppdal- Røros- Molde+ Haugesund+ Farsund Lindesnes Grimstad
Arendal+ Risør- Kragerø Porsgrunn+ Notodden Larvik+ Holmestrand Horten+ Lier+ Ås Sarpsborg+ Halden+ Rakkestad- Eidsvoll Gjøvik+ Gran Lunner Kongsvinger Trysil- Tynset- Alvdal- Lillehammer+ Lyngdal
Flekkefjord Tvedestrand- Verdal Namsos Fauske Meløy- Nordkapp- Nittedal Vestby Enebakk Jevnaker- Nesodden Ringsaker+=Brumunddal Modum=Vikersund Øvre_Eiker=Hokksund Senja=Finnsnes Vågan=Svolvær
Rana+=Mo_i_Rana Vefsn=Mosjøen Brønnøy-=Brønnøysund Orkland=Orkanger Karmøy+=Kopervik Eigersund=Egersund Frogn=Drøbak Indre_Østfold+=Askim Marker-=Ørje Aurskog-Høland=Bjørkelangen
Østre_Toten=Lena Nord-Odal-=Sagstua Nord-Aurdal-=Fagernes Ringerike+=Hønefoss Målselv=Moen Sør-Varanger=Kirkenes Bamble=Langesund
"""
NYNORSK = """
Volda Ørsta Hareid- Vanylven-=Fiskå Stranda- Sykkylven Kinn Stryn Bremanger- Luster Sogndal Aurland- Lærdal- Høyanger- Askvoll- Voss Stord Bømlo Fitjar- Tysnes- Etne- Sveio- Vaksdal- Hjelmeland- Sauda-
Vinje- Seljord- Kviteseid- Fyresdal- Nissedal- Vågå- Lom- Skjåk- Surnadal Gol Ål Hemsedal- Eidfjord- Ulstein=Ulsteinvik Stad=Nordfjordeid Gloppen=Sandane Sunnfjord=Førde Årdal=Årdalstangen
Vik-=Vik_i_Sogn Fjaler-=Dale_i_Sunnfjord Kvam=Norheimsund Kvinnherad=Rosendal Ullensvang=Odda Osterøy=Lonevåg Austevoll=Storebø Øygarden=Straume Time=Bryne Hå=Varhaug
Suldal-=Sand Vindafjord=Ølen Tokke-=Dalen Masfjorden-=Masfjordnes
"""
CITIES = {"Bodø", "Hamar", "Porsgrunn", "Haugesund", "Sarpsborg", "Arendal", "Halden"}
HERAD = {"Voss", "Kvam"}
BYDELER = ("Alna", "Bjerke", "Frogner", "Gamle Oslo", "Grorud", "Grünerløkka", "Nordstrand", "Sagene", "Stovner", "Søndre Nordstrand", "Vestre Aker", "Østensjø")

GIVEN = (
    "Anne Berit Cathrine Dagny Eli Frøydis Guro Hege Ingunn Jorunn Kristin Lillian Marit Nina Oddny Pernille Ragnhild Solveig Torill Unni Vigdis Wenche Åse Arne Bjørn Christian Dag Einar Frode Geir Harald "
    "Ivar Jostein Kåre Leif Magnus Nils Oddvar Per Roar Svein Torbjørn Ulf Vidar Øystein Åge Amira Yasmin Omar Samir"
).split()
# Made up of parts that no family is called: nobody bears these names.
FIRST = "Prøve Dikte Skrive Papir Tenke Dømme Kopi Stempel Penne Arkiv Kladde Blekk Notat Mappe Perm Eksempel Utkast Rubrikk Binders Margtekst".split()
LAST = "haug moen stad vik dal bakken sæter land nes berget åsen lien rud tveit mo fjord".split()
PARTIES = "Ap H Sp FrP SV KrF V R MDG INP PP".split()


@dataclasses.dataclass(frozen=True)
class Place:
    name: str
    number: str
    fylke: str
    lang: str
    size: int
    postal: str
    body: str = "kommunestyre"
    herad: bool = False
    bydel: str | None = None

    @property
    def unit(self):
        """What it calls itself in full."""
        if self.bydel:
            return f"Bydel {self.bydel}"
        return f"{self.name} {'herad' if self.herad else 'kommune'}"

    @property
    def domain(self):
        if self.bydel:
            return "oslo.kommune.no"
        plain = self.name.lower().translate(str.maketrans({"æ": "ae", "ø": "o", "å": "a", " ": "-", "ü": "u"}))
        return f"{plain}.{'herad' if self.herad else 'kommune'}.no"


def rows(name):
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def places():
    """All kommuner of the lists above, by målform."""
    known = {row["navn"]: row for row in rows("kommuner.csv")}
    postal = {}
    for row in rows("postnummer.csv"):
        postal.setdefault(row["poststed"], row["postnummer"])
    found = {}
    for lang, names in (("nb", BOKMAAL), ("nn", NYNORSK)):
        found[lang] = []
        for entry in names.split():
            name, _, seat = entry.replace("_", " ").partition("=")
            size = {"+": 2, "-": 0}.get(name[-1], 1)
            name = name.rstrip("+-")
            seat = seat or name
            body = "bystyre" if name in CITIES else "kommunestyre"
            found[lang].append(Place(name, known[name]["kommunenummer"], known[name]["fylke"], lang, size, f"{postal[seat.upper()]} {seat}", body, name in HERAD))
    return found


def bydel(random):
    name = random.choice(BYDELER)
    return Place("Oslo", "0301", "Oslo", "nb", 2, "0101 Oslo", "bydelsutvalg", bydel=name)


def person(random):
    return f"{random.choice(GIVEN)} {random.choice(FIRST)}{random.choice(LAST)}"


def party(random, *taken):
    return random.choice([party for party in PARTIES if party not in taken])
