"""A bug as Launchpad's web service writes it, and a change as Gerrit's does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lives import CLOSED, Bug, Change, sha
from words import CI, Person

API = "https://api.harbour.example/1.0"
SITE = "https://bugs.harbour.example"


def launchpad(bug: Bug) -> dict[str, Any]:
    """One line of launchpad.jsonl: the bug with its tasks, its messages and its log."""
    # Message 0 is the description again.
    description: tuple[datetime, Person, str, Change | None] = (bug.created, bug.owner, bug.description, None)
    messages = sorted([description, *bug.messages], key=lambda m: m[0])
    activity = sorted(bug.activity, key=lambda a: a[0])
    updated = max([bug.created, *(m[0] for m in messages), *(a[0] for a in activity)])
    tasks = [_task(bug, bug.project, bug.created)]
    if bug.also:
        tasks.append(_task(bug, *bug.also))
    return {
        "bug": {
            "id": bug.number,
            "title": bug.title,
            "description": bug.description,
            "tags": sorted(bug.tags),
            "owner_link": person(bug.owner),
            "date_created": moment(bug.created),
            "date_last_updated": moment(updated),
            "message_count": len(messages),
            "heat": 6 + 2 * len({who.name for _, who, _, _ in messages}) + 250 * bug.private,
            "duplicate_of_link": f"{API}/bugs/{bug.duplicate_of.number}" if bug.duplicate_of else None,
            "private": bug.private,
            "information_type": "Private" if bug.private else "Public",
            "web_link": f"{SITE}/bugs/{bug.number}",
            "http_etag": etag(bug.number, updated),
        },
        "bug_tasks": tasks,
        "messages": [
            {
                "owner_link": person(who),
                "date_created": moment(when),
                "content": text.replace("{url}", change.url) if change else text,
            }
            for when, who, text, change in messages
        ],
        "activity": [
            _logged(bug.created, bug.owner, "bug", None, None, "added bug"),
            *(_logged(*line) for line in activity),
        ],
    }


def _task(bug: Bug, project: str, created: datetime) -> dict[str, Any]:
    first = project == bug.project
    status = bug.status if first else "New"
    dates = bug.dates if first else {}
    assignee = bug.assignee if first else None
    return {
        "bug_link": f"{API}/bugs/{bug.number}",
        "title": f'Bug #{bug.number} in {project}: "{bug.title}"',
        "target_link": f"{API}/{project}",
        "bug_target_name": project,
        "status": status,
        "importance": bug.importance if first else "Undecided",
        "assignee_link": person(assignee) if assignee else None,
        "owner_link": person(bug.owner),
        "milestone_link": f"{API}/{project}/+milestone/{bug.milestone}" if bug.milestone and first else None,
        "date_created": moment(created),
        "date_left_new": moment(dates.get("left_new")),
        "date_closed": moment(dates.get("closed") if status in CLOSED else None),
        "date_assigned": moment(dates.get("assigned") if assignee else None),
        "web_link": f"{SITE}/{project}/+bug/{bug.number}",
        "http_etag": etag(project, bug.number, status),
    }


def _logged(
    when: datetime, who: Person, what: str, old: str | None, new: str | None, message: str = ""
) -> dict[str, Any]:
    return {
        "person_link": person(who),
        "datechanged": moment(when),
        "whatchanged": what,
        "oldvalue": old,
        "newvalue": new,
        **({"message": message} if message else {}),
    }


def person(person: Person) -> str:
    return f"{API}/~{person.launchpad}"


def moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def etag(*parts: object) -> str:
    return f'"{sha(*parts)[:12]}"'


def gerrit(change: Change) -> dict[str, Any]:
    """One line of gerrit.jsonl: the ChangeInfo with its votes, its messages and its newest patch set."""
    messages = sorted(change.messages, key=lambda m: m[0])
    revision = sha(change.change_id, change.patch_set)
    optional: dict[str, Any] = {
        "topic": f"bug/{change.bug.number}" if change.bug and change.number % 3 == 0 else None,
        "submitted": _second(change.submitted) if change.submitted else None,
        "submitter": _account(CI) if change.submitted else None,
        "work_in_progress": change.wip,
        "is_private": change.private,
    }
    return {
        "id": f"harbour%2F{change.project}~{change.number}",
        "project": f"harbour/{change.project}",
        "branch": "master",
        "change_id": change.change_id,
        "subject": change.subject,
        "status": change.status,
        "created": _second(change.created),
        "updated": _second(messages[-1][0]),
        "insertions": sum(plus for plus, _ in change.files.values()),
        "deletions": sum(minus for _, minus in change.files.values()),
        "total_comment_count": change.comments,
        "unresolved_comment_count": change.unresolved,
        "_number": change.number,
        "owner": _account(change.owner),
        **{key: value for key, value in optional.items() if value},
        "labels": {
            label: {
                "all": [
                    _account(who) | {"value": value, "date": _second(when)}
                    for (name, who), (value, when) in change.votes.items()
                    if name == label
                ]
            }
            for label in ("Verified", "Code-Review", "Workflow")
        },
        "messages": [
            {
                "id": sha(change.change_id, "message", number)[:16],
                **({"tag": tag} if tag else {}),
                "author": _account(who),
                "date": _second(when),
                "message": text,
                "_revision_number": patch_set,
            }
            for number, (when, who, text, tag, patch_set) in enumerate(messages)
        ],
        "current_revision": revision,
        "revisions": {
            revision: {
                "_number": change.patch_set,
                "created": _second(change.uploaded),
                "commit": {"message": change.message},
                "files": {
                    name: {"lines_inserted": plus, "lines_deleted": minus}
                    for name, (plus, minus) in change.files.items()
                },
            }
        },
        "meta_rev_id": sha(change.change_id, len(messages)),
    }


def _account(person: Person) -> dict[str, Any]:
    account = {"_account_id": person.number, "name": person.name, "username": person.gerrit}
    return account | {"tags": ["SERVICE_USER"]} if person.robot else account


def _second(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.000000000")
