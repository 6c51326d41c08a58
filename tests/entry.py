"""The app as AppTest drives it: outside the root, where no folder named pages stands beside it.

AppTest forgets at each run that `st.navigation` has been called; beside `pages/` Streamlit would
then take the folder for its old way of declaring pages.
"""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "app.py"), run_name="__main__")
