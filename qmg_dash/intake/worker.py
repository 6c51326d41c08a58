"""The process that opens what was sent: `python -m qmg_dash.intake.worker read | mark MEGABYTES`.

It takes its memory limit on itself before it looks at a byte, reads from stdin and answers on
stdout. Whatever breaks in it breaks alone: who started it (apart.py) sees no answer.
"""

from __future__ import annotations

import json
import sys

from qmg_dash.folder.decoding import Unusable


def _limit(megabytes: int) -> None:
    """Memory, on systems that can limit a process by itself."""
    if sys.platform.startswith("linux"):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(data: bytes) -> bytes:
    from qmg_dash.intake import sheets

    # A cell may hold half of a surrogate pair: whoever reads the cells tells of it.
    told = json.dumps({"book": sheets.read(data).told()}, ensure_ascii=False)
    return told.encode("utf-8", "surrogatepass")


def _mark(data: bytes) -> bytes:
    from qmg_dash.intake import marking

    told, _, workbook = data.partition(b"\n")
    return marking.mark(workbook, json.loads(told))


TASKS = {"read": _read, "mark": _mark}


def main() -> None:
    task, megabytes = sys.argv[1:]
    _limit(int(megabytes))
    try:
        answer = TASKS[task](sys.stdin.buffer.read())
    except Unusable as e:
        answer = json.dumps({"refused": [e.rule, str(e)]}, ensure_ascii=False).encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
