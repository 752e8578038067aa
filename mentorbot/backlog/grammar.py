"""Words to a query: `nova status:New,Confirmed -tag:doc age:>30d unassigned` means the same in any order and case."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable, Sequence
from datetime import timedelta

from mentorbot.errors import UserError
from mentorbot.models import OPEN_STATUSES
from mentorbot.store.backlog import Query
from mentorbot.text import meant

IMPORTANCES = ("Critical", "High", "Medium", "Low", "Wishlist", "Undecided", "Unknown")
"""As Launchpad writes them (lib/lp/bugs/interfaces/bugtask.py), in the order in which people think of them."""

KEYS = {
    "status": "status:New,Confirmed",
    "importance": "importance:High",
    "tag": "tag:doc",
    "age": "age:>30d",
    "assigned": "assigned:NAME",
    "title": "title:WORD",
}
"""Each key with an example of its use."""
FLAGS = ("unassigned", "untagged", "untouched")

_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_AGE = re.compile(r"([<>])\s*=?\s*(\d{1,5})\s*([dwmy])(?:ays?|eeks?|onths?|ears?)?", re.IGNORECASE)
_OLDEST = timedelta(days=36_500)
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*")
# Launchpad's rule for the names of tags and people (lib/lp/app/validators/name.py).
_PAIR = re.compile(r"(-?)([a-z]+)(?:[:=]|(?=[<>]))(.*)", re.IGNORECASE | re.DOTALL)
_JOINED = re.compile(r'"[^"]*"|\s*,\s*|(?<=[:=])\s+')


def read(text: str, projects: Sequence[str]) -> Query:
    """Understand a question about the backlog of these projects; what cannot be understood is a UserError.

    Several values of a key, with commas or one by one, mean any of them, but all words of a title must stand in it;
    `-status:`, `-importance:` and `-tag:` leave out; different keys must all hold. A word without a key is a project,
    or a word of the title.
    """
    _some(projects)
    asked: list[str] = []
    wanted: dict[str, set[str]] = {}
    flags: set[str] = set()
    ages: dict[str, timedelta] = {}
    for word in _words(text):
        pair = _PAIR.fullmatch(word)
        if pair is None:
            known = project(word, projects)
            if known:
                asked.append(known)
            elif word.lower() in FLAGS:
                flags.add(word.lower())
            else:
                wanted.setdefault("title", set()).add(_title(word, projects))
            continue
        minus, key, value = pair[1], pair[2].lower(), pair[3]
        if key not in KEYS:
            raise UserError(f'I know no "{key[:30]}:".{meant(key, KEYS)} {_possible()}')
        if key == "age":
            sign, lasted = _age(word, value)
            # Of two bounds on the same side the narrower one counts, whichever came first.
            narrower = max if sign == ">" else min
            ages[sign] = narrower(lasted, ages.get(sign, lasted))
        elif minus and key not in ("status", "importance", "tag"):
            raise UserError(f"I can leave out a status, an importance or a tag (-tag:doc), but not {key}:.")
        else:
            wanted.setdefault(minus + key, set()).update(_values(key, value))
    if "unassigned" in flags and "assigned" in wanted:
        raise UserError("A bug cannot be both unassigned and assigned; say one of them.")
    if len(people := sorted(wanted.get("assigned", ()))) > 1:
        raise UserError(f"A bug has one assignee; ask for {people[0]} and {people[1]} one after the other.")
    return Query(
        projects=tuple(name for name in projects if name in asked) or tuple(projects),
        statuses=_but("status", wanted, OPEN_STATUSES),
        importances=_but("importance", wanted, IMPORTANCES),
        tags=frozenset(wanted.get("tag", ())),
        without=frozenset(wanted.get("-tag", ())),
        older=ages.get(">"),
        younger=ages.get("<"),
        assignee="" if "unassigned" in flags else people[0] if people else None,
        untagged="untagged" in flags,
        untouched="untouched" in flags,
        title=frozenset(wanted.get("title", ())),
    )


def written(query: Query) -> str:
    """A query in its own words, in one fixed order: reading them gives the same query again."""
    pairs = [
        ("status:", [name.replace(" ", "-") for name in OPEN_STATUSES if name in query.statuses]),
        ("importance:", [name for name in IMPORTANCES if name in query.importances]),
        ("tag:", sorted(query.tags)),
        ("-tag:", sorted(query.without)),
        ("age:>", [f"{query.older.days}d"] if query.older is not None else []),
        ("age:<", [f"{query.younger.days}d"] if query.younger is not None else []),
        ("assigned:", [query.assignee] if query.assignee else []),
    ]
    flags = dict(zip(FLAGS, (query.assignee == "", query.untagged, query.untouched), strict=True))
    return " ".join(
        [
            *query.projects,
            *(key + ",".join(values) for key, values in pairs if values),
            *(name for name, said in flags.items() if said),
            *(f"title:{word}" if word.isalnum() else f'title:"{word}"' for word in sorted(query.title)),
        ]
    )


def project(word: str, projects: Iterable[str]) -> str | None:
    """The project of this name, whatever its case."""
    return next((name for name in projects if name.lower() == word.lower()), None)


def chosen(text: str, projects: Sequence[str]) -> list[str]:
    """The projects these words name, each once, all where they name none; another word is a UserError."""
    _some(projects)
    found = []
    for word in text.split():
        known = project(word, projects)
        if known is None:
            raise UserError(f'I know no project "{word[:30]}".{meant(word, projects)} I read {", ".join(projects)}.')
        found.append(known)
    return list(dict.fromkeys(found or projects))


def _words(text: str) -> list[str]:
    """The words; spaces around commas and after a key join them, quotation marks keep them together."""
    lexer = shlex.shlex(_JOINED.sub(lambda found: found[0].strip(), text), posix=True)
    lexer.whitespace_split = True
    lexer.commenters = lexer.escape = ""
    lexer.quotes = '"'
    try:
        return [word.strip() for word in lexer if word.strip()]
    except ValueError:
        raise UserError('A quotation mark (") is opened but not closed.') from None


def _values(key: str, value: str) -> list[str]:
    values = [part.strip() for part in ([value] if key == "title" else value.split(",")) if part.strip()]
    if not values:
        raise UserError(f"{key}: needs a value, for example {KEYS[key]}.")
    if key == "status":
        return [_named(part, "open status", OPEN_STATUSES) for part in values]
    if key == "importance":
        return [_named(part, "importance", IMPORTANCES) for part in values]
    values = [part.lower() for part in values]
    if key == "title":
        return values
    names = [part.removeprefix("~") for part in values]
    for name in names:
        if not _NAME.fullmatch(name):
            raise UserError(
                f'"{name[:30]}" cannot be the name of a {"tag" if key == "tag" else "person"} in Launchpad.'
            )
    return names


def _named(word: str, what: str, names: Sequence[str]) -> str:
    """The name meant, whatever its case and whether its words are joined, hyphened or apart."""
    by_letters = {_letters(name): name for name in names}
    found = by_letters.get(_letters(word))
    if found is None:
        raise UserError(f'I know no {what} "{word[:30]}".{meant(word, names)} There are {", ".join(names)}.')
    return found


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _age(word: str, value: str) -> tuple[str, timedelta]:
    if word.startswith("-"):
        raise UserError("To leave out an age turn its sign: age:<30d is younger, age:>30d is older.")
    said = _AGE.fullmatch(value.strip())
    if said is None:
        raise UserError(
            f'I cannot read the age "{value[:30]}": say age:>30d for older or age:<2w for younger'
            " (d, w, m and y are days, weeks, months and years)."
        )
    lasted = timedelta(days=int(said[2]) * _DAYS[said[3].lower()])
    if lasted > _OLDEST:
        raise UserError(f"{value[:30]} is more than a hundred years; say less.")
    return said[1], lasted


def _title(word: str, projects: Sequence[str]) -> str:
    """A word to look for in titles, unless something else was more likely meant by it."""
    if word.startswith("-"):
        raise UserError(f'I cannot leave out "{word[:30]}"; -status:, -importance: and -tag: leave out.')
    for key, names in (("status", OPEN_STATUSES), ("importance", IMPORTANCES)):
        if _letters(word) in map(_letters, names):
            raise UserError(f"Say {key}:{word} if you mean the {key}, or title:{word} for the word in titles.")
    if near := difflib.get_close_matches(word.lower(), [*projects, *FLAGS], 1, cutoff=0.75):
        raise UserError(f"Do you mean {near[0]}? To look for the word in titles, say title:{word[:30]}.")
    return word.lower()


def _but(key: str, wanted: dict[str, set[str]], names: Sequence[str]) -> frozenset[str]:
    """Those asked for without those left out; none where nothing was said of the key."""
    if key not in wanted and f"-{key}" not in wanted:
        return frozenset()
    left = frozenset(wanted.get(key, names)) - wanted.get(f"-{key}", set())
    if not left:
        raise UserError(f"You leave out every {key} you ask for, so there is nothing to look for.")
    return left


def _some(projects: Sequence[str]) -> None:
    if not projects:
        raise UserError("No project is read here; this bot's operators name them in its configuration.")


def _possible() -> str:
    return f"I understand {', '.join([*KEYS.values(), *FLAGS])}."
