"""Tests of mentorbot/chat/patience.py: a server is never hammered, and one that is there is found soon."""

import random

from mentorbot.chat.patience import Patience, backoff, pause


def test_tries_come_further_apart_and_near_again_after_a_success() -> None:
    random.seed(1)
    patience = Patience()
    delays = [backoff(failures, patience.first_retry, patience.last_retry) for failures in [*range(12), 10**6]]
    longest = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert all(most / 2 <= delay <= most for delay, most in zip(delays, longest, strict=True))
    assert len({backoff(3, 1, 300) for _ in range(9)}) == 9


def test_the_next_of_several_servers_is_tried_soon_and_all_of_them_again_later_each_time() -> None:
    patience = Patience()
    delays = [pause(failures, 3, patience.first_retry, patience.last_retry) for failures in range(12)]
    longest = [1, 1, 1, 1, 1, 2, 1, 1, 4, 1, 1, 8]
    assert all(most / 2 <= delay <= most for delay, most in zip(delays, longest, strict=True))


def test_a_dead_link_is_found_in_under_three_minutes() -> None:
    assert Patience().silence + Patience().answer < 180
