"""What the name of a column says about its role.

Finance systems name the same thing in a hundred ways (``TransNo``, ``Document No``, ``Voucher Number``)
and people misspell them. A heading becomes a set of plain words; a table of word sets gives each role a
weight for it. The name alone never decides: the content of the column must agree (``guessing``).
"""

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache

from grants.ledgers.rules.roles import Role

_WRITTEN_OUT = {
    "number": "no num nbr nr nos",
    "transaction": "trans trn txn transactions",
    "amount": "amt value sum",
    "description": "desc descr",
    "invoice": "inv invoices",
    "reference": "ref refno",
    "organisation": "org",
    "document": "doc docnumber",
    "sequence": "seq",
    "supplier": "supp suppliers",
    "vendor": "vend vendors",
    "account": "acc acct",
    "department": "dept",
    "excluding": "exc excl ex exvat",
    "including": "inc incl",
    "centre": "center cc",
    "vat": "tax",
    "order": "po",
    "credit": "crn cr",
    "debit": "dr",
    "irrecoverable": "irrec",
    "project": "proj",
    "journal": "jnl",
    "narrative": "narr",
    "payment": "pymt paymt",
    "quantity": "qty",
    "id": "identifier",
    "detail": "details",
}
_ABBREVIATIONS = {short: word for word, shorts in _WRITTEN_OUT.items() for short in shorts.split()}


@dataclass(frozen=True, slots=True)
class _Naming:
    """Words that name a role, words that forbid it, and how surely."""

    role: Role
    weight: int
    needs: frozenset[str]
    never: frozenset[str]


def _namings(role: Role, never: str, **weighted: str) -> list[_Naming]:
    """Spell namings as ``_90="word word|word"``."""
    return [
        _Naming(role, int(weight[1:]), frozenset(words.split()), frozenset(never.split()))
        for weight, phrases in weighted.items()
        for words in phrases.split("|")
    ]


_NAMINGS = (
    *_namings(
        Role.TRANSACTION,
        "date type amount total supplier vendor purchase credit card description line cost status category period",
        _100="transaction number|transaction id|transaction identifier",
        _95="document number|transno|voucher number|transaction reference",
        _90="journal number|voucher|entry number|journal id|posting number|journal reference",
        _85="document reference|document id|transaction code",
        _70="journal|payment number|payment reference|document|transaction",
        _45="reference number|unique reference|record number",
    ),
    *_namings(
        Role.LINE,
        "amount description date manager total detail type code",
        _100="line number|sequence number|transaction line|distribution number|document line",
        _85="line|sequence|distribution|split number|seqno|lineno",
    ),
    *_namings(
        Role.DATE,
        "due order updated number period created",
        _100="transaction date|posting date|accounting date|posted date|gl date",
        _90="payment date|paid date|effective date|ledger date|journal date|clearing date",
        _85="date|document date",
        _80="invoice date",
    ),
    *_namings(Role.DATE, "due order number", _60="updated|posted|paid", _50="created date"),
    *_namings(Role.PERIOD, "date amount", _90="period", _70="fiscal month|financial month", _50="month"),
    *_namings(
        Role.SUPPLIER,
        "id number code type category reference date amount vat invoice group postcode address",
        _100="supplier name|vendor name|creditor name|payee name",
        _90="supplier|vendor|payee",
        _80="beneficiary|creditor|merchant name|recipient|contractor",
        _60="company name|merchant",
    ),
    *_namings(
        Role.SUPPLIER_CODE,
        "vat date amount name invoice",
        _100="supplier id|supplier number|supplier code|vendor id|vendor number|vendor code",
        _95="creditor number|creditor id",
    ),
    *_namings(
        Role.REFERENCE,
        "date amount total transaction line order vat type journal voucher document credit net gross",
        _100="invoice number|supplier invoice|invoice reference|invoice id",
        _85="external reference|supplier reference|vendor reference",
        _75="invoice",
        _70="reference",
    ),
    *_namings(
        Role.ORDER,
        "date amount line description total status",
        _100="purchase order|order number",
        _80="order",
    ),
    *_namings(
        Role.DESCRIPTION,
        "code number amount id date type",
        _90="description|narrative",
        _80="purpose|narration|particulars",
        _70="detail|expenditure category|procurement category",
        _65="merchant category|category|subjective|cipfsubj|cipfsubs",
    ),
    *_namings(Role.DESCRIPTION, "code number amount id date", _60="expense type|expenditure type|expense detail"),
    *_namings(
        Role.NET,
        "budget variance order total balance gross vat forecast date quantity rate",
        _90="line amount",
        _80="actual|amount",
        _60="spend|expenditure amount|cost amount|payment amount",
    ),
    *_namings(
        Role.NET,
        "budget variance order gross date",
        _100="net amount|amount excluding vat|amount excluding|excluding vat|net total",
    ),
    *_namings(Role.NET, "budget variance order gross date profit", _95="net"),
    *_namings(Role.NET, "budget variance order vat date quantity invoice", _45="total amount|total"),
    *_namings(
        Role.VAT,
        "excluding including net gross code rate registration number irrecoverable type status",
        _100="vat amount",
        _90="vat",
    ),
    *_namings(Role.VAT_WITHIN_NET, "net code rate gross excluding including", _100="irrecoverable vat"),
    *_namings(
        Role.GROSS,
        "budget variance order net irrecoverable invoice",
        _100="gross amount|amount including vat|amount including|including vat",
        _95="gross",
    ),
    *_namings(Role.DEBIT, "note card indicator balance type", _100="debit amount", _95="debit"),
    *_namings(Role.CREDIT, "note card indicator balance type terms invoice", _100="credit amount", _95="credit"),
    *_namings(
        Role.COST_CENTRE,
        "project date amount type",
        _100="cost centre",
        _90="costcentre|costc|costcentr",
        _60="responsible unit|department|directorate|organisational unit|strgrpcc",
        _50="service area|service|expense area|division|business unit",
    ),
    *_namings(
        Role.PROJECT,
        "date amount manager status",
        _105="project code",
        _100="project|project number|wbs",
        _60="grant|fund|activity code",
    ),
    *_namings(
        Role.ACCOUNT_CODE,
        "description name type supplier vendor date amount bank cost",
        _100="account code|gl code|nominal code|gl account|ledger code",
        _95="subjective code|nominal|expense code|expenditure code|detail code",
        _80="cipfa code|account number|natural account",
        _70="account|ledger account",
        _50="category code",
    ),
    *_namings(Role.ACCOUNT_CODE, "description name centre center", _95="cost element"),
    *_namings(
        Role.TYPE,
        "description code expense expenditure detail date amount number supplier",
        _100="invoice credit|document type|transaction type",
        _70="type|capital revenue|card transaction",
    ),
    *_namings(Role.TYPE, "amount date value", _85="debit credit|d c|dc|dc indicator|s h"),
)
_VOCABULARY = sorted({word for naming in _NAMINGS for word in naming.needs | naming.never} - {"wbs"})
_SHORTEST_CORRECTED = 5


@lru_cache(maxsize=4096)
def heading_words(heading: str) -> tuple[str, ...]:
    """Turn a heading into plain lower-case words, abbreviations written out and misspellings corrected.

    ``TransNo`` gives transaction, number; ``G/L Description`` gives gl, description. Agresso marks the text
    of a code by ``(T)``: ``Supplier ID(T)`` is a name, so its id is dropped.
    """
    text = heading.strip()
    is_text_of_code = text.endswith("(T)")
    text = re.sub(r"(?i)\bg\s*/\s*l\b", "gl", text.removesuffix("(T)"))
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    words = [_ABBREVIATIONS.get(word, word) for word in re.findall(r"[a-z0-9]+", text.lower())]
    if is_text_of_code:
        words = [word for word in words if word not in ("id", "code", "number")]
    return tuple(_corrected(word) for word in words)


def _corrected(word: str) -> str:
    """Replace a misspelt word by the known one it resembles."""
    if len(word) < _SHORTEST_CORRECTED or word in _VOCABULARY or not word.isalpha():
        return word
    near = difflib.get_close_matches(word, _VOCABULARY, n=1, cutoff=0.84)
    return near[0] if near and len(near[0]) >= _SHORTEST_CORRECTED else word


@lru_cache(maxsize=4096)
def role_weights(heading: str) -> tuple[tuple[Role, int], ...]:
    """Give every role a heading may name with its weight, from 1 to 110, the surest first.

    Words the naming does not explain lower the weight a little, so ``Supplier`` beats ``Supplier group``.
    """
    words = frozenset(heading_words(heading))
    best: dict[Role, int] = {}
    for naming in _NAMINGS:
        if naming.needs <= words and not naming.never & words:
            weight = naming.weight + 2 * len(naming.needs) - 3 * min(len(words - naming.needs), 4)
            best[naming.role] = max(best.get(naming.role, 0), weight)
    return tuple(sorted(best.items(), key=lambda found: (-found[1], found[0])))


def is_unknown(heading: str) -> bool:
    """Say whether no word of a heading is one that finance systems use in headings."""
    return not any(word in _VOCABULARY for word in heading_words(heading))


def recognised_role(heading: str) -> Role:
    """Give the role a heading most surely names, or ``OTHER``."""
    weights = role_weights(heading)
    return weights[0][0] if weights else Role.OTHER
