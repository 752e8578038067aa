"""`python -m mentorbot` is `mentorbot`."""

from mentorbot.cli import main

main()
