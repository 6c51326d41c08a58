"""What is computed from a snapshot, kept as long as the snapshot is."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, cast

from qmg_dash.folder.snapshot import Snapshot


def once(snapshot: Snapshot, key: tuple, stamp: object, make: Callable[[], Any]) -> Any:
    """What `make` gives, made once for a snapshot while the stamp is the same; other threads
    wait for it."""
    with snapshot.locks.setdefault(key, Lock()):
        made = cast(tuple | None, snapshot.memo.get(key))
        if made is None or made[0] != stamp:
            snapshot.memo[key] = made = (stamp, make())
        return made[1]


_RECENT_LOCK = Lock()


def recent(snapshot: Snapshot, shelf: str, key: tuple, most: int, make: Callable[[], Any]) -> Any:
    """What `make` gives, kept among the `most` last used of a shelf; it goes with the snapshot,
    which may be held by it. Of one that is not shown any more nothing new is kept."""
    if snapshot.former:
        return make()
    with _RECENT_LOCK:
        kept = snapshot.memo.setdefault((shelf,), {})
        if key in kept:
            kept[key] = kept.pop(key)
            return kept[key]
    made = make()
    with _RECENT_LOCK:
        made = kept.setdefault(key, made)
        while len(kept) > most:
            del kept[next(iter(kept))]
    return made
