"""`backup`, `restore`, `move`, `migrate`: the store as a whole, for whoever looks after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.config import PREFIX, ConfigError, Settings
from storage.opening import (
    StoreHeldError,
    StoreUrlError,
    file_of,
    files_of,
    hold,
    is_database,
    open_store,
    prepare_target,
)
from storage.store import StorageBusyError, UnfitStoreError
from storage.whole import backing_up, restoring
from storage.whole.backing_up import BackupError
from storage.whole.restoring import Lost
from storage.whole.sides import Side
from storage.whole.sqlite_side import sqlite_side

if TYPE_CHECKING:
    from storage.whole.moving import Moved

Tell = Callable[[int, int], object]


class NotDoneError(Exception):
    """Nothing was changed; the text says why."""


@contextmanager
def plain() -> Iterator[None]:
    """What can go wrong with stores and files, as one line."""
    try:
        yield
    except StoreHeldError as error:
        raise NotDoneError(f"{error}; stop it first") from None
    except (StoreUrlError, StorageBusyError) as error:
        raise ConfigError(f"{PREFIX}DATABASE_URL: {error}") from None
    except UnfitStoreError as error:
        raise ConfigError(f"{PREFIX}DATABASE_URL: the database {error}") from None
    except BackupError as error:
        raise NotDoneError(str(error)) from None
    except OSError as error:
        raise NotDoneError(f"{error.filename or 'the file'}: {error.strerror}") from None


def back_up(settings: Settings, file: Path, tell: Tell, *, replace: bool) -> str:
    """Beside a running `serve`; answers the checksum."""
    url = settings.database_url
    _refuse_name(file, url, replace=replace)
    if not is_database(url):
        path = file_of(url)
        if not path.exists():
            raise NotDoneError(f"there is no store {path} yet")
        return backing_up.back_up(path, file, tell)
    from storage.postgres.mark import refuse_marked  # noqa: PLC0415 - an extra
    from storage.whole.postgres_side import postgres_side  # noqa: PLC0415

    with postgres_side(url, one_moment=True) as side:
        refuse_marked(side.connection)
        return backing_up.back_up(side, file, tell)


def _refuse_name(file: Path, url: str, *, replace: bool) -> None:
    """What stood under it would be gone: the store's own files must not, nor a device."""
    written = [one.resolve() for one in backing_up.written(file)]
    own = [] if is_database(url) else [one.resolve() for one in files_of(url)]
    if set(written) & set(own) or any(_same(one, other) for one in written for other in own):
        raise NotDoneError(f"{file} is the store's own file; name one elsewhere")
    if file.exists() and not file.is_file():
        raise NotDoneError(f"{file} is no ordinary file; name another one")
    if file.exists() and not replace:
        raise NotDoneError(f"{file} is there already; name another one, or say --replace")


def _same(one: Path, other: Path) -> bool:
    """Also under another name."""
    return one.exists() and other.exists() and one.samefile(other)


@dataclass(frozen=True)
class Plan:
    """A backup that is ready to take its place, what would be lost, and whether anything is there."""

    copy: Path
    lost: tuple[Lost, ...]
    used: bool


@contextmanager
def planned(settings: Settings, file: Path) -> Iterator[Plan]:
    """Nobody else works on the store meanwhile; whatever is not carried out leaves no trace."""
    url = settings.database_url
    with hold(url), ExitStack() as stack:
        if is_database(url):
            # Where `restore` is called from may be read-only, and is nobody's place for a copy.
            near = Path(stack.enter_context(TemporaryDirectory())) / "backup.db"
        else:
            near = file_of(url)
        copy = restoring.prepared(file, near)
        stack.callback(copy.unlink, missing_ok=True)
        with _present(url) as present, sqlite_side(copy) as kept:
            lost = tuple(restoring.lost(present, kept)) if present else ()
            used = bool(present and restoring.holds_something(present))
        yield Plan(copy, lost, used)


@contextmanager
def _present(url: str) -> Iterator[Side | None]:
    if is_database(url):
        from storage.whole.postgres_side import postgres_side  # noqa: PLC0415 - an extra

        open_store(url).close()
        with postgres_side(url, one_moment=True) as side:
            yield side
    elif file_of(url).exists():
        open_store(url).close()
        with sqlite_side(file_of(url), one_moment=True) as file:
            yield file
    else:
        yield None


def restore(settings: Settings, plan: Plan, tell: Tell) -> Path | None:
    """Answers where the file that was there is kept; a database's rows are replaced at once."""
    now = datetime.now(UTC)
    restoring.nothing_twice(plan.copy, now, _last_day(settings, now))
    url = settings.database_url
    if not is_database(url):
        return restoring.take_place(plan.copy, file_of(url), now)
    from storage.whole.filling import fill  # noqa: PLC0415 - an extra

    fill(plan.copy, url, tell)
    return None


def _last_day(settings: Settings, now: datetime) -> date:
    """Of the digests that may have been posted already."""
    local = now.astimezone(settings.zone)
    today_too = local.time() >= settings.digest_at
    return local.date() if today_too else local.date() - timedelta(days=1)


def move(settings: Settings, url: str, tell: Tell) -> Moved:
    """To an empty database, while `serve` goes on on the file; or the end of such a move."""
    if not is_database(url) or is_database(settings.database_url):
        raise NotDoneError("a SQLite file moves to postgresql://...; nothing else does")
    from storage.whole.moving import MoveError, NotFreedError, was_moved  # noqa: PLC0415 - an extra
    from storage.whole.moving import move as carry_out  # noqa: PLC0415

    file = file_of(settings.database_url)
    anew = not was_moved(file)
    if anew:
        open_store(settings.database_url).close()
    with ExitStack() as stack:
        with _target():
            stack.enter_context(hold(url))
            if anew:
                prepare_target(url)
        try:
            return carry_out(file, url, tell)
        except MoveError as error:
            raise NotDoneError(f"{error}; nothing has changed") from None
        except NotFreedError as error:
            raise NotDoneError(f"{error}; run the same `move` again, it frees it") from None


@contextmanager
def _target() -> Iterator[None]:
    """Its trouble is none of the store that DATABASE_URL names."""
    try:
        yield
    except (StoreUrlError, StorageBusyError) as error:
        raise NotDoneError(f"--to: {error}") from None


def migrated(settings: Settings) -> None:
    open_store(settings.database_url).close()
