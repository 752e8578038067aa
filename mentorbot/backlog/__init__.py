"""Questions about the backlog: words to a query, and bugs to lines."""

from mentorbot.backlog.grammar import chosen, read, written
from mentorbot.backlog.lines import line, page

__all__ = ["chosen", "line", "page", "read", "written"]
