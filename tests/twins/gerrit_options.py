"""What of a change Gerrit tells with which options (`o=`), as 3.10 does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]

OPTIONS = {"LABELS", "DETAILED_LABELS", "DETAILED_ACCOUNTS", "MESSAGES", "REVIEWER_UPDATES", "SUBMIT_REQUIREMENTS"}
OPTIONS |= {"CURRENT_REVISION", "CURRENT_COMMIT", "CURRENT_FILES", "ALL_REVISIONS", "ALL_COMMITS", "ALL_FILES"}
OPTIONS |= {"SUBMITTABLE", "SKIP_DIFFSTAT"}
_ONLY_WITH = {
    "labels": {"LABELS", "DETAILED_LABELS"},
    "reviewers": {"LABELS", "DETAILED_LABELS"},
    "pending_reviewers": {"LABELS", "DETAILED_LABELS"},
    "removable_reviewers": {"LABELS", "DETAILED_LABELS"},
    "permitted_labels": {"DETAILED_LABELS"},
    "messages": {"MESSAGES"},
    "reviewer_updates": {"REVIEWER_UPDATES"},
    "submit_requirements": {"SUBMIT_REQUIREMENTS"},
    "submittable": {"SUBMITTABLE"},
    "current_revision": {"CURRENT_REVISION", "ALL_REVISIONS"},
    "comments": set(),
    "revisions": {"CURRENT_REVISION", "ALL_REVISIONS"},
}


def shown(change: Json, options: set[str]) -> Json:
    """What of a change is told with these options."""
    info = {key: value for key, value in change.items() if key not in _ONLY_WITH or options & _ONLY_WITH[key]}
    if "SKIP_DIFFSTAT" in options:
        info.pop("insertions", None)
        info.pop("deletions", None)
    if "labels" in info and "DETAILED_LABELS" not in options:
        info["labels"] = {name: _summary(label) for name, label in info["labels"].items()}
    if "reviewer_updates" in info and not options & {"MESSAGES", "ALL_REVISIONS"}:
        info["reviewer_updates"] = []  # a search reads them only where it has to open the change's notes
    if "revisions" in info:
        info["revisions"] = {
            sha: _revision(revision, options, sha == info["current_revision"])
            for sha, revision in info["revisions"].items()
            if "ALL_REVISIONS" in options or sha == info["current_revision"]
        }
    shown: Json = info if "DETAILED_ACCOUNTS" in options else without_names(info)
    return json.loads(json.dumps(shown))  # type: ignore[no-any-return]


def _summary(label: Json) -> Json:
    """LABELS alone, as of an open change; merged ones differ a little, and nobody here asks so."""
    votes = [
        {key: value for key, value in vote.items() if key != "permitted_voting_range" and (key != "value" or value)}
        for vote in label.get("all", ())
    ]
    summary = {key: value for key, value in label.items() if key != "all"}
    return summary | ({"all": votes} if votes else {})


def _revision(revision: Json, options: set[str], current: bool) -> Json:
    of_this = {"ALL_COMMITS", "ALL_FILES"} | ({"CURRENT_COMMIT", "CURRENT_FILES"} if current else set())
    by = {"commit": {"ALL_COMMITS", "CURRENT_COMMIT"}, "files": {"ALL_FILES", "CURRENT_FILES"}}
    hidden = {key for key, telling in by.items() if not options & telling & of_this}
    return {key: value for key, value in revision.items() if key not in hidden}


def without_names(found: Any) -> Any:
    if isinstance(found, list):
        return [without_names(part) for part in found]
    if not isinstance(found, dict):
        return found
    names = {"name", "email", "username", "display_name", "tags", "status", "avatars", "secondary_emails"}
    hidden = names if "_account_id" in found else set()
    return {key: without_names(value) for key, value in found.items() if key not in hidden}


def accounts(found: Any) -> Iterable[Json]:
    if isinstance(found, list):
        for part in found:
            yield from accounts(part)
    elif isinstance(found, dict):
        if "_account_id" in found:
            yield {key: found[key] for key in ("_account_id", "name", "username", "tags") if key in found}
        for part in found.values():
            yield from accounts(part)
