"""The milestones of a Launchpad project: what is planned for one that is over is no beginner's work."""

from __future__ import annotations

from contextlib import closing

from mentorbot.errors import SourceError
from mentorbot.sources.launchpad_search import address, along, entries
from mentorbot.sources.launchpad_wire import Missing, Service


def milestones(service: Service, project: str) -> dict[str, bool]:
    """The milestones of a project by name, each with whether it is still active; none where there is no such project.

    Raises SourceError.
    """
    with closing(service):
        try:
            pages = [entries(page) for page in along(service, f"{address(project)}/all_milestones")]
            return {str(entry["name"]): bool(entry["is_active"]) for page in pages for entry in page}
        except Missing:
            return {}
        except (KeyError, TypeError):
            raise SourceError(f"Launchpad's milestones of {project} cannot be understood.") from None
