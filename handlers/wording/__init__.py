"""Every sentence people read, in Japanese and English, and how it is found.

The sentences stand in the TOML files beside this one, each file by its area.
"""

from handlers.wording.catalogue import say
from handlers.wording.forwarding import letter
from handlers.wording.providers import receiver_says, where
from handlers.wording.remedies import Remedy, remedy
from handlers.wording.times import day, listed, number, when

__all__ = [
    "Remedy",
    "day",
    "letter",
    "listed",
    "number",
    "receiver_says",
    "remedy",
    "say",
    "when",
    "where",
]
