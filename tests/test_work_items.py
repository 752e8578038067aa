"""Questions and blueprints as items: offered, claimed, seen to be done, read anew, and forgotten when they are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlite_utils import Database

from mentorbot import leases, refresh, sync
from mentorbot.config import Config, Launchpad
from mentorbot.loader import Loaded
from mentorbot.models import ChangeMessage, Credit, Gone, Thing
from mentorbot.store import Store
from mentorbot.store.later_migrations import migrations
from mentorbot.store.migrations import migrations as all_of_them
from tests.builders import ANSWERS, NOW, PLANS, blueprint, change, days_ago, question
from tests.twins import launchpad_devel as devel
from tests.twins.launchpad import LaunchpadTwin

Ask = Callable[..., list[str]]
Pass = Callable[..., list[str]]
DAY = timedelta(days=1)
ELSE = "!another finds you something else."
MORE = "!starter finds you something else whenever you like."
HOW = "If you like, !feedback and a word tells me how it was: right, easy, hard, unclear, obsolete or dull."


@pytest.fixture
def say(noted: Ask) -> Ask:
    """Ask as Alice, of the account al."""
    return partial(noted, nick="Alice", account="al")


@pytest.fixture
def pass_time(store: Store, config: Config) -> Pass:
    """What is told once the mirrors were read at a moment."""

    def look(now: datetime, *things: Thing) -> list[str]:
        store.save(things)
        leases.see(store, config, now)
        leases.look_after(store, config, now)
        letters = store.outbox.take(now, store.outbox.awaited())
        return [line for letter in letters for line in letter.lines]

    return look


@pytest.fixture
def follow(store: Store, config: Config, loaded: Loaded) -> Callable[..., list[str]]:
    """Read anew what is due, with this outcome; gives what the bot says then."""

    def read(things: Iterable[Thing] = ()) -> list[str]:
        due = [entry for kind in ("bug", "change", "question", "blueprint") for entry in store.rereads.due(kind)]
        store.save(things)
        store.rereads.done(due, NOW)
        refresh.follow_up(store, config, loaded, NOW + timedelta(seconds=2))
        return [line for letter in store.outbox.take(NOW, store.outbox.awaited()) for line in letter.lines]

    return read


def test_a_question_is_offered_explained_claimed_and_given_back(say: Ask, store: Store) -> None:
    store.save([question(712345, "How do I moor?"), question(712346, days=9, responded=5, queried=4, status="Open")])
    page = f"{ANSWERS}/harbour/+question/712345"
    assert say("!starter support")[1:] == [
        "1. question 712346 Question number 712346? (harbour, asked 9 days ago): its asker answered and still"
        f" waits, only 9 days old. {ANSWERS}/harbour/+question/712346",
        "2. question 712345 How do I moor? (harbour, asked 3 days ago): only 3 days old, nobody has answered yet."
        f" {page}",
    ]
    assert say("!why question 712345") == [
        f"question 712345 has 4 points: +3 only 3 days old; +1 nobody has answered yet. {page}"
    ]
    assert say("!claim question 712345") == [
        "question 712345 is yours for 14 days. I write nothing to Launchpad: please answer there. That an answer was"
        f" yours I learn only when the asker says that it helped. {page}",
        "An answer of yours keeps it for two weeks more. !howto support tells how to begin; !done when it is done,"
        " !unclaim if it is not for you.",
    ]
    assert say("!starter support", nick="bob", account="bob")[0].startswith("Nothing is free that I know of")
    assert say("!unclaim 712345 too hard")[0].startswith("question 712345 is free again")
    assert "question 712345" in say("!starter support", nick="bob", account="bob")[1]


def test_a_blueprint_is_called_by_its_name(say: Ask, store: Store) -> None:
    store.save(
        [blueprint("tide-table", "Tides by SMS", priority="High"), blueprint("quay-map", project="harbour-client")]
    )
    page = f"{PLANS}/harbour/+spec/tide-table"
    assert say("!starter specs")[1] == (
        "1. blueprint tide-table Tides by SMS (harbour, planned 10 days ago): High priority, only 10 days old. " + page
    )
    assert say("!why blueprint tide-table") == [
        f"blueprint tide-table has 7 points: +4 High priority; +3 only 10 days old. {page}"
    ]
    assert say("!claim 2")[0].startswith("blueprint quay-map is yours for 14 days. I write nothing to Launchpad: ")
    assert say("!claim bp tide-table")[0].startswith("blueprint tide-table is yours for 14 days.")
    assert say("!claim blueprint harbour") == [
        "I never suggested blueprint harbour to you; !starter suggests something."
    ]
    assert say("!claims")[:2] == [
        f"1. blueprint tide-table Tides by SMS: 14 days left. {page}",
        f"2. blueprint quay-map Plan quay-map: 14 days left. {PLANS}/harbour-client/+spec/quay-map",
    ]
    assert say("!done blueprint lamp") == [
        "You have not claimed blueprint lamp; you have blueprint tide-table and blueprint quay-map."
    ]
    assert say("!done blueprint tide-table")[0].startswith("Thank you for blueprint tide-table!")


def test_its_number_is_its_own_for_as_long_as_it_is_there(store: Store) -> None:
    store.save([blueprint("a"), blueprint("b"), blueprint("a", project="harbour-client")])
    numbers = [store.blueprints.number(key) for key in ("harbour/a", "harbour/b", "harbour-client/a")]
    assert len(set(numbers)) == 3
    store.save([blueprint("a", "Another title", definition="Review")])
    store.db.execute("vacuum")
    assert store.blueprints.number("harbour/a") == numbers[0]
    assert store.blueprints.key(numbers[2]) == "harbour-client/a"
    assert [(b.number, b.title) for b in store.blueprints.of("harbour")] == [
        (numbers[0], "Another title"),
        (numbers[1], "Plan b"),
    ]
    store.save([Gone("blueprint", key="harbour-client/a"), blueprint("a", project="harbour-client")])
    assert store.blueprints.number("harbour-client/a") not in numbers
    assert (store.blueprints.number("harbour/c"), store.blueprints.key(99)) == (0, "")


def test_blueprints_of_an_older_store_get_numbers(tmp_path: Path) -> None:
    assert migrations is all_of_them
    with closing(Database(tmp_path / "old.db")) as old:
        migrations.apply(old, stop_before="blueprints_have_numbers")
        columns = (
            "project, name, title, definition, implementation, priority, owner, created, approved, started, complete"
        )
        rest = "specification, url, etag, summary, whiteboard, work_items"
        old.execute(
            f"insert into blueprints({columns}, {rest}) values ('harbour', 'quay-map', 'Map', 'Review', 'Unknown',"
            " 'Low', 'rita', '2026-01-01T00:00:00.000000', 0, 0, 0, '', 'u', 'e', 's', 'w', 'i')"
        )
        old.conn.commit()
    with closing(Store(tmp_path / "old.db")) as store:
        [kept] = store.blueprints.of("harbour")
        assert (kept.number, kept.key, kept.title, kept.etag, kept.work_items) == (
            1,
            "harbour/quay-map",
            "Map",
            "e",
            "i",
        )


# What keeps one from being claimed.

TAKEN: list[tuple[str, Thing, str]] = [
    ("support", question(7, status="Solved"), "question 7 is closed by now (Solved)."),
    ("support", question(7, status="Expired"), "question 7 is closed by now (Expired)."),
    ("support", question(7, status="Answered", responded=1), "question 7 is closed by now (Answered)."),
    (
        "support",
        question(7, assignee="bob"),
        "question 7 is assigned to somebody by now. If that is you, !iam tells me.",
    ),
    (
        "support",
        question(7, responded=0.1),
        "question 7 waits for nobody any more: somebody was quicker, or it has moved on.",
    ),
    ("support", Gone("question", 7), ""),
    (
        "specs",
        blueprint("pier", definition="Approved"),
        "blueprint pier waits for nobody any more: somebody was quicker, or it has moved on.",
    ),
    ("specs", blueprint("pier", definition="Superseded"), "blueprint pier is closed by now (Superseded)."),
    (
        "specs",
        blueprint("pier", definition="Approved", implementation="Implemented", complete=True),
        "blueprint pier is closed by now (Implemented).",
    ),
    ("specs", Gone("blueprint", key="harbour/pier"), ""),
    (
        "porting",
        blueprint("pier", "Remove the pier", definition="Approved", assignee="bob"),
        "blueprint pier is assigned to somebody by now. If that is you, !iam tells me.",
    ),
    (
        "porting",
        blueprint("pier", "Remove the pier", definition="Approved", implementation="Good progress", started=True),
        "blueprint pier is Good progress by now: somebody works on it.",
    ),
]


def offer_one(say: Ask, store: Store, niche: str) -> str:
    """Offer the question 7 or the blueprint pier; gives its ref."""
    pier = blueprint("pier", "Remove the pier", definition="Approved" if niche == "porting" else "Discussion")
    store.save([question(7) if niche == "support" else pier])
    [line] = say(f"!starter {niche}")[1:]
    return " ".join(line.split()[1:3])


@pytest.mark.parametrize(("niche", "now", "said"), TAKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_taken_is_not_claimed(say: Ask, store: Store, niche: str, now: Thing, said: str) -> None:
    ref = offer_one(say, store, niche)
    store.save([now])
    assert say(f"!claim {ref}") == [
        f"{said} {ELSE}" if said else f"I never suggested {ref} to you; !starter suggests something."
    ]
    assert ref not in " ".join(say(f"!starter {niche}", nick="bob"))


@pytest.mark.parametrize(("niche", "now", "said"), TAKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_what_turns_out_to_be_taken_is_followed_up(
    say: Ask, store: Store, follow: Callable[..., list[str]], niche: str, now: Thing, said: str
) -> None:
    offer_one(say, store, niche)
    assert follow([now]) == [
        "Alice: Sorry, what I suggested is not free any more, as I see now that I looked again. I have nothing else"
        " just now; !starter tells you when there is."
    ]


def test_what_is_free_still_is_not_followed_up(say: Ask, store: Store, follow: Callable[..., list[str]]) -> None:
    for niche in ("support", "specs", "porting"):
        offer_one(say, store, niche)
        assert (
            follow([question(7), replace(store.blueprints.of("harbour")[0], etag="2")] if niche != "support" else [])
            == []
        )
        store.save([Gone("blueprint", key="harbour/pier")])


def test_a_plan_for_which_a_change_is_proposed_is_somebodys(say: Ask, store: Store) -> None:
    ref = offer_one(say, store, "porting")
    store.save([change(51, message="Implements: blueprint pier"), change(40, message="bp: pier", status="ABANDONED")])
    assert say(f"!claim {ref}") == [
        "Somebody proposed change 51 for blueprint pier: a review of it helps as much as a fix."
        " https://review.harbour.example/c/51 (!howto reviews tells how.)"
    ]
    store.save([change(51, message="Implements: blueprint pier", status="ABANDONED")])
    assert say(f"!claim {ref}")[0].endswith(
        " Change 51, https://review.harbour.example/c/51, was begun for it and given up: you may revive it."
    )


# What becomes of a claim.


def claimed(say: Ask, store: Store, niche: str) -> None:
    say(f"!claim {offer_one(say, store, niche)}")


@pytest.mark.parametrize(
    ("niche", "things"),
    [
        ("support", [question(7, status="Needs information", responded=-5)]),
        ("support", [question(7, assignee="AL")]),
        ("porting", [blueprint("pier", definition="Approved", assignee="al")]),
        ("porting", [change(60, owner="al", days=-5, message="Partial-Implements: blueprint pier")]),
    ],
)
def test_work_that_is_seen_keeps_it(say: Ask, store: Store, pass_time: Pass, niche: str, things: list[Thing]) -> None:
    claimed(say, store, niche)
    assert pass_time(NOW + 5 * DAY, *things) == []
    assert [lease.expires for lease in store.leases.of("account:al", NOW)] == [NOW + 19 * DAY]


REVIEW_OF_SPEC = (
    replace(
        change(70, project="harbour/harbour-specs", message="Implements: blueprint pier"),
        messages=(ChangeMessage("m1", "al", NOW + 4 * DAY, "And at low tide?", patch_set=1),),
    ),
)
ENDS: list[tuple[str, tuple[Thing, ...], str, str]] = [
    (
        "support",
        (question(7, status="Solved", answerer="AL", responded=-4, solved=days_ago(-4)),),
        "question 7, which you had claimed, has your answer, and its asker says that it helped: thank you.",
        "done",
    ),
    (
        "support",
        (question(7, status="Answered", responded=-4),),
        "question 7, which you had claimed, is answered now; if that was you: thank you.",
        "closed",
    ),
    (
        "support",
        (question(7, status="Solved", answerer="bob", responded=-4, solved=days_ago(-4)),),
        "question 7, which you had claimed, is closed there (Solved).",
        "closed",
    ),
    (
        "specs",
        REVIEW_OF_SPEC,
        "blueprint pier, which you had claimed, has your review now: thank you.",
        "done",
    ),
    (
        "specs",
        (blueprint("pier", definition="Obsolete"),),
        "blueprint pier, which you had claimed, is closed there (Obsolete).",
        "closed",
    ),
    (
        "porting",
        (
            blueprint("pier", definition="Approved", implementation="Implemented", started=True, complete=True),
            change(60, owner="al", status="MERGED", message="Implements: blueprint pier"),
        ),
        "blueprint pier, which you had claimed, is merged: thank you, you had a part in it.",
        "merged",
    ),
    (
        "porting",
        (blueprint("pier", definition="Approved", assignee="bob"),),
        "blueprint pier, which you had claimed, is assigned to somebody else now, so I no longer keep it for you.",
        "taken",
    ),
]


@pytest.mark.parametrize(
    ("niche", "things", "said", "outcome"), ENDS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_its_end_is_seen_and_told(
    say: Ask, store: Store, pass_time: Pass, niche: str, things: tuple[Thing, ...], said: str, outcome: str
) -> None:
    store.people.join("account:al", "launchpad", "al", NOW)
    claimed(say, store, niche)
    asked = f" {HOW}" if outcome in ("done", "merged") else ""
    assert pass_time(NOW + 5 * DAY, *things) == [f"{said} {MORE}{asked}"]
    assert [row["outcome"] for row in store.rows("select outcome from offers")] == [outcome]
    assert pass_time(NOW + 6 * DAY) == []


def test_who_reads_a_plan_that_somebody_will_build_keeps_it(say: Ask, store: Store, pass_time: Pass) -> None:
    store.people.join("account:al", "launchpad", "al", NOW)
    ref = offer_one(say, store, "specs")
    taken = blueprint("pier", assignee="bob", started=True, implementation="Started")
    store.save([taken, change(51, message="Implements: blueprint pier")])
    assert say(f"!claim {ref}")[0].startswith("blueprint pier is yours for 14 days.")
    assert pass_time(NOW + DAY, taken) == []
    assert [lease.item.ref for lease in store.leases.of("account:al", NOW)] == ["blueprint pier"]


def test_who_builds_what_is_planned_is_not_done_with_a_word(say: Ask, store: Store, pass_time: Pass) -> None:
    claimed(say, store, "porting")
    assert pass_time(NOW + 5 * DAY, *REVIEW_OF_SPEC) == []
    [lease] = store.leases.of("account:al", NOW)
    assert (lease.item.ref, lease.seen) == ("blueprint pier", NOW + 4 * DAY)


@pytest.mark.parametrize(("niche", "sign"), [("support", "an answer"), ("specs", "an assignment")])
def test_the_reminder_tells_what_would_be_seen(say: Ask, store: Store, pass_time: Pass, niche: str, sign: str) -> None:
    claimed(say, store, niche)
    [said] = pass_time(NOW + 11 * DAY)
    assert f"I keep it for you for 3 days more: {sign} there is enough for two weeks more." in said


def test_what_was_done_is_asked_about_and_counted(say: Ask, store: Store) -> None:
    claimed(say, store, "support")
    assert say("!done")[1].startswith("If you like, tell me how question 7 was: ")
    say("!feedback easy")
    assert store.funnels.outcomes() == [("question", ["untouched", "under_30_days"], "done", "easy", "")]
    [funnel] = store.funnels.steps(days_ago(1))[1:]
    assert funnel == {"niche": "support", "offered": 1, "claimed": 1, "seen": 1, "finished": 1}


# What is gone.


@pytest.mark.parametrize(
    ("things", "gone", "called"),
    [
        ([question(712345, "Where is the zebra?")], Gone("question", 712345), "question 712345"),
        ([blueprint("zebra-crossing")], Gone("blueprint", key="harbour/zebra-crossing"), "blueprint zebra-crossing"),
    ],
)
def test_of_what_is_gone_nothing_is_said_and_nothing_left(
    say: Ask, store: Store, follow: Callable[..., list[str]], things: list[Thing], gone: Gone, called: str
) -> None:
    store.save(things)
    niche = "support" if gone.kind == "question" else "specs"
    assert called in say(f"!starter {niche}")[1]
    say("!claim 1")
    store.unsaid.keep("account:bob", [f"1. {called} is free", "2. LP#9"], NOW)
    store.outbox.put("#mentors", [f"See {called}.", "Good morning."], NOW)
    store.credits.add([Credit("account:bob", "bob", "thanks", f"his work on {called}", "", NOW)])
    assert follow([gone]) == ["Good morning."]
    assert (store.unsaid.of("account:bob"), store.credits.between(days_ago(1), NOW + DAY)) == (["2. LP#9"], [])
    assert say("!claims") == ["You have claimed nothing. !claim N takes what I suggested."]
    tables = [row["name"] for row in store.rows("select name from sqlite_master where type = 'table'")]
    everything = repr([store.rows(f"select * from {table}") for table in tables])
    assert "zebra" not in everything and "712345" not in everything


def test_what_people_hear_of_is_read_anew_from_launchpad(say: Ask, store: Store) -> None:
    with LaunchpadTwin([], projects=["harbour"]) as twin:
        twin.questions = {n: devel.question(n) for n in (1, 2, 3)}
        twin.blueprints = [devel.blueprint(name, definition="Review") for name in ("pier", "mole", "lamp")]
        seen = Config(launchpad=Launchpad(service_root=twin.service_root, projects=("harbour",)))
        [source] = sync.sources(seen, store, lambda: NOW, lambda _: None)
        assert sync.once([source], store, lambda: NOW) == []
        assert [len(say(f"!starter {niche}", nick="dora", account="dora")) for niche in ("support", "specs")] == [4, 4]
        due = {kind: sorted(set(store.rereads.due(kind).values())) for kind in source.rereads}
        assert {kind: len(numbers) for kind, numbers in due.items()} == {"bug": 0, "question": 3, "blueprint": 3}
        twin.questions[1]["status"] = "Solved"
        del twin.questions[2]
        twin.blueprints[0]["definition_status"] = "Superseded"
        twin.blueprints[1]["information_type"] = "Proprietary"
        for kind in ("question", "blueprint"):
            store.save(source.rereads[kind](due[kind]))
    assert {q.number: q.status for q in store.questions.of("harbour")} == {1: "Solved", 3: "Open"}
    assert {b.name: b.definition for b in store.blueprints.of("harbour")} == {"pier": "Superseded", "lamp": "Review"}


def test_what_the_store_has_no_more_is_not_asked_for(store: Store) -> None:
    with LaunchpadTwin([], projects=["harbour"]) as twin:
        seen = Config(launchpad=Launchpad(service_root=twin.service_root, projects=("harbour",)))
        [source] = sync.sources(seen, store, lambda: NOW, lambda _: None)
        assert [list(source.rereads[kind]([7])) for kind in ("question", "blueprint")] == [[], []]
        assert twin.count() == 0
