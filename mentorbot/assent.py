"""Whether somebody says yes or no, in their own words: "sure, gladly", "sorry, not now"."""

from __future__ import annotations

import re
from typing import Literal

Word = Literal["yes", "no", "unclear", ""]

LOOKED_AT = 300
"""Characters of a text that are looked at."""

_WORDS: dict[Word, str] = {
    "yes": r"y|yes|yep|yeah|yup|aye|sure(?: thing)?|ok|okay|of course|certainly|absolutely|definitely|gladly"
    r"|with pleasure|(?:happy|glad) to|will do|why not|(?:no|not a) problem|no worries|count me in|go ahead|[+]1|👍"
    r"|all ?right|sounds (?:good|great)|fine (?:by|with) me"
    r"|i (?:do|can|will|would)(?=\W*$)|i(?:['’]ll| will| can) (?:do it|help|take (?:it|this|them|her|him))"
    r"|i(?:['’]d| would) (?:love|like|be (?:happy|glad)) to"
    r"|(?:i(?:['’]m| am) )?still (?:am|do|at it|on it|working on it)",
    "no": r"no time|n|no|nope|nah|not (?:now|right now|today|yet|really|any ?more|at the moment|for now)"
    r"|not this (?:time|week|month)|not|sorry|unfortunately|(?:i )?(?:can['’]?t|cannot|can not)"
    r"|(?:i(?:['’]m| am) )?(?:too )?busy|i (?:have|['’]ve got) no time|(?:maybe |perhaps )?(?:later|next time)"
    r"|rather not|i (?:don['’]?t|do not)(?: have| think so| want|(?=\W*$))|i gave (?:it )?up|-1|👎",
    "unclear": r"maybe|perhaps|(?:it |that )?depends",
    "": r"hi|hello|hey|oh|ah|well|h+m+|um+|(?:thanks|thank you|thx)(?:,? but)?|please|and|so|to|help|it|that|then|them"
    r"|her|him|now|today|this(?: week| month)?",
}
_PARTS = {word: re.compile(rf"(?:{said})(?!-?\w|['’]t)[\s,.;:!–-]*") for word, said in _WORDS.items()}
_DOUBT = re.compile(r"\?|\b(?:but|unless|if|depends|think|see|know|wait|moment|maybe|perhaps)\b")
_AGAINST: dict[Word, re.Pattern[str]] = {
    "yes": re.compile(r"\b(?:no|not|nope|cannot|sorry|busy|later)\b|n['’]t\b"),
    "no": re.compile(r"\b(?:yes|yep|yeah|sure|ok|okay|gladly|of course|i will)\b|['’]ll\b"),
}


def said(text: str) -> tuple[Word, str]:
    """Whether a text is a yes or a no, and what is said besides: ("no", "ann") for "No thanks, ann".

    "unclear" where it begins as one and may mean the other; "" where it is neither.
    """
    rest, words = text.lower()[:LOOKED_AT].strip(), set[Word]()
    while found := next(((word, part) for word, one in _PARTS.items() if (part := one.match(rest))), None):
        words |= {found[0]} - {""}
        rest = rest[found[1].end() :]
    word: Word = words.pop() if len(words) == 1 else "unclear" if words else ""
    if word and (_DOUBT.search(rest) or (word in _AGAINST and _AGAINST[word].search(rest))):
        word = "unclear"
    return word, rest.rstrip(" .,;:!")
