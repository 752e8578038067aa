"""Three weeks of offers and claims, of a bot that is killed every day."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from mentorbot.store import Store
from tests.builders import bug
from tests.conftest import CONFIG
from tests.weeks import WORKED_AFTER, works

DAYS, BUGS = 21, 60


@dataclass
class Weeks:
    """What was certain when it was said, and what is in the store at the end."""

    said: list[dict[str, Any]] = field(default_factory=list)
    offers: list[dict[str, Any]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)

    def told(self, words: str) -> dict[str, list[int]]:
        """The hours at which people were told something with these words in it."""
        hours: dict[str, list[int]] = defaultdict(list)
        for one in self.said:
            if words in one.get("line", ""):
                hours[one["told"]].append(one["hour"])
        return hours


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    folder = tmp_path_factory.mktemp("weeks")
    (folder / "mentorbot.toml").write_text(CONFIG, encoding="utf-8")
    store = Store(folder / "mentorbot.db")
    for number in range(1, BUGS + 1):
        store.save(bug(number, tags=("low-hanging-fruit",), status="Triaged", days=number))
    found, dice, hour = Weeks(), random.Random(3), 0
    for day in range(1, DAYS + 1):
        bot = subprocess.Popen(
            [sys.executable, "-m", "tests.weeks", str(folder / "mentorbot.toml"), str(hour)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert bot.stdout
        last = day * 24 - dice.randrange(12)
        lines = []
        for line in bot.stdout:
            lines.append(json.loads(line))
            if lines[-1].get("hour", 0) >= last:
                break
        bot.kill()  # in the middle of whatever it does
        rest = bot.communicate()[0]
        lines += [json.loads(line) for line in rest.splitlines() if line.endswith("}")]
        found.said += lines
        hour = max(line.get("hour", 0) for line in lines)
    found.offers = store.rows("select * from offers order by id")
    found.letters = store.rows("select * from outbox order by id")
    store.close()
    return found


def test_nothing_that_was_said_is_lost(weeks: Weeks) -> None:
    kept = {(offer["person"], offer["number"]) for offer in weeks.offers}
    said = {(one["person"], number) for one in weeks.said for number in one.get("items", ())}
    assert said <= kept
    assert len(said) > 200
    claimed = {(offer["person"], offer["number"]) for offer in weeks.offers if offer["claimed"]}
    assert {(one["person"], one["claimed"]) for one in weeks.said if "claimed" in one} <= claimed
    assert len(claimed) >= DAYS - 1


def test_offers_lapse_and_what_is_released_comes_back_and_never_to_two_at_once(weeks: Weeks) -> None:
    until: dict[int, tuple[str, str]] = {}
    people: dict[int, set[str]] = defaultdict(set)
    for offer in weeks.offers:
        person, expires = until.get(offer["number"], ("", ""))
        assert person == offer["person"] or expires <= offer["offered"], offer
        until[offer["number"]] = offer["person"], offer["expires"]
        people[offer["number"]].add(offer["person"])
    assert sum(len(names) > 2 for names in people.values()) > 20
    lapsed = [offer for offer in weeks.offers if offer["outcome"] == "lapsed"]
    assert len(lapsed) >= 3
    again = [
        late["person"]
        for early in lapsed
        for late in weeks.offers
        if late["number"] == early["number"] and late["id"] > early["id"] and late["offered"] >= early["ended"]
    ]
    assert again


def test_everybody_is_reminded_once_and_released_once_in_time(weeks: Weeks) -> None:
    reminded, released = weeks.told("How is it going"), weeks.told("is free for others again now")
    # A letter that was being said when the bot was killed may not have been heard; it is queued once all the same.
    put = Counter(
        (letter["target"].removeprefix("account:"), "How is it going" in letter["lines"])
        for letter in weeks.letters
        if "How is it going" in letter["lines"] or "is free for others" in letter["lines"]
    )
    assert set(put.values()) == {1}
    assert all(len(hours) == 1 for hours in [*reminded.values(), *released.values()])
    last = max(one.get("hour", 0) for one in weeks.said)
    idle = [n for n in range(0, last - 14 * 24, 24) if not works(n)]
    at_work = [n for n in range(0, last - 16 * 24, 24) if works(n)]
    assert {(f"p{n}", True) for n in idle} | {(f"p{n}", False) for n in idle} <= set(put)
    assert {(f"p{n}", True) for n in at_work} <= set(put)
    for n in idle:
        assert reminded.get(f"p{n}", [n + 11 * 24])[0] in range(n + 11 * 24, n + 11 * 24 + 2)
        assert released.get(f"p{n}", [n + 14 * 24])[0] in range(n + 14 * 24, n + 14 * 24 + 2)
    for n in at_work:
        assert reminded.get(f"p{n}", [n + WORKED_AFTER + 11 * 24])[0] in range(
            n + WORKED_AFTER + 11 * 24, n + WORKED_AFTER + 11 * 24 + 2
        )
