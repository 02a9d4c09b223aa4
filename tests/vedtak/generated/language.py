"""Bokmål and nynorsk: numbers in words, dates, and the words that one document keeps to."""

import datetime
import re

UNITS = {
    "nb": "null en to tre fire fem seks sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten".split(),
    "nn": "null ein to tre fire fem seks sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten".split(),
}
TENS = "tjue tretti førti femti seksti sytti åtti nitti".split()
MONTHS = "januar februar mars april mai juni juli august september oktober november desember".split()
DAYS = {"nb": "mandag tirsdag onsdag torsdag fredag lørdag søndag".split(), "nn": "måndag tysdag onsdag torsdag fredag laurdag sundag".split()}

# What the bodies are called: alone with the article, and after the name of the kommune.
BODIES = {
    "kommunestyre": ("kommunestyret", "kommunestyre"),
    "bystyre": ("bystyret", "bystyre"),
    "heradsstyre": ("heradsstyret", "heradsstyre"),
    "formannskap": ("formannskapet", "formannskap"),
    "bydelsutvalg": ("bydelsutvalget", "bydelsutvalg"),
}


def in_words(lang, number):
    if number < 20:
        return UNITS[lang][number]
    tens, unit = divmod(number, 10)
    return TENS[tens - 2] + (UNITS[lang][unit] if unit else "")


def capital(text):
    return text[:1].upper() + text[1:]


def numeric(day):
    return f"{day:%d.%m.%Y}"


def written(day):
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"


class Writer:
    """Chooses words for one document: at random, but the same spelling all through it."""

    def __init__(self, random, place, lang):
        self.random, self.place, self.lang = random, place, lang
        # Which numbers are written in words: none, all, or only those of the minors' groups.
        self.style = random.choices(("digits", "words", "mixed"), (6, 2, 2))[0]
        self.date = random.choice((numeric, written))
        body = "heradsstyre" if place.herad else place.body
        org, compound = BODIES[body]
        self.slots = {
            "kk": place.unit,
            "k": f"Bydel {place.bydel}" if place.bydel else place.name,
            "org": org,
            "Org": capital(org),
            "korg": org if place.bydel else f"{place.name} {compound}",
            "fsk": "formannskapet",
            "boss": random.choice(("kommunedirektør", "rådmann")) + "en",
            "unit": "kommunen",
        }
        if place.bydel:
            self.slots |= {"boss": "bydelsdirektøren", "fsk": "arbeidsutvalget", "unit": "bydelen"}
        if lang == "nn":
            verb = random.choice(("busetje", "busetja", "busette"))
            noun = "busetting" if verb == "busette" else "busetjing"
            self.slots |= {
                "bos": verb,
                "boses": noun[:-3] + "ast",
                "bosetting": noun,
                "Bosetting": capital(noun),
                "blir": random.choice(("blir", "vert")),
                "vere": "vera" if verb.endswith("ja") else "vere",
            }
        self.slots |= {capital(slot): capital(self.slots[slot]) for slot in ("boss", "fsk", "unit")}

    def say(self, nb, nn, **slots):
        """One of the phrases of the document's målform, filled in."""
        phrases = nb if self.lang == "nb" else nn
        phrase = phrases if isinstance(phrases, str) else self.random.choice(phrases)
        return phrase.format(**self.slots | slots)

    def number(self, number, style=None):
        style = style or self.style
        if style == "words" and number == 1:
            return "én" if self.lang == "nb" else "éin"
        if style == "words" and 2 <= number <= 60 and (number < 20 or number % 10 != 1):
            return in_words(self.lang, number)
        return str(number)

    def minors(self, number):
        """The number of a group of minors: in words too where the style is mixed."""
        return self.number(number, "words" if self.style == "mixed" else None)

    def sometimes(self, chance):
        return self.random.random() < chance

    def weekday(self, day):
        return DAYS[self.lang][day.weekday()]

    def other(self, low, high, avoid):
        """A number that is none of the decision's own."""
        return self.random.choice([number for number in range(low, high + 1) if number not in avoid])


def sentences(*parts):
    """Parts as running text; empty ones are left out, and each begins with a capital."""
    return re.sub(r"\s+", " ", " ".join(capital(part) for part in parts if part)).strip()


def meeting(random, first, last):
    """A day between two on which councils meet: Monday to Thursday."""
    days = [first + datetime.timedelta(days) for days in range((last - first).days + 1)]
    return random.choice([day for day in days if day.weekday() < 4 and not (day.month == 7 or (day.month, day.day) > (12, 19) or (day.month, day.day) < (1, 12))])


def after(random, day, least, most, latest):
    """A working day soon after another."""
    chosen = min(day + datetime.timedelta(random.randint(least, most)), latest)
    while chosen.weekday() > 4:
        chosen -= datetime.timedelta(1)
    return max(chosen, day)
