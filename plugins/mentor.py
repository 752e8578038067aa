"""Somebody to turn to: newcomers find a mentor, and people offer to be one."""

from mentorbot import Config, Mentor, Pair, Reply, Request, Store, UserError, assent, command, days, mentors
from mentorbot.text import count, listed


@command("mentor [niche] [project]|end")
def mentor(request: Request, store: Store) -> Reply:
    """Find somebody who helps you to begin, in private; end ends it, no reason needed."""
    who, prefix = request.who, request.config.irc.prefix
    had = store.mentors.helping(who.keys)
    if request.words and request.words[0].lower() in ("end", "stop"):
        if had is None:
            raise UserError(f"You have no mentor now; {prefix}mentor finds you one.")
        mentors.end(store, request.config, had, request.now)
        ended = (
            "I ask nobody for you any more." if had.state == "asked" else f"It is ended, and {had.mentor_nick} knows."
        )
        return _told(f"{ended} {prefix}mentor finds you somebody else.")
    if had:
        return _told(_who(had, prefix))
    wished = _wished(request, store)
    pair = mentors.find(store, request.config, (who.keys, who.nick), wished, request.now)
    if pair is None:
        kind, where = mentors.named(*wished, request.config), mentors.where_to_ask(store, request.config, request.now)
        return _told(f"No mentor for {kind} is free now. {where}")
    begin = f"{prefix}howto {pair.niche}" if pair.niche else f"{prefix}niche"
    return _told(
        f"I have asked a mentor for {mentors.about(pair, request.config)}, and tell you who it is when they say yes;"
        f" without an answer in {mentors.ANSWERS.days} days I ask somebody else. You need not wait: {begin} tells how"
        f" to begin. {prefix}mentor end takes it back."
    )


@command("mentoring [offer [niche] [project] [N]|away DAYS|back|yes|no|end|stop]", access="account")
def mentoring(request: Request, store: Store) -> Reply:
    """Offer to help newcomers, N at a time, in niches and projects you name; alone it tells what you offered."""
    me, prefix = request.who.key, request.config.irc.prefix
    store.mentors.called(me, request.who.nick)
    verb, words = (request.words[0].lower(), request.words[1:]) if request.words else ("", [])
    answer, rest = assent.said(request.text)
    if answer:
        verb, words = answer, rest.split()
    if verb == "offer":
        return _offer(words, request, store)
    if store.mentors.of(me) is None:
        raise UserError(f"You have not offered to help yet; {prefix}mentoring offer docs 2 would, for two at a time.")
    if verb in _VERBS:
        return _VERBS[verb](words, request, store)
    if verb == "unclear":
        forms = _forms(("yes", "no"), _pairs("asked", request, store), prefix)
        raise UserError(f"I am not sure what you mean: please say {forms}.", private=True)
    if verb:
        raise UserError(f"Say {prefix}mentoring {listed(['offer', *_VERBS], 'or')}.")
    return _told(_state(request, store))


def _wished(request: Request, store: Store) -> tuple[str, str]:
    """The niche and project that are asked for; where none is named, the niche of what they were offered last."""
    wish = mentors.wish(request, request.words)
    if len(wish.niches) > 1 or len(wish.projects) > 1:
        raise UserError("One niche and one project at a time, please: somebody who knows both may not be here.")
    last = store.offers.last(request.who.key).values()
    niche = wish.niches[0].name if wish.niches else next((item.niche for item in last), "")
    return niche, next(iter(wish.projects), "")


def _who(pair: Pair, prefix: str) -> str:
    if pair.state == "asked":
        return f"I have asked somebody and wait for an answer. {prefix}mentor end takes it back."
    return f"{pair.mentor_nick} is your mentor: say hello! {prefix}mentor end ends it."


def _offer(words: list[str], request: Request, store: Store) -> Reply:
    wish, before = mentors.wish(request, words), store.mentors.of(request.who.key)
    niches = [niche.name for niche in wish.niches] or [""]
    offers = [(niche, project) for niche in niches for project in wish.projects or [""]]
    store.mentors.offer(request.who.key, request.who.nick, offers, wish.number, request.now)
    mentors.keep_to(store, request.config, request.who.key, request.now)
    prefix, now = request.config.irc.prefix, store.mentors.of(request.who.key)
    assert now
    replaced = before if before and (before.offers, before.capacity) != (now.offers, now.capacity) else None
    return _told(
        f"Thank you! {_state(request, store, replaced)} I tell a newcomer your nick when you say yes to them, and"
        " nobody else."
        f" {prefix}mentoring away next week, or other days, keeps me from asking then; {prefix}mentoring stop ends it."
    )


def _state(request: Request, store: Store, before: Mentor | None = None) -> str:
    """What somebody offers, and in the place of what; whether they are away, and who waits for them."""
    config, me = request.config, store.mentors.of(request.who.key)
    assert me
    replaced = f" (before: {_offered(before, config)})" if before else ""
    said = f"You offered to help with {_offered(me, config)}{replaced}."
    if me.away and me.away[1] >= mentors.today(config, request.now):
        said += f" You are away {days.spoken(me.away)} (days of {config.community.timezone})."
    pairs = store.mentors.helped_by(me.person)
    if waiting := [pair.nick for pair in pairs if pair.state == "asked"]:
        said += f" {listed(waiting)} {'waits' if len(waiting) == 1 else 'wait'} for your answer."
    if helped := [pair.nick for pair in pairs if pair.state == "agreed"]:
        said += f" You help {listed(helped)}."
    return said


def _offered(mentor: Mentor, config: Config) -> str:
    kinds = [mentors.named(*offer, config) if any(offer) else "anything" for offer in mentor.offers]
    return f"{listed(kinds)}, {count(mentor.capacity, 'person', 'people')} at a time"


def _away(words: list[str], request: Request, store: Store) -> Reply:
    today, zone = mentors.today(request.config, request.now), request.config.community.timezone
    away = days.off(" ".join(words), today)
    store.mentors.away(request.who.key, away)
    if away[0] <= today:
        for pair in store.mentors.helped_by(request.who.key):
            if pair.state == "asked":
                mentors.pass_on(store, request.config, pair, "declined", request.now)
    return _told(
        f"I ask you for nobody {days.spoken(away)} (days of {zone}). Those whom you help already I leave to you;"
        f" {request.config.irc.prefix}mentoring back ends it early."
    )


def _back(words: list[str], request: Request, store: Store) -> Reply:
    if words and words != ["now"]:
        prefix = request.config.irc.prefix
        raise UserError(
            f"{prefix}mentoring back ends it at once; to be back some day say {prefix}mentoring away until the day"
            " before."
        )
    store.mentors.away(request.who.key, None)
    return _told(f"Welcome back! {_state(request, store)}")


def _yes(words: list[str], request: Request, store: Store) -> Reply:
    pair = _meant(words, "yes", request, store)
    if not mentors.agree(store, request.config, pair, request.now):
        said = f"I have asked somebody else for {pair.nick} meanwhile; thank you all the same."
        raise UserError(said, private=True)
    return _told(
        f"Thank you! I have told {pair.nick} that you are there. Say hello first if you can; newcomers are shy."
        f" {request.config.irc.prefix}mentoring end {pair.nick} ends it at any time."
    )


def _no(words: list[str], request: Request, store: Store) -> Reply:
    pair = _meant(words, "no", request, store)
    mentors.pass_on(store, request.config, pair, "declined", request.now)
    return _told(f"No harm done; I look for somebody else to help {pair.nick}.")


def _end(words: list[str], request: Request, store: Store) -> Reply:
    pair = _meant(words, "end", request, store)
    mentors.end(store, request.config, pair, request.now, by_mentor=True)
    return _told(f"It is ended, and {pair.nick} knows. Thank you for the time you gave!")


def _stop(words: list[str], request: Request, store: Store) -> Reply:
    """What was offered is taken back, and all of it forgotten; nobody is left waiting."""
    me = request.who.key
    store.mentors.offer(me, request.who.nick, [], None, request.now)
    for pair in store.mentors.helped_by(me):
        if pair.state == "asked":
            mentors.pass_on(store, request.config, pair, "declined", request.now)
        else:
            mentors.end(store, request.config, pair, request.now, by_mentor=True)
    store.mentors.leave(me)
    return _told("I ask you for nobody any more, and have forgotten what you offered. Thank you for having been there!")


def _meant(words: list[str], verb: str, request: Request, store: Store) -> Pair:
    """The pair that a mentor speaks of: the one with a nick that is said, or the only one.

    One word that is no such nick is somebody else's, several are what people say besides.
    """
    pairs = _pairs("agreed" if verb == "end" else "asked", request, store)
    said = {word.strip(".,;:!?@\"'()").lower() for word in words}
    named = [pair for pair in pairs if pair.nick.lower() in said] or (pairs if len(words) != 1 else [])
    if len(named) == 1:
        return named[0]
    raise UserError(f"Say whom you mean: {_forms((verb,), pairs, request.config.irc.prefix)}.", private=True)


def _pairs(state: str, request: Request, store: Store) -> list[Pair]:
    """Those who wait for this mentor's answer, or whom they help; a UserError where there are none."""
    pairs = [pair for pair in store.mentors.helped_by(request.who.key) if pair.state == state]
    if not pairs:
        raise UserError("Nobody waits for your answer." if state == "asked" else "You help nobody now.")
    return pairs


def _forms(verbs: tuple[str, ...], pairs: list[Pair], prefix: str) -> str:
    return listed([f"{prefix}mentoring {verb} {pair.nick}" for pair in pairs for verb in verbs], "or")


def _told(line: str) -> Reply:
    return Reply([line], private=True)


_VERBS = {"away": _away, "back": _back, "yes": _yes, "no": _no, "end": _end, "stop": _stop}
