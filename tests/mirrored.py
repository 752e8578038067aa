"""What a Gerrit server says of its changes, and what the store kept of them, in the same plain words.

Read apart from mentorbot's own reading, so that a test can compare all fields of all changes with ==.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mentorbot.store import Store

Facts = dict[str, Any]

_ADDRESS = re.compile(r" ?<\S+@[^\s>]+>|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_COLUMNS = {
    "votes": "label, person, value, date, robot",
    "change_messages": "id, author, date, tag, patch_set, robot, text",
    "change_files": "path",
    "patch_sets": "number, uploader, uploaded, kind",
    "reviewers": "person, state, robot",
    "attention": "person, since, reason",
}
_COMMENTS = "id, author, date, path, line, patch_set, in_reply_to, unresolved, robot, text"


def said(infos: Iterable[Mapping[str, Any]], robots: Iterable[str] = ("zuul",)) -> dict[int, Facts]:
    """The facts in ChangeInfos, with all options, by number; private ones left out."""
    return {info["_number"]: _said(info, set(robots)) for info in infos if not info.get("is_private")}


def kept(store: Store) -> dict[int, Facts]:
    """The facts in the store, by number."""
    found = {}
    for row in store.rows("select * from changes"):
        number = row.pop("number")
        del row["discussed"], row["url"]
        parts = {
            table: _sorted(store.rows(f"select {columns} from {table} where change = :n", n=number))
            for table, columns in _COLUMNS.items()
        }
        found[number] = row | {"wip": bool(row["wip"]), "hashtags": json.loads(row["hashtags"])} | parts
    return found


def discussed(comments: Mapping[str, Iterable[Mapping[str, Any]]], robots: Iterable[str] = ("zuul",)) -> list[Facts]:
    """The facts in what `/changes/N/comments` answers."""
    return _sorted(
        {
            "id": comment["id"],
            "author": _who(comment["author"]),
            "date": _when(comment["updated"]),
            "path": path,
            "line": comment.get("line"),
            "patch_set": comment["patch_set"],
            "in_reply_to": comment.get("in_reply_to", ""),
            "unresolved": int(comment.get("unresolved", False)),
            "robot": int(_is_robot(comment["author"], comment.get("tag", ""), set(robots))),
            "text": _ADDRESS.sub("", comment["message"]),
        }
        for path, found in comments.items()
        for comment in found
    )


def comments_kept(store: Store, number: int) -> list[Facts]:
    return _sorted(store.rows(f"select {_COMMENTS} from inline_comments where change = :n", n=number))


def _said(info: Mapping[str, Any], robots: set[str]) -> Facts:
    revisions = info.get("revisions", {})
    current = revisions.get(info.get("current_revision"), {})
    uploads = [m for m in info.get("messages", ()) if "newPatchSet" in m.get("tag", "")]
    return {
        **{key: info[key] for key in ("project", "branch", "change_id", "status")},
        **{key: info.get(key, 0) for key in ("insertions", "deletions")},
        "subject": _ADDRESS.sub("", info["subject"]),
        "owner": _who(info["owner"]),
        "owner_name": info["owner"].get("name", ""),
        "created": _when(info["created"]),
        "updated": _when(info["updated"]),
        "submitted": _when(info["submitted"]) if "submitted" in info else None,
        "wip": info.get("work_in_progress", False),
        "topic": info.get("topic", ""),
        "hashtags": info.get("hashtags", []),
        "patch_set": current.get("_number") or max([m["_revision_number"] for m in info.get("messages", ())] or [1]),
        "uploaded": _when(current["created"]) if current else _when(uploads[-1]["date"]) if uploads else None,
        "unresolved": info.get("unresolved_comment_count", 0),
        "comment_count": info.get("total_comment_count", 0),
        "meta_rev": info.get("meta_rev_id", ""),
        "commit_message": _ADDRESS.sub("", current.get("commit", {}).get("message", "")),
        "votes": _sorted(
            {
                "label": label,
                "person": _who(vote),
                "value": vote["value"],
                "date": _when(vote["date"]) if "date" in vote else None,
                "robot": int(_is_robot(vote, vote.get("tag", ""), robots)),
            }
            for label, votes in info.get("labels", {}).items()
            for vote in votes.get("all", ())
            if vote.get("value")
        ),
        "change_messages": _sorted(
            {
                "id": message["id"],
                "author": _who(message["author"]) if "author" in message else None,
                "date": _when(message["date"]),
                "tag": message.get("tag", ""),
                "patch_set": message.get("_revision_number"),
                "robot": int(_is_robot(message.get("author", {}), message.get("tag", ""), robots)),
                "text": _named(message["message"], message.get("accounts_in_message", ())),
            }
            for message in info.get("messages", ())
        ),
        "change_files": _sorted({"path": path} for path in current.get("files", ()) if not path.startswith("/")),
        "patch_sets": _sorted(
            {
                "number": revision["_number"],
                "uploader": _who(revision["uploader"]),
                "uploaded": _when(revision["created"]),
                "kind": revision["kind"],
            }
            for revision in revisions.values()
        ),
        "reviewers": _sorted(
            {"person": _who(person), "state": state, "robot": int(_is_robot(person, "", robots))}
            for state, people in info.get("reviewers", {}).items()
            if state != "REMOVED"
            for person in people
        ),
        "attention": _sorted(
            {
                "person": _who(entry["account"]),
                "since": _when(entry["last_update"]),
                "reason": _named(entry["reason"], [entry["account"], entry.get("reason_account", {})]),
            }
            for entry in info.get("attention_set", {}).values()
        ),
    }


def _sorted(facts: Iterable[Facts]) -> list[Facts]:
    return sorted(facts, key=lambda one: json.dumps(one, sort_keys=True))


def _who(account: Mapping[str, Any]) -> str:
    return str(account.get("username") or account.get("_account_id") or account.get("name"))


def _when(moment: str) -> str:
    return moment.replace(" ", "T")[:26]


def _is_robot(account: Mapping[str, Any], tag: str, robots: set[str]) -> bool:
    by_tag = tag.startswith("autogenerated:") and not tag.startswith("autogenerated:gerrit:")
    return "SERVICE_USER" in account.get("tags", ()) or bool({_who(account), account.get("name")} & robots) or by_tag


def _named(text: str, accounts: Iterable[Mapping[str, Any]]) -> str:
    for account in accounts:
        text = text.replace(f"<GERRIT_ACCOUNT_{account.get('_account_id')}>", account.get("name", ""))
    return _ADDRESS.sub("", text)
