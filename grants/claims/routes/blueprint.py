"""The blueprint that every view of claims is added to."""

from flask import Blueprint

bp = Blueprint("claims", "grants.claims.routes", url_prefix="/claims")
