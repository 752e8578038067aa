"""The kinds of items: how people name one, how it came there, and what its holder does in its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`ref` is how one is called, by its number or, a blueprint, by its name; its address has that after `page`.

    `came` stands before since when it waits. `signs` are what shows the mirrors that its holder works on it; what the
    bot does not do for them is said in `elsewhere`.
    """

    ref: str
    page: str
    came: str
    signs: str
    elsewhere: str


KINDS = {
    "bug": Kind(
        "LP#{}",
        "/+bug/",
        "reported",
        "a comment, an assignment or a patch set",
        "I write nothing to Launchpad: please assign it to yourself there (the pencil beside “Assigned to”), so"
        " that people who never ask me see it too.",
    ),
    "change": Kind(
        "change {}",
        "/+/",
        "proposed",
        "a comment, a vote or a patch set",
        "I write nothing to Gerrit: what you say there is seen by its author, and by me.",
    ),
    "question": Kind(
        "question {}",
        "/+question/",
        "asked",
        "an answer",
        "I write nothing to Launchpad: please answer there. That an answer was yours I learn only when the asker says"
        " that it helped.",
    ),
    "blueprint": Kind(
        "blueprint {}",
        "/+spec/",
        "planned",
        "an assignment, a change or a review",
        "I write nothing to Launchpad: to build it, assign it to yourself there; to review it, say what you think on"
        " its change in Gerrit, or on its whiteboard.",
    ),
}

_NUMBER, _NAME = r"\d{1,9}\b", r"[a-z0-9][a-z0-9.+-]*(?<!\.)"
_NAMED = re.compile(rf"(lp|bug|change|question)\s*#?\s*({_NUMBER})\s*|(blueprint|bp)\s+({_NAME})\s*", re.IGNORECASE)
_END = r"(?![\w+-]|\.\w)"
_SHORT = {"lp": "bug", "bp": "blueprint"}
_PAGES = re.compile(
    "|".join(f"{re.escape(KINDS[kind].page)}(?P<{kind}>{_NUMBER})" for kind in ("bug", "change", "question"))
    + rf"|(?P<blueprint>[\w.+-]+{re.escape(KINDS['blueprint'].page)}{_NAME})"
)


def ref_of(kind: str, number: int, url: str) -> str:
    """How people call an item: by its number; a blueprint, whose number is ours alone, by the name in its address."""
    form = KINDS[kind]
    return form.ref.format(url.rpartition(form.page)[2] if kind == "blueprint" else number)


def named(text: str) -> tuple[str, str]:
    """The ref of the item that a text begins with, by name or by address, and the rest: "bug 12 now" is
    ("LP#12", "now").

    Where it begins with none, ("", the text).
    """
    address, _, rest = text.partition(" ")
    if address.startswith(("http://", "https://")) and (page := next(pages(address), None)):
        kind, at = page
        return KINDS[kind].ref.format(at.rpartition("/")[2]), rest
    if found := _NAMED.match(text):
        word, called = (found[1] or found[3]).lower(), (found[2] or found[4]).lower()
        return KINDS[_SHORT.get(word, word)].ref.format(called), text[found.end() :]
    return "", text


def pages(text: str) -> Iterator[tuple[str, str]]:
    """The items whose addresses are in a text, each by its kind and its number, or a blueprint's key (project/name)."""
    for found in _PAGES.finditer(text):
        kind = found.lastgroup or ""
        yield kind, found[kind].replace(KINDS["blueprint"].page, "/")


def names(text: str, kind: str, called: str) -> bool:
    """Whether a text names an item that is called so: its number wherever it stands, as in LP#12, change 12, /+/12; a
    name of several words likewise (quay-map); one that is a word like others, or a number, after what tells that it is
    one, as in blueprint quay, /+spec/quay."""
    if kind != "blueprint":
        named = rf"(?<!\d){called}(?!\d)"
    else:
        before = r"(?<![\w+.-])" if "-" in called else r"\b(?:blueprint|bp|spec)s?[\s:/\"'“‘`]+"
        named = f"{before}{re.escape(called)}{_END}"
    return re.search(named, text, re.IGNORECASE) is not None


def leads_to(url: str, kind: str, called: str) -> bool:
    """Whether an address is that of an item, or of a part of its page: /+bug/12, /+bug/12/comments/3, /bugs/12."""
    before = [KINDS[kind].page, f"/{kind}s/", *(["/c/"] if kind == "change" else [])]
    return re.search(f"(?:{'|'.join(map(re.escape, before))}){re.escape(called)}{_END}", url, re.IGNORECASE) is not None
