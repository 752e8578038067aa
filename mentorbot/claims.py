"""Whether somebody's comment says "I take this".

A person is told "free" only when nobody said so lately, so a doubtful sentence counts as a claim: it costs one item
less to offer, while the other mistake sends a newcomer to work that somebody else does. Quoted lines and denials do
not count.
"""

import re

_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_WORK = (
    r"(?:work(?:ing)?\s+on|contribut(?:e|ing)\s+to|tak(?:e|ing)(?:\s+care\s+of)?|tackl(?:e|ing)"
    r"|pick(?:ing)?(?:\s+(?:this|it))?\s+up|grab(?:bing)?|fix(?:ing)?|solv(?:e|ing)|handl(?:e|ing)"
    r"|look(?:ing)?\s+(?:into|at)|implement(?:ing)?|investigat(?:e|ing)|debug(?:ging)?"
    r"|(?:submit|upload|propos|push|post|send|prepar|writ|provid|creat|mak)(?:t?ing|e)?)"
)
_THING = (
    r"(?:\s+(?:up|over|on|to))?\s+(?:this|it|that\b|the\s+(?:bug|issue|fix|patch|problem|change)"
    r"|(?:a|the|my|some)\s+(?:\w+\s+){0,2}(?:fix|patch|change|review|solution|test)|a\s+look)"
)
_IT = rf"(?:{_THING}|\s*[.!]|(?<=this up)|(?<=it up))"
_WILL = (
    r"\bI\s*(?:['’]\s*ll|['’]\s*d\s+(?:like|love|be\s+happy)\s+to|['’]?\s*m|\s+am|\s+will|\s+shall|\s+would\s+(?:like|love)\s+to"
    r"|\s+want\s+to|\s+wanna|\s+wish\s+to|\s+intend\s+to|\s+plan\s+to|\s+can|\s+could|['’]?ve\s+(?:been|started)|\s+have\s+(?:been|started)|\s+started)\s+"
    r"(?:(?:now|currently|already|also|still|just|actively|really|gladly|happily|definitely|soon|probably|happy|going|trying|try"
    r"|planning|starting|start|to|be|and|go|ahead|begin|have)\s+){0,4}"
)
_CLAIM = re.compile(
    rf"{_WILL}{_WORK}{_IT}"
    r"|(?:\bI\s*(?:['’]m|\s+am)\s+interested\s+in|(?:^|[.,!])[ \t]*would\s+(?:like|love)\s+to|\blet\s+me)\s+"
    rf"{_WORK}{_IT}"
    r"|\b(?:can|could|may)\s+I\s+(?:please\s+)?(?:be|get)\s+assigned\b"
    r"|\bI\s+(?:have\s+)?(?:assigned|took|take|grabbed|picked)\s+(?:this|it)\b"
    r"|\b(?:re)?assign(?:ed|ing)?\s+(?:(?:this|it|the\s+\w+|this\s+\w+)\s+)?(?:to\s+)?(?:me|my\s?self)\b"
    rf"|\b(?:can|could|may|shall|should)\s+I\s+(?:please\s+)?(?:try\s+to\s+)?{_WORK}{_THING}"
    r"|(?:^|[.!])[ \t]*(?:I\s+am\s+|I['’]?m\s+)?(?:working\s+on|taking|looking\s+into|grabbing)"
    r"\s+(?:this|it|a\s+(?:fix|patch))\b"
    r"|\bI(?:['’]ve|\s+have)?\s+(?:\w+\s+)?(?:started|begun)\s+(?:to\s+)?work(?:ing)?\b|\b(?:can|could|may)\s+I\s+take\s+over\b"
    r"|\b(?:patch|fix|change|solution|proposed|submitted|uploaded)\b[^.\n]{0,40}\bhttps?://review\."
    r"|\b(?:patch|fix|review)\s+(?:is\s+)?(?:coming|on\s+(?:its|the)\s+way|will\s+be\s+\w+)",
    re.IGNORECASE | re.MULTILINE,
)
_DENIED = re.compile(
    r"\b(?:not|don['’]?t|can['’]?t|cannot|won['’]?t|unless|whether|anyone|anybody|someone|somebody|who|wish)\s*$",
    re.IGNORECASE,
)

MOST = 6000
"""Characters read of a comment: a claim stands at its head, a pasted log below it."""


def claims(text: str) -> bool:
    """Whether the writer of this comment says that they work on the bug, or will."""
    said = _QUOTED.sub("", text[:MOST])
    return any(not _DENIED.search(said[max(0, m.start() - 14) : m.start()]) for m in _CLAIM.finditer(said))
