"""Tests of mentorbot/bucket.py; more of it is tested with what is said at its pace, in test_pace.py."""

from mentorbot.bucket import Bucket


def test_so_many_at_once_and_then_so_many_a_second() -> None:
    now = [0.0]
    bucket = Bucket(rate=0.5, burst=2, now=lambda: now[0])
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    assert bucket.wait() == 2
    now[0] = 1.9
    assert bucket.take() is False
    now[0] = 2
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = 1000
    assert [bucket.take() for _ in range(3)] == [True, True, False]
