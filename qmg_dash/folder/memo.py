"""What is computed of a snapshot, or of a book of it, kept as long as that is there and no longer:
the one cache of what is made of data. Threads that ask for the same wait for one computation."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from functools import wraps
from threading import Lock, RLock
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
P = ParamSpec("P")


class Owner(Protocol):
    """Of which something is computed, and with which that goes."""

    @property
    def memory(self) -> Memory: ...


O = TypeVar("O", bound=Owner)  # noqa: E741


class Memory:
    """Everything that has been computed of one owner, on a `day` where it changes with the days.
    `former`: the owner is not shown any more."""

    def __init__(self, day: date | None = None, former: bool = False):
        self.day, self.former = day, former
        self._shelves: dict[Memo[Any, Any], _Shelf] = {}

    def shelf(self, memo: Memo[K, V]) -> _Shelf[K, V]:
        """What a memo keeps here."""
        return self._shelves.get(memo) or self._shelves.setdefault(memo, _Shelf())


class _Shelf(Generic[K, V]):
    def __init__(self) -> None:
        self.lock = Lock()
        self.made: dict[K, V] = {}
        self.pending: dict[K, Any] = {}


class Memo(Generic[K, V]):
    """One kind of thing that is computed of an owner: for each key K a V. With a `limit` so many
    of the last used are kept, and of a former owner none: what sessions ask for may hold its owner,
    and such a circle would stand until the garbage collector comes by."""

    def __init__(self, limit: int | None = None):
        self.limit = limit

    def __call__(self, owner: Owner, key: K, make: Callable[[], V]) -> V:
        """What `make` gives, made once while it is kept. What it raises is raised, and not kept."""
        memory = owner.memory
        if self.limit and memory.former:
            return make()
        shelf = memory.shelf(self)
        with shelf.lock:
            if key in shelf.made:
                return self._used(shelf, key)
            pending = shelf.pending.setdefault(key, RLock())
        with pending:
            with shelf.lock:
                if key in shelf.made:
                    return self._used(shelf, key)
            try:
                made = make()
                with shelf.lock:
                    self._keep(shelf, key, made)
            finally:
                with shelf.lock:
                    shelf.pending.pop(key, None)
        return made

    def of(self, owner: Owner) -> dict[K, V]:
        """What is kept of an owner now, the last used at the end."""
        shelf = owner.memory.shelf(self)
        with shelf.lock:
            return dict(shelf.made)

    def _used(self, shelf: _Shelf[K, V], key: K) -> V:
        if self.limit:
            shelf.made[key] = shelf.made.pop(key)
        return shelf.made[key]

    def _keep(self, shelf: _Shelf[K, V], key: K, made: V) -> None:
        shelf.made[key] = made
        while self.limit and len(shelf.made) > self.limit:
            del shelf.made[next(iter(shelf.made))]


def once(make: Callable[Concatenate[O, P], V]) -> Callable[Concatenate[O, P], V]:
    """The same function of an owner, computed once for its further arguments, given by place."""
    memo: Memo[tuple, V] = Memo()

    @wraps(make)
    def asked(owner: O, *key: Any) -> V:
        return memo(owner, key, lambda: make(owner, *key))

    return asked  # type: ignore[return-value]
