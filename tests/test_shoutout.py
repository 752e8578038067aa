"""Tests of recognition/shoutout.py and plugins/shoutout.py: who is named in a week, and in which words."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from mentorbot import config as settings
from mentorbot.dispatch import Answer
from mentorbot.errors import UserError
from mentorbot.models import Credit
from mentorbot.recognition import shoutout, weeks
from mentorbot.recognition.shoutout import Shoutout, build, next_week, post, render
from mentorbot.store import Store
from tests.builders import NOW, activity, bug, change, days_ago

Ask = Callable[..., list[str]]
HEAD = "Thanks from Harbour for quiet work that helped this week:"
FOOT = "Who helped you? Say !thanks NICK for what they did, and I keep it for next time."
LP_12 = "https://bugs.harbour.example/harbour/+bug/12"


def thanked(
    store: Store, name: str, reason: str = "the map", url: str = "", *, days: float = 1, agreed: bool = True
) -> None:
    """Somebody was thanked; `name` is their account."""
    if agreed:
        store.people.choose(f"account:{name}", "in", days_ago(30))
    store.credits.add([Credit(f"account:{name}", name, "thanks", reason, url, days_ago(days), "account:alice")])


def triaged(store: Store, name: str, number: int, *, days: float = 1) -> None:
    """Somebody who agreed to it under a linked account has triaged a bug."""
    store.people.link(name, account=name, launchpad=f"{name}-lp")
    store.people.choose(f"account:{name}", "in", days_ago(30))
    store.save(
        [*bug(number, "Crash"), activity(number, f"{name}-lp", "harbour: status", "New", "Confirmed", days=days)]
    )


def names(store: Store, config: settings.Config, now: datetime = NOW) -> list[str]:
    return [credit.name for credit in build(store, config, next_week(store, config, now)).credits]


def test_a_week_names_who_agreed_what_they_did_and_where(store: Store, config: settings.Config) -> None:
    thanked(store, "bob", "finding the race in the cache.", "https://harbour.example/log#L7", days=3)
    thanked(store, "cleo", "", "https://harbour.example/talk", days=2)
    thanked(store, "dan", agreed=False)
    store.people.choose("launchpad:tess-l", "in", NOW)
    store.people.link("Tess", account="tess", launchpad="tess-l")
    found = Credit("launchpad:tess-l", "tess-l", "triage", "found out that LP#12 is real, “Crash”", LP_12, days_ago(1))
    store.credits.add([found])
    said = build(store, config, weeks.named(config, "2026-W07"))
    assert said.lines == [
        HEAD,
        "• bob is thanked for finding the race in the cache. https://harbour.example/log#L7",
        "• cleo is thanked for this: https://harbour.example/talk",
        f"• tess found out that LP#12 is real, “Crash”. {LP_12}",
        FOOT,
    ]
    assert (said.week, said.community, said.unnamed) == ("2026-W07", "Harbour", 1)


def test_a_week_in_which_nobody_can_be_named_has_no_lines(store: Store, config: settings.Config) -> None:
    thanked(store, "dan", agreed=False)
    assert build(store, config, weeks.named(config, "2026-W07")) == Shoutout("2026-W07", "Harbour", [], [], 1)


def test_what_was_long_before_the_week_or_comes_after_it_is_not_said(store: Store, config: settings.Config) -> None:
    thanked(store, "bob", days=9)
    thanked(store, "cleo", days=-0.1)
    thanked(store, "dan", days=6.9)
    assert names(store, config) == ["dan"]


def test_five_people_are_named_once_each(store: Store, config: settings.Config) -> None:
    for n in range(7):
        thanked(store, f"bob{n}", "the first thing", days=5 - n / 10)
        thanked(store, f"bob{n}", "the second thing", days=4 - n / 10)
    said = build(store, config, weeks.named(config, "2026-W07"))
    assert [(c.name, c.reason) for c in said.credits] == [(f"bob{n}", "the first thing") for n in range(5)]


def test_two_linked_names_are_one_person(store: Store, config: settings.Config) -> None:
    triaged(store, "tess", 12)
    store.credits.add([Credit("launchpad:tess-lp", "tess-lp", "triage", "found out", LP_12, days_ago(2))])
    thanked(store, "tess", days=1)
    store.credits.add([Credit("nick:tess", "Tess", "thanks", "the map", "", days_ago(1), "account:alice")])
    assert names(store, config) == ["tess"]


def test_who_was_never_named_comes_first_then_who_was_named_longest_ago(store: Store, config: settings.Config) -> None:
    for n, weeks_ago in enumerate([1, 3, 2, None, 5, 4, 6]):
        if weeks_ago:
            thanked(store, f"bob{n}", "old", days=7 * weeks_ago)
            store.credits.mark_said(
                [c for c in store.credits.between(days_ago(99), NOW) if c.name == f"bob{n}"], days_ago(7 * weeks_ago)
            )
        thanked(store, f"bob{n}", days=3 - n / 10)
    assert names(store, config) == ["bob1", "bob3", "bob4", "bob5", "bob6"]


def test_different_kinds_come_before_the_same_kind_again(store: Store, config: settings.Config) -> None:
    for n in range(6):
        thanked(store, f"bob{n}", days=5 - n / 10)
    for n, kind in enumerate(["triage", "first answer", "triage"]):
        store.people.choose(f"gerrit:ann{n}", "in", NOW)
        store.credits.add([Credit(f"gerrit:ann{n}", f"ann{n}", kind, "did it", "", days_ago(1 - n / 10))])
    assert names(store, config) == ["bob0", "bob1", "ann0", "ann1", "ann2"]


def test_what_is_said_is_said_once_and_the_week_is_done(store: Store, config: settings.Config) -> None:
    thanked(store, "bob")
    week = weeks.named(config, "2026-W07")
    said = post(store, config, week, NOW)
    assert said and said.lines == [HEAD, "• bob is thanked for the map.", FOOT]
    assert post(store, config, week, NOW) is None
    assert [(letter.target, letter.lines) for letter in store.outbox.take(NOW)] == [("#mentors", said.lines)]
    assert build(store, config, week) == said


def test_where_nobody_can_be_named_the_week_is_not_used_up(store: Store, config: settings.Config) -> None:
    week = weeks.named(config, "2026-W07")
    assert post(store, config, week, days_ago(2)) == Shoutout("2026-W07", "Harbour", [], [], 0)
    thanked(store, "bob")
    said = post(store, config, week, NOW)
    assert said and said.lines == [HEAD, "• bob is thanked for the map.", FOOT]


def test_without_a_channel_it_cannot_be_posted(store: Store) -> None:
    nowhere = settings.parse("")
    with pytest.raises(UserError, match=r"I do not know where to say it: \[shoutout\] channels is empty\."):
        post(store, nowhere, weeks.named(nowhere, "2026-W07"), NOW)


def test_a_week_that_was_said_shows_nobody_who_refused_since(store: Store, config: settings.Config) -> None:
    thanked(store, "bob")
    thanked(store, "cleo")
    week = weeks.named(config, "2026-W07")
    post(store, config, week, NOW)
    store.people.choose("account:bob", "out", NOW)
    assert [credit.name for credit in build(store, config, week).credits] == ["cleo"]


def test_after_an_early_shoutout_the_rest_of_the_week_is_in_the_next_one(store: Store, config: settings.Config) -> None:
    thanked(store, "bob", days=5)
    post(store, config, weeks.named(config, "2026-W07"), days_ago(2))
    thanked(store, "cleo", days=1)
    assert names(store, config, NOW + timedelta(days=3)) == ["cleo"]


def test_what_the_mirrors_bring_late_is_said_a_week_later_and_nothing_twice(
    store: Store, config: settings.Config
) -> None:
    moment = weeks.named(config, "2026-W07").end
    thanked(store, "cleo", days=0.2)
    post(store, config, weeks.named(config, "2026-W07"), moment)
    thanked(store, "bob", days=0.1)
    assert names(store, config, moment + timedelta(days=3)) == ["bob"]


@pytest.fixture
def one_week() -> Shoutout:
    credits = [
        Credit("account:bob", "bob_*", "thanks", "the [map](x) & more", "https://harbour.example/?a=1_2", NOW),
        Credit("gerrit:ann", "ann", "triage", "found out that LP#12 is real", "", NOW),
    ]
    return Shoutout("2026-W07", "Harbour", credits, ["One", "Two"], 3)


def test_it_is_printed_as_irc_lines(one_week: Shoutout) -> None:
    assert render(one_week, "irc") == "One\nTwo"


def test_it_is_printed_as_markdown_that_names_from_outside_cannot_break(one_week: Shoutout) -> None:
    assert render(one_week, "markdown") == (
        "## Thanks in Harbour, 2026-W07\n\n"
        "- **bob\\_\\*** is thanked for the \\[map\\]\\(x\\) & more. <https://harbour.example/?a=1_2>\n"
        "- **ann** found out that LP\\#12 is real."
    )
    assert render(Shoutout("2026-W07", "Harbour", [], [], 0), "markdown") == (
        "## Thanks in Harbour, 2026-W07\n\nNobody to name this week."
    )


def test_it_is_printed_as_json_without_the_keys_of_people(one_week: Shoutout) -> None:
    at = "2026-02-13T14:30:00+00:00"
    url = "https://harbour.example/?a=1_2"
    assert json.loads(render(one_week, "json")) == {
        "week": "2026-W07",
        "community": "Harbour",
        "thanks": [
            {"name": "bob_*", "kind": "thanks", "reason": "the [map](x) & more", "url": url, "at": at},
            {"name": "ann", "kind": "triage", "reason": "found out that LP#12 is real", "url": "", "at": at},
        ],
        "unnamed": 3,
    }


def test_an_organiser_sees_in_private_what_would_be_said(answer: Callable[..., Answer], store: Store) -> None:
    thanked(store, "bob", days=2)
    thanked(store, "dan", agreed=False)
    triaged(store, "tess", 12)
    store.save([change(1, owner="ada", days=400), change(22, messages=(("ben", "Hello!"),))])
    assert answer("!shoutout preview", account="boss") == Answer(
        target="alice",
        lines=[
            "For 2026-W07, to be said on Friday 13 February, 15:00 UTC in #mentors; 2 contributions stay unnamed,"
            " for want of consent.",
            HEAD,
            "• bob is thanked for the map.",
            f"• tess found out that LP#12 is real, “Crash”. {LP_12}",
            FOOT,
        ],
        channel="#mentors",
        private_note="I answered you in private.",
    )
    assert store.outbox.take(NOW) == []


def test_an_organiser_hears_why_nobody_would_be_named(ask: Ask, store: Store) -> None:
    assert ask("!shoutout preview", account="boss") == [
        "Nothing would be said for 2026-W07: no thanks and no unsung work were recorded in that week."
    ]
    thanked(store, "dan", agreed=False)
    assert ask("!shoutout preview", account="boss") == [
        "Nothing would be said for 2026-W07: 1 contribution is recorded, but nobody who made them has agreed to be"
        " named yet; !optin agrees."
    ]
    assert ask("!shoutout post", account="boss") == [
        "Nothing can be said for 2026-W07: 1 contribution is recorded, but nobody who made them has agreed to be"
        " named yet; !optin agrees."
    ]
    assert store.outbox.is_done("shoutout 2026-W07") is False


def test_an_organiser_posts_it_once_and_not_days_too_soon(ask: Ask, store: Store) -> None:
    thanked(store, "bob")
    assert ask("!shoutout post", account="boss") == [
        "The shout-out of 2026-W07 goes to #mentors now; all who did something have agreed to be named."
    ]
    thanked(store, "cleo", days=0)
    assert ask("!shoutout post", account="boss") == [
        "The next shout-out is for 2026-W08, on Friday 20 February, 15:00 UTC;"
        " it can be posted from Tuesday 17 February, 15:00 UTC."
    ]
    assert [letter.lines for letter in store.outbox.take(NOW)] == [[HEAD, "• bob is thanked for the map.", FOOT]]


def test_consent_withdrawn_between_preview_and_post_is_respected(ask: Ask, store: Store) -> None:
    thanked(store, "bob")
    thanked(store, "cleo")
    assert "• bob is thanked for the map." in ask("!shoutout preview", account="boss")
    ask("!optout", account="Bob")
    ask("!shoutout post", account="boss")
    assert [letter.lines for letter in store.outbox.take(NOW)] == [[HEAD, "• cleo is thanked for the map.", FOOT]]


def test_what_an_organiser_hears_stays_private(answer: Callable[..., Answer], store: Store) -> None:
    assert answer("!shoutout preview", account="boss").target == "alice"
    thanked(store, "bob")
    assert answer("!shoutout preview", account="boss").target == "alice"
    assert answer("!shoutout post", account="boss").target == "alice"


def test_only_organisers_see_or_post_it_and_another_word_is_explained(ask: Ask) -> None:
    assert ask("!shoutout preview", account="carol") == ["shoutout is for this bot's organisers."]
    assert ask("!shoutout", account="boss") == [
        "Say !shoutout preview to see what would be said, !shoutout post to have it said now."
    ]


def test_in_a_week_that_is_over_and_may_still_be_said_that_one_is_next(store: Store, config: settings.Config) -> None:
    moment = weeks.named(config, "2026-W07").end
    assert next_week(store, config, moment + shoutout.GRACE).name == "2026-W07"
    assert next_week(store, config, moment + shoutout.GRACE + timedelta(seconds=1)).name == "2026-W08"
    store.outbox.done_once("shoutout 2026-W07", moment)
    assert next_week(store, config, moment + timedelta(hours=1)).name == "2026-W08"
