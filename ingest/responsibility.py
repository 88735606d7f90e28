import re
from datetime import date

from ingest.model import Responsibility

_TAIL = re.compile(r"[（(][^（）()]*(?:负责|牵头|配合|参加|参与)[）)]。?$")


def ends_in_tail(text: str) -> bool:
    return bool(_TAIL.search(text.rstrip()))


def read_responsibility(text: str, on: date | None) -> tuple[Responsibility, ...]:
    return ()
