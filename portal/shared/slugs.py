"""Addresses from Chinese titles, by pinyin."""

import re
import unicodedata

from pypinyin import lazy_pinyin

MAX_LENGTH = 60


def pinyin_slug(text: str) -> str:
    """A short ASCII slug: toneless pinyin and Latin words, joined by hyphens, at most 60 characters, cut at a word.

    Gives "page" when nothing readable is left (a title of punctuation only).
    """
    folded = unicodedata.normalize("NFKC", text)
    words = re.findall(r"[a-z0-9]+", " ".join(lazy_pinyin(folded, errors=lambda run: f" {run} ")).lower())
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:MAX_LENGTH]
        if len(longer) > MAX_LENGTH:
            break
        slug = longer
    return slug or "page"


def pinyin_key(*names: str) -> str:
    """What a search by pinyin looks in: for each name its syllables run together and its initials, divided by blanks.

    "检修07班" gives "jianxiu07ban jx07b"; a name twice is kept once.
    """
    words: list[str] = []
    for name in dict.fromkeys(filter(None, names)):
        syllables = lazy_pinyin(unicodedata.normalize("NFKC", name).lower(), errors=list)
        whole = re.sub(r"[^a-z0-9]", "", "".join(syllables))
        initials = "".join(re.sub(r"[^a-z0-9]", "", syllable)[:1] for syllable in syllables)
        words += [whole, initials]
    return " ".join(filter(None, words))[:700]
