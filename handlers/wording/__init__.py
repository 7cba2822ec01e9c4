"""Every sentence people read, in Japanese and English, and how it is found.

The sentences stand in the TOML files beside this one, each file by its area.
"""

from handlers.wording.catalogue import say
from handlers.wording.times import day, number, when

__all__ = ["day", "number", "say", "when"]
