"""What texts say about other items: bugs named in commit messages, changes named in bug comments."""

import re
from dataclasses import dataclass

# OpenStack's footers (docs.openstack.org, "Including external references"); "Fixes bug 12" is their older form.
_FOOTER = re.compile(
    r"^\s*(?P<how>closes|partial|related|fixes|resolves|partially|implements)[- ]?bugs?[\s:#-]*(?:lp)?[\s:#]*"
    r"(?P<numbers>\d{1,9}\b(?:\s*,\s*#?\d{1,9}\b)*)",
    re.IGNORECASE | re.MULTILINE,
)
_TOPIC = re.compile(r"(?:^|/)(?:bug|lp)[/_-]?(\d{3,9})$", re.IGNORECASE)
_HOW = {"closes": "closes", "fixes": "closes", "resolves": "closes", "partial": "partial", "partially": "partial"}

_CHANGE = r"https?://[\w.-]+(?::\d+)?/(?:r/)?(?:#/c/|c/(?:[\w./-]+/\+/)?)?(\d{1,9})\b"
_PROPOSED = re.compile(rf"^\s*(?:related\s+)?fix\s+proposed\s+to\b.*?review:\s*{_CHANGE}", re.IGNORECASE | re.DOTALL)
_MERGED = re.compile(rf"^\s*reviewed:\s*{_CHANGE}", re.IGNORECASE)
_ABANDONED = re.compile(rf"^\s*change\s+abandoned\b.*?review:\s*{_CHANGE}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Proposal:
    """A change that a bug's comment speaks of, and what became of it: "open", "merged" or "abandoned"."""

    change: int
    state: str


def bugs_of(commit_message: str, topic: str = "") -> dict[int, str]:
    """The bugs a change names, with "closes", "partial" or "related"; a topic such as `bug/12` counts as related."""
    found: dict[int, str] = {}
    if named := _TOPIC.search(topic):
        found[int(named[1])] = "related"
    for footer in _FOOTER.finditer(commit_message):
        how = _HOW.get(footer["how"].lower(), "related")
        for number in re.findall(r"\d+", footer["numbers"]):
            if found.get(int(number)) != "closes":
                found[int(number)] = how
    return found


def names(text: str, number: int) -> bool:
    """Whether this number stands in a text, as that of a bug or change would: LP#12, change 12, /+/12."""
    return re.search(rf"(?<!\d){number}(?!\d)", text) is not None


def proposal_in(comment: str) -> Proposal | None:
    """What the Gerrit robot's comment on a bug says of a change; None where it is no such comment."""
    head = comment[:2000]
    for pattern, state in ((_PROPOSED, "open"), (_MERGED, "merged"), (_ABANDONED, "abandoned")):
        if named := pattern.search(head):
            return Proposal(int(named[1]), state)
    return None
