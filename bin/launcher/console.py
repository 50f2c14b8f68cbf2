"""What the launcher says."""

import sys
import time

_begun = time.monotonic()


class Refusal(Exception):
    """The machine lacks something; the message is the one sentence that says what to do."""


def say(text: str) -> None:
    """Print one line. A terminal that went away must not disturb an orderly stop."""
    try:
        print(text, flush=True)
    except (OSError, ValueError):
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115  (lives as long as the process)


def progress(text: str) -> None:
    """Print what begins now, with the seconds since the command was given."""
    say(f"{time.monotonic() - _begun:4.0f} s  {text}")
