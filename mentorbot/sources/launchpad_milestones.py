"""The milestones of a Launchpad project: what is planned for one that is over is no beginner's work."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import quote

from mentorbot.errors import SourceError
from mentorbot.sources.launchpad_wire import Missing, Service


def milestones(service: Service, project: str) -> dict[str, bool]:
    """The milestones of a project by name, each with whether it is still active; none where there is no such project.

    Raises SourceError.
    """
    found: dict[str, bool] = {}
    with closing(service):
        try:
            answer = service.get(f"{quote(project)}/all_milestones", {})
        except Missing:
            return {}
        while True:
            try:
                found |= {str(entry["name"]): bool(entry["is_active"]) for entry in answer.json["entries"]}
            except (KeyError, TypeError):
                raise SourceError(f"Launchpad's milestones of {project} cannot be understood.") from None
            if not (link := answer.json.get("next_collection_link")):
                return found
            answer = service.get(link)
