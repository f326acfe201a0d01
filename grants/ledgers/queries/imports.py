"""Ledgers, remembered layouts, files in waiting, imports and what became of their rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, undefer

from core.db import db
from core.errors import NotFound
from grants.ledgers.models import (
    FinanceLedger,
    LedgerImport,
    LedgerLayout,
    LedgerLine,
    Outcome,
    UnimportedRow,
    WaitingExtract,
)
from grants.ledgers.rules import Layout, ParsedLine, RawTable, guess_layout, signature_of
from grants.ledgers.rules.repeats import Content, Key, KnownLine, SortedLines, key_of, sort_lines
from organisation.accounts.models import Account
