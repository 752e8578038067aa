"""The milestones of a Launchpad project: what is planned for one that is over is no beginner's work."""

from __future__ import annotations

from contextlib import closing

from mentorbot.sources.launchpad_fields import called, needed
from mentorbot.sources.launchpad_search import Faults, address, along, entries, readable
from mentorbot.sources.launchpad_wire import Missing, Service


def milestones(service: Service, project: str, faults: Faults) -> dict[str, bool]:
    """The milestones of a project by name, each with whether it is still active; none where there is no such project.

    Those that cannot be read are left out, and told in `faults`. Raises SourceError.
    """
    with closing(service):
        try:
            pages = [entries(page) for page in along(service, f"{address(project)}/all_milestones")]
            return {name: active for page in pages for name, active in readable("milestone", _milestone, page, faults)}
        except Missing:
            return {}


def _milestone(json: object) -> tuple[str, bool]:
    what = called(json, "a milestone")
    return str(needed(json, "name", what)), bool(needed(json, "is_active", what))
