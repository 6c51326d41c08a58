"""Opening what was sent in a process of its own, with limits on time, memory and size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from qmg_dash.folder.decoding import Unusable
from qmg_dash.intake.sheets import Book

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
MEGABYTES = 1024
"""Memory of the process, where the system can limit it (Linux)."""
LARGEST = 50 << 20
"""Bytes of a file."""
_BROKEN = (
    "读不出来：文件可能已损坏，或内容太多。请在 Excel 或 WPS 中打开后另存为 .xlsx，或分几次导入"
)


def read(data: bytes) -> Book:
    """The sheets of a sent file. Raises Unusable."""
    if len(data) > LARGEST:
        raise Unusable(
            "太大", f"文件超过 {LARGEST >> 20} MB：请删去图片和多余的工作表，或分几次导入"
        )
    return Book.heard(json.loads(_run("read", data))["book"])


def mark(data: bytes, told: dict[str, object]) -> bytes:
    """The marked workbook (marking.py). Raises Unusable."""
    return _run("mark", json.dumps(told).encode() + b"\n" + data)


def _run(task: str, data: bytes) -> bytes:
    command = [sys.executable, "-m", "qmg_dash.intake.worker", task, str(MEGABYTES)]
    # One thread each: on a machine of many cores their stacks alone would fill the memory.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as e:
        raise Unusable("超时", f"{SECONDS:.0f} 秒内没有读完：请删去多余的内容，或分几次导入") from e
    if done.returncode or not done.stdout:
        raise Unusable("文件损坏", _BROKEN)
    if done.stdout.startswith(b'{"refused"'):
        raise Unusable(*json.loads(done.stdout)["refused"])
    return done.stdout
