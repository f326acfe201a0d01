"""Imports everything that a service imports: what the processes of tests/forked.py are forked from."""

from app import create_app
from tests.conftest import settings

create_app(settings("sqlite://"))
