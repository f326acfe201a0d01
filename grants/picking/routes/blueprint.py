"""The blueprint that the views of choosing lots hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("picking", "grants.picking.routes")
