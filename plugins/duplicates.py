"""The queue of likely duplicates: young reports whose titles are very like an older one's."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from mentorbot import BugQueue, Item, Request, Signal, Store, hookimpl, queues, suggest
from mentorbot.text import shorten

ALIKE = 0.5
"""The share of two titles' words, each weighed by how rare it is, that must be common."""
LEAST = 3
"""Words they must share."""
COMMON = 0.02
"""Words in more than this share of the titles are no sign that two are alike, but count in how alike they are."""
YOUNG = 180
"""Days: older ones were compared by others long ago."""

_WORDS = re.compile(r"[a-z_][\w.-]{2,}")


@hookimpl
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """New reports that nobody has taken, each with the older open one it is most like."""
    if name != "duplicates":
        return None
    young = queues.free_bugs(BugQueue(status=("New",), younger_days=YOUNG), projects, request, store)
    titles = store.bugs.titles(projects) if young else []
    older = dict(_pairs(titles, {bug.number for bug in young}))
    called = {number: title for number, _, title in titles}
    items = (suggest.bug_item(bug, request) for bug in young if bug.number in older)
    return [
        replace(item, signals=(*item.signals, Signal("alike", 5, _like(older[item.number], called)))) for item in items
    ]


def _like(number: int, called: dict[int, str]) -> str:
    return f'much like LP#{number}, "{shorten(called[number], 60)}"'


def _pairs(titles: list[tuple[int, str, str]], young: set[int]) -> Iterator[tuple[int, int]]:
    """Each of the young bugs that is like an older one of its project, with that one."""
    words = {number: frozenset(_WORDS.findall(title.lower())) for number, _, title in titles}
    seen = Counter(chain.from_iterable(words.values()))
    weigh = {word: math.log(1 + len(titles) / times) for word, times in seen.items()}
    most = max(COMMON * len(titles), LEAST)
    telling = {word for number in young & words.keys() for word in words[number] if seen[word] <= most}
    with_word: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, project, _ in titles:
        mine = words[number]
        if number in young:
            shared = {other for word in mine & telling for other in with_word[project, word]}
            likeness = {
                other: _alike(mine, words[other], weigh) for other in shared if len(mine & words[other]) >= LEAST
            }
            best = max(likeness, key=lambda other: (likeness[other], -other), default=None)
            if best is not None and likeness[best] >= ALIKE and best != number:
                yield number, best
        for word in mine & telling:
            with_word[project, word].append(number)


def _alike(one: frozenset[str], other: frozenset[str], weigh: dict[str, float]) -> float:
    return sum(weigh[word] for word in one & other) / sum(weigh[word] for word in one | other)
