"""The dashboard on a machine where no file can be made, each for another reason."""

import runpy
from pathlib import Path

from qmg_dash.exports import definitions, form, sheet
from qmg_dash.ui.meeting import single_file


def fails(error: Exception) -> object:
    """A function that raises it, whatever it is given."""

    def make(*_: object) -> bytes:
        raise error

    return make


form.to_docx = fails(ValueError("All strings must be XML compatible"))
form.to_xlsx = fails(OSError(28, "No space left on device"))
sheet.to_csv = fails(MemoryError())
sheet.to_xlsx = fails(KeyError("x"))
definitions.to_docx = fails(TypeError("x"))
definitions.to_markdown = fails(ValueError("x"))
single_file.LIMIT = 1000

runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")
