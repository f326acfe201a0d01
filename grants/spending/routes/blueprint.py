"""The blueprint that the views of spending hang themselves on."""

from flask import Blueprint

bp = Blueprint("spending", "grants.spending.routes")
