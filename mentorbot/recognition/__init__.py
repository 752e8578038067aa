"""Recognition: what deserves thanks, who agreed to be named, and the weekly shout-out."""

from mentorbot.recognition import consent, evidence, shoutout, weeks

__all__ = ["consent", "evidence", "shoutout", "weeks"]
