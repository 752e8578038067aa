"""Open bugs as lines, and the page of Launchpad that shows the same."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote_plus

from mentorbot.backlog.grammar import IMPORTANCES
from mentorbot.models import OPEN_STATUSES, OpenBug
from mentorbot.store.backlog import Query
from mentorbot.text import age, shorten

_TITLE = 90
_SEARCHED = {"Incomplete": ("INCOMPLETE_WITH_RESPONSE", "INCOMPLETE_WITHOUT_RESPONSE")}


def line(bug: OpenBug, now: datetime) -> str:
    """A bug in one line: `LP#12 The anchor is lost (harbour, New, High, 40 days old) https://…`."""
    about = f"{bug.project}, {bug.status}, {bug.importance}, {age(bug.created, now)} old"
    return f"LP#{bug.number} {shorten(bug.title, _TITLE)} ({about}) {bug.url}"


def page(query: Query, service_root: str) -> str:
    """The address of Launchpad's own search for this; "" where it cannot ask the same, or is not the public one."""
    beyond = query.older is not None or query.younger is not None or query.untouched or query.title
    # Launchpad takes tags and their exclusion together as "any", which finds nearly everything.
    if service_root != "production" or len(query.projects) != 1 or beyond or (query.without and len(query.tags) > 1):
        return ""
    asked = [
        *(("status:list", value) for name in OPEN_STATUSES if name in query.statuses for value in _values(name)),
        *(("importance:list", name.upper()) for name in IMPORTANCES if name in query.importances),
    ]
    tags = [*sorted(query.tags), *(f"-{tag}" for tag in sorted(query.without)), *(["-*"] if query.untagged else [])]
    if tags:
        asked += [("tag", " ".join(tags)), ("tags_combinator", "ALL" if query.without or query.untagged else "ANY")]
    if query.assignee:
        asked.append(("assignee", query.assignee))
    who = [] if query.assignee is None else [f"assignee_option={'choose' if query.assignee else 'none'}"]
    said = "&".join([*(f"field.{key}={quote_plus(value)}" for key, value in asked), *who])
    return f"https://bugs.launchpad.net/{query.projects[0]}/+bugs" + (f"?{said}" if said else "")


def _values(status: str) -> tuple[str, ...]:
    return _SEARCHED.get(status, (status.upper().replace(" ", ""),))
