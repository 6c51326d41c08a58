"""The gate: who may look, and who may change. No Streamlit here; server.py puts it before the app.

`visitor(headers)` and `role(headers)` tell a screen who is looking (in ui: `access.role()`).
"""

from __future__ import annotations

from qmg_dash.gate.mark import ROLES, Role, Visitor, on, role, visitor

__all__ = ["ROLES", "Role", "Visitor", "on", "role", "visitor"]
