"""Tests of mentorbot/identity.py: words shown in Launchpad and Gerrit, and who is proved by them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import pytest

from mentorbot import config as settings
from mentorbot import identity, sync
from mentorbot.dispatch import Answer
from mentorbot.errors import SourceError, UserError
from mentorbot.store import Store
from tests.builders import NOW, change, days_ago
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import change_info
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record

Say = Callable[..., Answer]
LATER = NOW + timedelta(minutes=5)


def word_for(answer: Say, name: str, *, account: str = "ada", **how: object) -> str:
    """The word that this account gets for that name."""
    said = answer(f"iam {name}", nick=how.pop("nick", account), account=account, where=None, **how).lines
    found = re.search(r"mentorbot-[0-9a-f]{16}", said[0])
    assert found, said
    return found[0]


def shows(**texts: str) -> identity.Profiles:
    """People who write this of themselves."""
    return lambda names: ((name, texts[name]) for name in names if name in texts)


def nobody(names: object) -> Iterator[tuple[str, str]]:
    raise AssertionError(f"nobody need be asked for {names}")


def told(store: Store) -> list[tuple[str, list[str]]]:
    return [(letter.target, letter.lines) for letter in store.outbox.take(LATER, store.outbox.awaited())]


def test_a_word_in_the_profile_proves_the_name_and_its_owner_is_told_in_private(answer: Say, store: Store) -> None:
    word = word_for(answer, "lp:ada-l", nick="ada_away")
    identity.look(store, "launchpad", shows(**{"ada-l": f"I like tides.\n\n({word})"}), LATER)
    assert store.people.same("account:ada") == ["account:ada", "launchpad:ada-l"]
    assert told(store) == [
        ("account:ada", ["I have seen your word: you are ada-l on Launchpad. You may take the word away again."])
    ]
    identity.look(store, "launchpad", nobody, LATER)


@pytest.mark.parametrize("text", ["", "hello", "mentorbot-0123456789abcdef", "x{}", "{}0", "{}-more"])
def test_another_word_proves_nothing(answer: Say, store: Store, text: str) -> None:
    word = word_for(answer, "lp:ada-l")
    identity.look(store, "launchpad", shows(**{"ada-l": text.format(word)}), LATER)
    assert (store.people.same("account:ada"), told(store)) == (["account:ada"], [])


def test_a_word_proves_only_the_name_and_the_account_it_was_given_for(answer: Say, store: Store) -> None:
    mine, theirs = word_for(answer, "lp:ada-l"), word_for(answer, "lp:bob-l", account="bob")
    identity.look(store, "launchpad", shows(**{"ada-l": theirs, "bob-l": mine}), LATER)
    assert (store.people.same("account:ada"), store.people.same("account:bob")) == (["account:ada"], ["account:bob"])


def test_a_word_is_only_known_to_whom_it_was_given(answer: Say, store: Store) -> None:
    word = word_for(answer, "lp:ada-l")
    assert word not in "\n".join(store.db.conn.iterdump())


def test_a_new_word_takes_the_place_of_the_old_one(answer: Say, store: Store) -> None:
    old, new = word_for(answer, "lp:ada-l"), word_for(answer, "lp:ada-l")
    identity.look(store, "launchpad", shows(**{"ada-l": old}), LATER)
    assert store.people.same("account:ada") == ["account:ada"]
    identity.look(store, "launchpad", shows(**{"ada-l": new}), LATER)
    assert store.people.same("account:ada") == ["account:ada", "launchpad:ada-l"]


def test_a_word_counts_for_a_week(answer: Say, store: Store) -> None:
    word = word_for(answer, "lp:ada-l")
    identity.look(store, "launchpad", nobody, NOW + identity.LASTS)
    assert (store.proofs.count(NOW), store.people.same("account:ada")) == (0, ["account:ada"])
    assert word


def test_who_proves_first_is_it_and_the_other_is_told(answer: Say, store: Store) -> None:
    mine, theirs = word_for(answer, "lp:ada-l"), word_for(answer, "lp:ada-l", account="eve")
    identity.look(store, "launchpad", shows(**{"ada-l": mine}), LATER)
    told(store)
    identity.look(store, "launchpad", shows(**{"ada-l": theirs}), LATER)
    assert store.people.account_of("launchpad", "ada-l") == "account:ada"
    assert told(store) == [
        (
            "account:eve",
            [
                "I have seen your word, but ada-l on Launchpad has been proved for another account meanwhile;"
                " ask my admins."
            ],
        )
    ]


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("Patch Set 1:\n\n{}", True),
        ("Patch Set 1: Code-Review+1\n\nThis is me.\n  {}  \nGood work.", True),
        ("Patch Set 1:\n\n> {}\n\nWhat is this?", False),
        ("Patch Set 1:\n\nWhy do you write {} here?", False),
    ],
)
def test_a_comment_on_a_change_proves_by_a_line_of_its_own(answer: Say, store: Store, text: str, proves: bool) -> None:
    word = word_for(answer, "gerrit:ada", now=days_ago(1))
    store.save([change(1, owner="ada", messages=(("ada", text.format(word), 0.5),))])
    identity.look(store, "gerrit", nobody if proves else shows(), LATER)
    assert store.people.names("account:ada", "gerrit") == (["ada"] if proves else [])


def test_somebody_elses_comment_proves_nothing(answer: Say, store: Store) -> None:
    word = word_for(answer, "gerrit:ada", now=days_ago(1))
    store.save([change(1, owner="ada", messages=(("eve", word, 0.5),))])
    identity.look(store, "gerrit", shows(), LATER)
    assert store.people.names("account:ada", "gerrit") == []


def test_so_many_profiles_are_read_in_one_go_and_the_others_next_time(answer: Say, store: Store) -> None:
    asked: list[list[str]] = []

    def profiles(names: Iterable[str]) -> Iterator[tuple[str, str]]:
        asked.append(list(names))
        return iter(())

    for n in range(identity.LOOKS + 2):
        word_for(answer, f"lp:p{n:02}", account=f"a{n:02}")
    for minutes in (1, 2):
        identity.look(store, "launchpad", profiles, NOW + timedelta(minutes=minutes))
    names = [f"p{n:02}" for n in range(identity.LOOKS + 2)]
    assert asked == [names[:20], [*names[20:], *names[:18]]]


def test_who_asks_for_many_names_keeps_nobody_waiting(answer: Say, store: Store) -> None:
    asked: list[str] = []

    def profiles(names: Iterable[str]) -> Iterator[tuple[str, str]]:
        asked.extend(names)
        return iter(())

    word_for(answer, "lp:ada-l")
    identity.look(store, "launchpad", profiles, NOW + timedelta(minutes=1))
    for n in range(identity.LOOKS + 2):
        word_for(answer, f"lp:p{n:02}", account=f"a{n:02}", now=NOW + timedelta(minutes=2))
    asked.clear()
    identity.look(store, "launchpad", profiles, NOW + timedelta(minutes=3))
    assert asked[0] == "ada-l"


def test_a_profile_that_cannot_be_read_is_not_the_first_to_be_asked_for_again(answer: Say, store: Store) -> None:
    asked: list[str] = []

    def profiles(names: Iterable[str]) -> Iterator[tuple[str, str]]:
        for name in names:
            asked.append(name)
            if name == "a-bad":
                raise SourceError("Launchpad answered 500 for ~a-bad.")
        return iter(())

    for name in ("a-bad", "b-good"):
        word_for(answer, f"lp:{name}")
    with pytest.raises(SourceError):
        identity.look(store, "launchpad", profiles, NOW + timedelta(minutes=1))
    with pytest.raises(SourceError):
        identity.look(store, "launchpad", profiles, NOW + timedelta(minutes=2))
    assert asked == ["a-bad", "b-good", "a-bad"]


def test_where_a_server_tells_capitals_apart_nobody_becomes_another(answer: Say, store: Store) -> None:
    word = word_for(answer, "gerrit:Ada", account="eve")
    store.save([change(1, owner="nora", messages=(("ada", "Looks good."),))])
    identity.look(store, "gerrit", shows(Ada=word), LATER)
    assert (store.people.account_of("gerrit", "ada"), store.proofs.count(NOW)) == (None, 0)
    assert told(store) == [
        (
            "account:eve",
            ["I have seen your word, but somebody else is called Ada in Gerrit but for capitals; ask my admins."],
        )
    ]


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("lp:ada", "launchpad", "ada"),
        ("LP:~Ada", "launchpad", "ada"),
        ("launchpad:https://launchpad.net/~ada.l+x", "launchpad", "ada.l+x"),
        ("gerrit:Ada_L", "gerrit", "Ada_L"),
        (" gerrit: 1000042 ", "gerrit", "1000042"),
    ],
)
def test_names_are_understood_as_people_write_them(text: str, kind: str, name: str) -> None:
    assert identity.named(text) == (kind, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Say which name you have where: iam lp:NAME or iam gerrit:NAME."),
        ("github:ada", "Say which name you have where: iam lp:NAME or iam gerrit:NAME."),
        ("ada", "Say which name you have where: iam lp:NAME or iam gerrit:NAME."),
        ("lp:", '"" is no name on Launchpad; take the one in the address of your profile.'),
        ("lp:../bugs/1", '"../bugs/1" is no name on Launchpad; take the one in the address of your profile.'),
        ("gerrit:a b", '"a b" is no name in Gerrit; take the one in the address of your profile.'),
        ("gerrit:self?x", '"self?x" is no name in Gerrit; take the one in the address of your profile.'),
    ],
)
def test_what_is_no_name_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError) as refused:
        identity.named(text)
    assert str(refused.value) == said


# On the twins


@pytest.fixture
def launchpad() -> Iterator[LaunchpadTwin]:
    with LaunchpadTwin([record(1)]) as twin:
        yield twin


@pytest.fixture
def gerrit() -> Iterator[GerritTwin]:
    with GerritTwin([change_info(1, project="harbour/harbour")]) as twin:
        yield twin


def mirror(store: Store, *twins: LaunchpadTwin | GerritTwin) -> list[str]:
    """One round of the mirrors on these twins."""
    sections = {
        LaunchpadTwin: '[launchpad]\nservice_root = "{0.service_root}"\nprojects = ["harbour"]\n',
        GerritTwin: '[gerrit]\nurl = "{0.url}"\nprojects = ["harbour/harbour"]\n',
    }
    config = settings.parse("".join(sections[type(twin)].format(twin) for twin in twins))
    sources = sync.sources(config, store, lambda: LATER, lambda _: None)
    return sync.once(sources, store, lambda: LATER)


def test_launchpad_is_asked_for_a_profile_once_a_round_while_a_proof_is_awaited(
    launchpad: LaunchpadTwin, answer: Say, store: Store
) -> None:
    assert mirror(store, launchpad) == []
    asked = len(launchpad.requests)
    mirror(store, launchpad)
    idle = len(launchpad.requests) - asked
    assert launchpad.count("~") == 0
    word = word_for(answer, "lp:ada-l")
    for _ in range(2):
        assert mirror(store, launchpad) == []
    assert (launchpad.count("~"), len(launchpad.requests)) == (2, asked + 3 * idle + 2)
    launchpad.people["ada-l"] = {"description": f"Sails. {word}"}
    mirror(store, launchpad)
    assert store.people.names("account:ada", "launchpad") == ["ada-l"]
    mirror(store, launchpad)
    assert launchpad.by_path["/1.0/~ada-l"] == 3


@pytest.mark.parametrize(
    "fields", [{"is_team": True}, {"name": "eve"}], ids=["a team", "somebody whom that address leads to"]
)
def test_only_the_person_of_that_name_proves_it(
    launchpad: LaunchpadTwin, answer: Say, store: Store, fields: dict[str, object]
) -> None:
    launchpad.people["ada-l"] = {"description": word_for(answer, "lp:ada-l"), **fields}
    assert mirror(store, launchpad) == []
    assert store.people.names("account:ada", "launchpad") == []


def test_people_launchpad_does_not_show_keep_nobody_else_waiting(
    launchpad: LaunchpadTwin, answer: Say, store: Store
) -> None:
    launchpad.suspended.add("aaa")
    word_for(answer, "lp:aaa")
    launchpad.people["bob-l"] = {"description": word_for(answer, "lp:bob-l", account="bob")}
    assert mirror(store, launchpad) == []
    assert store.people.names("account:bob", "launchpad") == ["bob-l"]


def test_a_status_in_gerrit_proves_the_name(gerrit: GerritTwin, answer: Say, store: Store) -> None:
    mirror(store, gerrit)
    assert gerrit.by_path["/accounts/ada"] == 0
    word = word_for(answer, "gerrit:ada")
    assert mirror(store, gerrit) == []
    gerrit.people.append({"_account_id": 7, "username": "ada", "name": "Ada", "status": f"afloat {word}"})
    assert mirror(store, gerrit) == []
    assert store.people.names("account:ada", "gerrit") == ["ada"]
    mirror(store, gerrit)
    assert gerrit.by_path["/accounts/ada"] == 2


def test_an_account_that_gerrit_finds_by_something_else_proves_nothing(
    gerrit: GerritTwin, answer: Say, store: Store
) -> None:
    word = word_for(answer, "gerrit:7")
    gerrit.people.append({"_account_id": 7, "username": "eve", "status": word})
    assert mirror(store, gerrit) == []
    assert store.people.names("account:ada", "gerrit") == []


def test_a_comment_on_a_change_comes_with_the_mirror(gerrit: GerritTwin, answer: Say, store: Store) -> None:
    word = word_for(answer, "gerrit:alice", account="alice")
    message = {
        "id": "m9",
        "author": {"_account_id": 1001, "name": "Alice", "username": "alice"},
        "date": LATER.strftime("%Y-%m-%d %H:%M:%S.000000000"),
        "message": f"Patch Set 1:\n\n{word}",
        "_revision_number": 1,
    }
    gerrit.touch(1, messages=[message])
    assert mirror(store, gerrit) == []
    assert (store.people.names("account:alice", "gerrit"), gerrit.by_path["/accounts/alice"]) == (["alice"], 0)


def test_a_profile_that_cannot_be_read_is_a_failure_and_stops_no_mirror(
    launchpad: LaunchpadTwin, gerrit: GerritTwin, answer: Say, store: Store
) -> None:
    word_for(answer, "lp:ada-l")
    launchpad.fault("500", "/~ada-l", times=99)
    failures = mirror(store, launchpad, gerrit)
    assert failures == ["launchpad: Launchpad answered 500 for ~ada-l: Something is wrong here."]
    assert (store.cursors.read_at("launchpad"), store.cursors.read_at("gerrit")) == (LATER, LATER)
    assert len(store.proofs.of("account:ada", NOW)) == 1
