"""What a person has worked on, and which titles are like it, found by full-text search (SQLite's FTS5)."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.store.moments import written

if TYPE_CHECKING:
    from mentorbot.store.store import Store

LATEST = 10
"""So many of a person's works say what they like; older ones may be past."""
ENOUGH = 2
"""Words in common that make two titles alike; one may be chance."""
_SMALL = frozenset([
    "about", "after", "all", "also", "and", "any", "are", "because", "been", "before", "being", "but", "can",
    "cannot", "could", "does", "doesn", "don", "down", "during", "each", "for", "from", "get", "gets", "had",
    "has", "have", "how", "into", "its", "just", "let", "may", "might", "more", "most", "not", "now", "off", "one",
    "only", "other", "our", "out", "over", "same", "should", "some", "still", "such", "than", "that", "the",
    "their", "then", "there", "these", "they", "this", "those", "through", "too", "under", "until", "use", "used",
    "using", "very", "was", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with",
    "without", "would", "you", "your",
])  # fmt: skip
"""Words that say nothing of what a title is about."""


@dataclass(frozen=True)
class Alike:
    """That an item is like a work of the person (`ref`: "LP#12", "change 5"), and the words both titles have."""

    ref: str
    words: tuple[str, ...]


class Tastes:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, person: str, now: datetime) -> dict[str, str]:
        """The titles of the person's latest works up to then by their name, such as "LP#12": bugs that they commented
        on, changed or have, changes that they proposed, questions that their answer solved, and blueprints that they
        wrote or have, of names that are proved to be theirs; and what they were offered and then finished, or found
        right."""
        rows = self._store.rows(
            """select ref, title, max(at) at from (
                select 'LP#' || b.id ref, b.title, max(touched.at) at from (
                    select bug, date at from comments where author in (select value from json_each(:launchpad))
                    union all
                    select bug, date from activity where person in (select value from json_each(:launchpad))
                    union all
                    select bug, created from tasks where assignee in (select value from json_each(:launchpad))
                ) touched join bugs b on b.id = touched.bug where touched.at <= :now group by b.id
                union all
                select 'change ' || number, subject, created from changes
                where owner in (select value from json_each(:gerrit)) and created <= :now
                union all
                select 'question ' || number, title, solved from questions
                where answerer in (select value from json_each(:launchpad)) and solved <= :now
                union all
                select 'blueprint ' || name, title, created from blueprints
                where created <= :now and (assignee in (select value from json_each(:launchpad))
                    or drafter in (select value from json_each(:launchpad)))
                union all
                select case kind when 'bug' then 'LP#' || number
                    when 'blueprint' then 'blueprint ' || substr(url, instr(url, '/+spec/') + 7)
                    else kind || ' ' || number end, title, ended
                from offers where person in (select value from json_each(:keys)) and number and ended <= :now
                and (outcome in ('done', 'merged') or feedback = 'right')
            ) group by ref order by at desc, ref limit :most""",
            launchpad=json.dumps(self._store.people.names(person, "launchpad")),
            gerrit=json.dumps(self._store.people.names(person, "gerrit")),
            keys=json.dumps(self._store.people.same(person)),
            now=written(now),
            most=LATEST,
        )
        return {row["ref"]: row["title"] for row in rows}


def alike(titles: Mapping[str, str], works: Mapping[str, str]) -> dict[str, Alike]:
    """Those of these titles that are like one of the works, each with the work it is most like.

    A work is never like itself. Words that many of the titles have tell nothing and do not count.
    """
    known = [_words(title) for title in titles.values()]
    often = Counter(word for words in known for word in words)
    most = max(2, len(titles) // 10)
    found: dict[str, tuple[float, Alike]] = {}
    # A table of its own, gone after the answer: what is forgotten must not stay in a full-text index.
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("create virtual table titles using fts5(ref unindexed, title, tokenize = 'porter unicode61')")
        db.executemany("insert into titles values (?, ?)", titles.items())
        for work, text in works.items():
            words = [word for word in _words(text) if often[word] <= most]
            rows = db.execute(
                """select ref, bm25(titles), highlight(titles, 1, char(2), char(3)) from titles
                where titles match ? and ref != ?""",
                [" OR ".join(f'"{word}"' for word in words) or '""', work],
            )
            for ref, distance, marked in rows:
                shared = tuple(dict.fromkeys(word.lower() for word in re.findall("\x02(.*?)\x03", marked)))
                if len(shared) >= ENOUGH and (ref not in found or distance < found[ref][0]):
                    found[ref] = (distance, Alike(work, shared))
    return {ref: match for ref, (_, match) in found.items()}


def _words(text: str) -> list[str]:
    """The words of a title that say what it is about, each once."""
    words = dict.fromkeys(re.findall(r"[^\W_]{3,}", text.lower()))
    return [word for word in words if word not in _SMALL]
