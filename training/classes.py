"""What the network tells apart. A small letter that is drawn as its capital is of the same class (c, o, s); one that is drawn otherwise has a class of its
own, so that an l does not teach what an L looks like. What a field makes of the two is the decoder's."""

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅÄÖÜÉ"
SMALL = "abdefghijlmnqrtyæåäé"
SIGNS = "+-/@&"
# Struck out; and what is none of these: two characters in one cell, another script, a scribble.
STRUCK, OTHER = "#", "?"
CLASSES = DIGITS + CAPITALS + SMALL + SIGNS + STRUCK + OTHER
INDEX = {character: index for index, character in enumerate(CLASSES)}


def of(label: str) -> int | None:
    """The class of a label such as `7`, `a`, `SMALL_a` or `CAP_A`."""
    character = label.rsplit("_", 1)[-1]
    if label.startswith("SMALL"):
        character = character.lower()
    return INDEX.get(character, INDEX.get(character.upper()))
