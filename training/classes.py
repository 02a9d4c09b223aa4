"""What the network tells apart. A letter is one class, large or small: a comb asks for capitals, and people write what they write."""

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅÄÖÜÉ"
# Struck out; and what is none of these: two characters in one cell, another script, a scribble.
STRUCK, OTHER = "#", "?"
CLASSES = DIGITS + LETTERS + STRUCK + OTHER
INDEX = {character: index for index, character in enumerate(CLASSES)}


def of(label: str) -> int | None:
    """The class of a label such as `7`, `a` or `SMALL_a`."""
    return INDEX.get(label.rsplit("_", 1)[-1].upper())
