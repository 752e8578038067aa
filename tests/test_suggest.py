"""Tests of mentorbot/suggest.py; whole conversations are in tests/test_starter.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import EntryPoint

import pytest

from mentorbot import Item, Request, Store, UserError, hookimpl, modules, queues
from mentorbot.config import Config, Gerrit
from mentorbot.dispatch import Dispatch
from mentorbot.loader import Loaded
from mentorbot.models import Heard, Signal, Who
from mentorbot.niches import ChangeQueue, shipped
from mentorbot.suggest import Wish, as_of, suggest, wish
from tests.builders import NOW, bug, change, days_ago

LHF = ("low-hanging-fruit",)


@pytest.fixture
def asking(config: Config, loaded: Loaded) -> Callable[..., Request]:
    def request(nick: str = "alice", account: str | None = None) -> Request:
        return Request(Who(nick, account), "#mentors", "", NOW, config, loaded)

    return request


DOCS, FIXES = shipped().called("docs"), shipped().called("fixes")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("", Wish()),
        ("docs", Wish(DOCS)),
        ("Harbour-Client", Wish(project="harbour-client")),
        ("30m", Wish(minutes=30)),
        ("2h", Wish(minutes=120)),
        ("90 minutes", Wish(minutes=90)),
        ("1 hour", Wish(minutes=60)),
        ("an hour", Wish(minutes=60)),
        ("half an hour", Wish(minutes=30)),
        ("for Half a  day, please", Wish(minutes=240)),
        ("day", Wish(minutes=480)),
        ("a day", Wish(minutes=480)),
        ("2d", Wish(minutes=960)),
        ("0m", Wish(minutes=1)),
        ("999h", Wish(minutes=59940)),
        ("code 2H harbour", Wish(FIXES, "harbour", 120)),
        ("harbour a day  fixes", Wish(FIXES, "harbour", 480)),
        ("docs fixes", Wish(DOCS, then=FIXES)),
        ("docs and fixes", Wish(DOCS, then=FIXES)),
        ("Code review, in harbour", Wish(shipped().called("reviews"), "harbour")),
        ("bringing abandoned changes home", Wish(shipped().called("revive"))),
        ("the operator's view, 30m", Wish(shipped().called("operators"), minutes=30)),
        ("anything easy, please", Wish()),
        ("an easy one", Wish()),
        ("newbie", Wish(FIXES)),
        ("docs, one hour", Wish(DOCS, minutes=60)),
        ("ten mins", Wish(minutes=10)),
        ("docs 1-2h", Wish(DOCS, minutes=120)),
        ("please", Wish()),
        ("for an hour in harbour, please!", Wish(project="harbour", minutes=60)),
        ("something with docs?", Wish(DOCS)),
    ],
)
def test_niche_project_and_time_are_understood(asking: Callable[..., Request], text: str, want: Wish) -> None:
    assert wish(asking(), text) == want


@pytest.mark.parametrize("word", ["poetry", "9999h", "30", "m", "-1h", "1.55h", "²h", "🐟", "x" * 30])
def test_another_word_is_refused_with_what_there_is(asking: Callable[..., Request], word: str) -> None:
    with pytest.raises(UserError) as refused:
        wish(asking(), f"docs {word}")
    assert str(refused.value) == (
        f'"{word}" is no niche or project that I know. Say !starter alone and I choose, or with a niche (!niches'
        " lists them), a project (harbour, harbour-client) or your time (30m, 2h, day)."
    )


def offered(request: Request, store: Store, text: str = "") -> list[tuple[str, int]]:
    offer = suggest(request, store, text)
    return [(item.niche, item.number) for item in offer.items] if offer else []


def test_what_fits_the_time_comes_first_and_the_rest_fills_up(asking: Callable[..., Request], store: Store) -> None:
    store.save([*bug(12, tags=LHF, status="Triaged"), *bug(13, tags=("docs",), status="Triaged"), change(50)])
    assert offered(asking(), store, "30m") == [("reviews", 50), ("docs", 13), ("fixes", 12)]


def test_time_matters_more_than_where_others_were_led(asking: Callable[..., Request], store: Store) -> None:
    for number in range(1, 7):
        store.save([*bug(number, tags=LHF, status="Triaged"), change(100 + number)])
    assert [niche for niche, _ in offered(asking("bob"), store, "30m")] == ["reviews"] * 3
    assert [niche for niche, _ in offered(asking("carol"), store, "30m")] == ["reviews"] * 3
    assert [niche for niche, _ in offered(asking("dave"), store, "30m")] == ["fixes"] * 3


def test_one_item_is_offered_once_though_two_niches_have_it(asking: Callable[..., Request], store: Store) -> None:
    store.save(bug(12, tags=(*LHF, "docs"), status="New"))
    assert offered(asking(), store) == [("triage", 12)]
    assert offered(asking(), store, "docs") == [("docs", 12)]


def test_what_is_too_grave_to_wait_for_a_beginner_is_not_offered(asking: Callable[..., Request], store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged", importance="Critical"))
    store.save([*bug(13, tags=(*LHF, "security"), status="Triaged"), *bug(14, tags=LHF, status="Triaged")])
    assert offered(asking(), store) == [("fixes", 14)]


def test_a_bug_of_two_projects_is_offered_once(asking: Callable[..., Request], store: Store) -> None:
    store.save([*bug(12, tags=LHF, status="Triaged"), *bug(12, tags=LHF, status="Triaged", project="harbour-client")])
    assert offered(asking(), store, "fixes") == [("fixes", 12)]


def test_ties_go_to_the_younger_and_then_to_the_higher_number(asking: Callable[..., Request], store: Store) -> None:
    for number, days in ((3, 5), (9, 5), (4, 5), (1, 2)):
        store.save(bug(number, tags=LHF, status="Triaged", days=days))
    assert offered(asking(), store, "fixes") == [("fixes", 1), ("fixes", 9), ("fixes", 4)]


def test_people_are_led_where_fewest_were_led_lately(asking: Callable[..., Request], store: Store) -> None:
    for number in range(1, 10):
        store.save([*bug(number, tags=LHF, status="Triaged"), change(100 + number)])
    led = [offered(asking(f"visitor{n}"), store)[0][0] for n in range(4)]
    assert led == ["reviews", "fixes", "reviews", "fixes"]


def test_nothing_free_is_no_offer(asking: Callable[..., Request], store: Store) -> None:
    assert suggest(asking(), store, "") is None


def test_the_names_of_the_asker_are_nick_account_and_what_was_proved(
    asking: Callable[..., Request], store: Store
) -> None:
    store.people.link("Alice", account="alice", gerrit="al", launchpad="alice-lp")
    store.save(change(n, owner=owner) for n, owner in enumerate(("Alice", "ally", "al", "alice-lp", "bob"), 50))

    def owners(*who: str) -> list[str]:
        return [change.owner for change in queues.changes(ChangeQueue(), ["harbour"], asking(*who), store)]

    assert owners("ally", "Alice") == ["alice-lp", "bob"]
    assert owners("ally") == ["Alice", "al", "alice-lp", "bob"]


def test_old_mirrors_are_said_and_fresh_ones_not(asking: Callable[..., Request], store: Store) -> None:
    request = asking()
    assert as_of(request, store) == ""
    store.cursors.finished("gerrit", NOW - timedelta(minutes=30))
    assert as_of(request, store) == ""
    assert as_of(replace(request, now=NOW + timedelta(minutes=10)), store) == " (Gerrit as of 40 minutes ago)"
    store.cursors.finished("launchpad", NOW - timedelta(days=2))
    assert as_of(request, store) == " (Launchpad as of 2 days ago)"
    store.cursors.finished("gerrit", NOW - timedelta(hours=3))
    assert as_of(request, store) == " (Launchpad as of 2 days ago and Gerrit as of 3 hours ago)"
    assert as_of(request, store, "gerrit") == " (Gerrit as of 3 hours ago)"


def test_a_mirror_that_was_begun_and_not_read_to_its_end_is_said_until_it_was(
    asking: Callable[..., Request], store: Store
) -> None:
    request = asking()
    store.cursors.set("launchpad", "half")
    store.cursors.failed("gerrit", "Nobody is there.", NOW)
    assert as_of(request, store) == " (Launchpad not read to its end yet and Gerrit not read to its end yet)"
    store.cursors.finished("launchpad", NOW)
    assert as_of(request, store) == " (Gerrit not read to its end yet)"


def test_of_a_source_that_is_mirrored_no_more_nothing_is_said(
    config: Config, asking: Callable[..., Request], store: Store
) -> None:
    store.cursors.finished("launchpad", NOW - timedelta(days=2))
    store.cursors.failed("gerrit", "Nobody is there.", NOW)
    without = config.model_copy(update={"gerrit": Gerrit()})
    assert as_of(replace(asking(), config=without), store) == " (Launchpad as of 2 days ago)"


@hookimpl(tryfirst=True)
def queue(name: str) -> tuple[Item, ...] | None:
    """This module is a plugin whose reports come from elsewhere."""
    boats = [Item("change", n, "harbour", "", f"https://boats.example/{n}", days_ago(1)) for n in (1, 2)]
    signals = (Signal("x", 1, "it"),)
    better = Item("change", 3, "harbour", "A mast", "https://boats.example/3", days_ago(9), "", signals)
    return (*boats, better) if name == "triage" else None


def test_another_packages_queue_needs_no_store_and_may_be_a_tuple(config: Config, store: Store) -> None:
    boats = modules.Source("boats", "tests", EntryPoint("boats", __name__, modules.GROUP))
    loaded = Loaded(lambda: [*modules.find(config), boats])
    dispatch = Dispatch(config, loaded, store, lambda: NOW)
    said = dispatch.answer(Heard(Who("alice"), "#mentors", "!starter"))
    loaded.close()
    assert said is not None
    assert said.lines[1:] == [
        "1. change 3 A mast (harbour, proposed 9 days ago): it. https://boats.example/3",
        "2. change 2 (without a title) (harbour, proposed a day ago): free, and somebody waits for it."
        " https://boats.example/2",
        "3. change 1 (without a title) (harbour, proposed a day ago): free, and somebody waits for it."
        " https://boats.example/1",
    ]
