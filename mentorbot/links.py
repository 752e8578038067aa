"""What texts say about other items: bugs and blueprints named in commit messages, changes named in bug comments."""

import re
from dataclasses import dataclass

# OpenStack's footers (docs.openstack.org, "Including external references"); "Fixes bug 12" is their older form.
_FOOTER = re.compile(
    r"^[ \t]*(?P<how>closes|partial|related|fixes|resolves|partially|implements)[- ]?bugs?[ \t:#-]*(?:lp)?[ \t:#]*"
    r"(?:https?://(?:bugs\.)?launchpad\.net/(?:[\w.+/-]+/)?\+?bugs?/)?"
    r"(?P<numbers>\d{1,9}\b(?:\s*,\s*#?\d{1,9}\b)*)",
    re.IGNORECASE | re.MULTILINE,
)
_BLUEPRINT = re.compile(
    r"^[ \t]*(?:(?P<how>implements|partial(?:ly)?[- ]implements|related(?:[- ]to)?)[ \t:-]*(?:blueprint|bp)[ \t:/#]+"
    r"|(?:blueprint|bp):[ \t]*|(?P<by_address>implements|partial(?:ly)?[- ]implements)[ \t:-]*(?=https?:))"
    r"(?:https?://blueprints\.launchpad\.net/[\w.+-]+/\+spec/)?(?P<name>[a-z0-9][\w.+-]*)(?![\w:])",
    re.IGNORECASE | re.MULTILINE,
)
_TOPIC_BLUEPRINT = re.compile(r"^(?:bp|blueprint)/([a-z0-9][\w.+-]*)$", re.IGNORECASE)
_STORY = re.compile(r"^[ \t]*(?:[a-z]+-)?(?:story|task):[ \t#]*(\d{1,9})\b", re.IGNORECASE | re.MULTILINE)
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
    """The bugs a change names, with "closes", "partial" or "related"; a topic such as `bug/12` counts as related.

    Numbers that it calls a story or a task are StoryBoard's, and no bugs wherever else they stand.
    """
    stories = stories_of(commit_message)
    found: dict[int, str] = {}
    if named := _TOPIC.search(topic):
        found[int(named[1])] = "related"
    for footer in _FOOTER.finditer(commit_message):
        how = _HOW.get(footer["how"].lower(), "related")
        for number in re.findall(r"\d+", footer["numbers"]):
            if found.get(int(number)) != "closes":
                found[int(number)] = how
    return {number: how for number, how in found.items() if number not in stories}


def blueprints_of(commit_message: str, topic: str = "") -> dict[str, str]:
    """The blueprints a change names, with "implements", "partial" or "related"; a topic `bp/name` counts as related."""
    found: dict[str, str] = {}
    if named := _TOPIC_BLUEPRINT.search(topic):
        found[named[1].lower()] = "related"
    for footer in _BLUEPRINT.finditer(commit_message):
        how = (footer["how"] or footer["by_address"] or "").lower()
        how = "partial" if how.startswith("partial") else "implements" if how == "implements" else "related"
        name = footer["name"].lower().rstrip(".")
        if found.get(name) != "implements":
            found[name] = how
    return found


def stories_of(commit_message: str) -> set[int]:
    """The numbers that a change calls a story or a task of StoryBoard, which nobody mirrors."""
    return {int(number) for number in _STORY.findall(commit_message)}


def proposal_in(comment: str) -> Proposal | None:
    """What the Gerrit robot's comment on a bug says of a change; None where it is no such comment."""
    head = comment[:2000]
    for pattern, state in ((_PROPOSED, "open"), (_MERGED, "merged"), (_ABANDONED, "abandoned")):
        if named := pattern.search(head):
            return Proposal(int(named[1]), state)
    return None
