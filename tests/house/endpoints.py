"""Who may use each endpoint, and where a record to try it with is found: the table that the walks go by.

Written by hand, apart from what the views declare, so that a wrong declaration and a wrong table must agree
before either is missed. An endpoint without a row here fails the walk with its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import current_app
from sqlalchemy import Connection, select, text

from audit.makings import commands as making_commands
from audit.makings import services as makings
from audit.trail.queries import Asked
from audit.trail.report import filters_of, freeze_extract
from core.access import Actor, Role
from core.dates import local_day
from core.db import db, now, transaction
from core.figures import FileKind
from core.figures.answers import data_cut_off, issued
from core.figures.storing import text_of
from core.periods import named
from core.trail import Log, checkpoints
from demonstration import people
from grants.bids.pdf import file_of as bid_file
from grants.bids.report import freeze_bid
from grants.evidence import services as evidence
from grants.evidence.rules import Proof, RecordKind, checked_file
from grants.ledgers import services as ledgers
from grants.published.report import propose
from grants.published.rules import Plan, Times
from grants.published.services import publish_usage
from inventory.closures.services import send_back
from inventory.cupboard.services import print_sheet
from inventory.deliveries.models import Delivery
from inventory.recalls import services as recalls
from inventory.recalls.rules import FoundLot, RecallKind, Remedy
from inventory.usage.pdf import file_of as usage_file
from inventory.usage.report import freeze_usage
from organisation.accounts import queries as accounts_read
from organisation.accounts import services as accounts
from organisation.accounts.models import Account
from tests.factories import submission

PEOPLE = {role: name for name, _, role, _ in reversed(people.ACCOUNTS)}
"""Role → the first person of the demonstration who holds it."""

EVERYBODY = frozenset(Role)
SERGEANT, PARTNER, STOREKEEPER, APPROVER = Role.SERGEANT, Role.PARTNER, Role.STOREKEEPER, Role.APPROVER
GRANT_OFFICER, AUDITOR, ADMINISTRATOR = Role.GRANT_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR
MONEY = frozenset({GRANT_OFFICER, Role.BUDGET_HOLDER, Role.CHIEF_FINANCE_OFFICER, AUDITOR})
STATIONS = frozenset({SERGEANT, PARTNER})
STOCK = EVERYBODY - {ADMINISTRATOR}


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


@dataclass(frozen=True)
class Endpoint:
    """Who may use an endpoint and how it is tried.

    Attributes:
        who: roles that may use it; None when no sign-in is needed.
        rows: SQL for records to try it with; its columns are the arguments of the address, and ``place_id`` and
            ``account_id`` say at whose place or for which account a row is one's own.
        asks: whether the columns of ``rows`` stand after the question mark.
    """

    who: frozenset[Role] | None
    rows: str = ""
    asks: bool = False


BAGS = """SELECT bag.tag, bag_position.place_id FROM bag JOIN bag_position ON bag_position.bag_id = bag.id
    JOIN place ON place.id = bag_position.place_id WHERE place.kind NOT IN ('issued', 'in transit') ORDER BY bag.id"""
ISSUES = "SELECT slip, place_id FROM issue ORDER BY id DESC"
ISSUED_BAGS = "SELECT bag.tag FROM bag JOIN issue ON issue.bag_id = bag.id ORDER BY issue.id DESC"
PLACES = """SELECT code AS place_code, id AS place_id FROM place
    WHERE kind NOT IN ('in transit', 'go bag') AND opened_on IS NOT NULL ORDER BY id"""
HAVE_BAGS = """SELECT DISTINCT place.code AS place_code, place.id AS place_id FROM place
    JOIN bag_position ON bag_position.place_id = place.id WHERE place.kind NOT IN ('issued', 'in transit')
    ORDER BY place.id"""
STORES = PLACES.replace("ORDER BY", "AND kind = 'store' ORDER BY")
OPEN_PLACES = PLACES.replace("place_code", "code")
SENT_BY_CLOSING = """SELECT posting.document AS reference, transit.destination_id AS place_id FROM posting
    JOIN move ON move.posting_id = posting.id JOIN place transit ON transit.id = move.to_place_id
    WHERE posting.document LIKE 'SB-%' AND posting.kind = 'dispatch' ORDER BY posting.id"""
CODES_OF_PLACES = "SELECT code FROM place WHERE kind = 'hub' ORDER BY id"
DELIVERIES = "SELECT reference, place_id FROM delivery ORDER BY id"
REQUESTS = """SELECT reference, place_id FROM restock_request
    UNION ALL SELECT reference, supplied_by_id FROM restock_request ORDER BY 1 DESC"""
ASKED = "SELECT reference, place_id FROM restock_request ORDER BY state = 'asked' DESC, id DESC"
OWN_REQUESTS = """SELECT reference, place_id, requested_by_id AS account_id FROM restock_request
    ORDER BY state = 'asked' DESC, id DESC"""
AT_STORE = "SELECT reference, supplied_by_id AS place_id FROM restock_request ORDER BY state = 'approved' DESC, id DESC"
DISPATCHES = """SELECT dispatch.reference, restock_request.place_id FROM dispatch
    JOIN restock_request ON restock_request.id = dispatch.request_id ORDER BY dispatch.id DESC"""
SHORT_LINES = """SELECT dispatch.reference, 1 + (
        SELECT count(*) FROM dispatch_line earlier
        WHERE earlier.dispatch_id = dispatch.id AND earlier.id < dispatch_line.id) AS number,
        restock_request.supplied_by_id AS place_id
    FROM receipt_line JOIN dispatch_line ON dispatch_line.id = receipt_line.dispatch_line_id
    JOIN dispatch ON dispatch.id = dispatch_line.dispatch_id
    JOIN restock_request ON restock_request.id = dispatch.request_id
    WHERE receipt_line.short_count > 0 ORDER BY receipt_line.id DESC"""
COUNTS = "SELECT reference, place_id FROM stock_count ORDER BY id DESC"
COUNT_LINES = """SELECT stock_count.reference, count_line.position, stock_count.place_id FROM count_line
    JOIN stock_count ON stock_count.id = count_line.count_id WHERE count_line.note_id IS NULL
    ORDER BY stock_count.id DESC, count_line.position"""
COUNT_RESULTS = """SELECT stock_count.reference, count_line.position, stock_count.place_id FROM count_result
    JOIN count_line ON count_line.id = count_result.line_id
    JOIN stock_count ON stock_count.id = count_line.count_id ORDER BY count_result.id DESC"""
UNMET = "SELECT id AS entry_id, place_id FROM unmet_need ORDER BY id DESC"
PAR_THINGS = """SELECT place.code AS place_code, 'bag:' || kit_recipe.code AS thing, place.id AS place_id FROM par_level
    JOIN place ON place.id = par_level.place_id JOIN kit_recipe ON kit_recipe.id = par_level.recipe_id
    ORDER BY par_level.id"""
SHEETS = "SELECT reference, place_id FROM cupboard_sheet ORDER BY id"
HANDOVERS = "SELECT reference, place_id FROM handover ORDER BY id DESC"
ITEMS = "SELECT code FROM item WHERE kind = 'booklet' ORDER BY code"
RECIPES = "SELECT code FROM kit_recipe ORDER BY id"
ACCOUNTS = "SELECT reference FROM account ORDER BY id"
ROLES = """SELECT account.reference, role_held.id AS role_id FROM role_held
    JOIN account ON account.id = role_held.account_id WHERE role_held.place_id IS NOT NULL ORDER BY role_held.id"""
AWARDS = "SELECT code AS award_code FROM award ORDER BY id DESC"
CLAIM_LINES = """SELECT claim.reference, grant_line.code AS line_code FROM claim
    JOIN grant_line ON grant_line.award_id = claim.award_id ORDER BY claim.id DESC"""
CONDITIONS = """SELECT award.code AS award_code, award_condition.id AS condition_id FROM award_condition
    JOIN award ON award.id = award_condition.award_id ORDER BY award_condition.id"""
DIFFERING_ROWS = """SELECT reference AS row_reference FROM spending_row
    WHERE kind = 'goods' AND id NOT IN (SELECT row_id FROM billed_delivery) ORDER BY id DESC"""
GRANT_LINES = """SELECT award.code AS award_code, grant_line.code AS line_code FROM grant_line
    JOIN award ON award.id = grant_line.award_id ORDER BY grant_line.id DESC"""
LOTS = "SELECT code AS lot_code FROM lot ORDER BY id"
LOTS_BY_PLACE = """SELECT lot.code AS lot_code, coalesce(place.destination_id, place.id) AS place_id
    FROM lot JOIN move ON move.lot_id = lot.id
    JOIN (SELECT posting_id, from_place_id AS place_id FROM move UNION SELECT posting_id, to_place_id FROM move
        UNION SELECT posting_id, from_place_id FROM bag_move UNION SELECT posting_id, to_place_id FROM bag_move) ends
        ON ends.posting_id = move.posting_id
    JOIN place ON place.id = ends.place_id
    WHERE place.kind = 'in transit' OR (place.opened_on IS NOT NULL AND place.kind <> 'go bag')
    UNION SELECT lot.code, coalesce(place.destination_id, place.id) FROM lot JOIN balance ON balance.lot_id = lot.id
    JOIN bag ON bag.place_id = balance.place_id JOIN bag_position ON bag_position.bag_id = bag.id
    JOIN place ON place.id = bag_position.place_id WHERE balance.unit_count > 0 ORDER BY 1"""
UNITS = """SELECT serial_unit.id AS unit_id, coalesce(bag_position.place_id, unit_position.place_id) AS place_id
    FROM serial_unit JOIN unit_position ON unit_position.unit_id = serial_unit.id
    LEFT JOIN bag ON bag.place_id = unit_position.place_id LEFT JOIN bag_position ON bag_position.bag_id = bag.id
    JOIN place ON place.id = coalesce(bag_position.place_id, unit_position.place_id)
    WHERE place.kind NOT IN ('issued', 'in transit', 'written off', 'lost and found') ORDER BY serial_unit.id"""
HANDSETS, SIMS = (
    UNITS.replace("WHERE place.kind", f"WHERE serial_unit.number_kind = '{kind}' AND place.kind")
    for kind in ("imei", "iccid")
)
SIDES = UNITS.replace("AS unit_id,", "AS unit_id, 'handset' AS side,")
OPERATORS = "SELECT code FROM phone_operator ORDER BY id"
SIM_USES = "SELECT id AS use_id, place_id FROM sim_use ORDER BY id"
PAPERS = """SELECT evidence.reference, delivery.place_id FROM evidence
    JOIN delivery ON delivery.reference = evidence.record_reference ORDER BY evidence.id"""
DELIVERY_PAPERS = "SELECT 'delivery' AS kind, reference, place_id FROM delivery ORDER BY id"
INVOICES = "SELECT reference FROM supplier_invoice ORDER BY id DESC"
SPENDING = "SELECT reference AS row_reference FROM spending_row ORDER BY id DESC"
GOODS = """SELECT reference AS row_reference FROM spending_row
    WHERE item_id IS NOT NULL AND invoice_id IS NOT NULL AND kind = 'goods' ORDER BY id DESC"""
APPORTIONMENTS = """SELECT spending_row.reference AS row_reference, apportionment.id AS apportionment_id
    FROM apportionment JOIN spending_row ON spending_row.id = apportionment.row_id ORDER BY apportionment.id DESC"""
LINKS = """SELECT spending_row.reference AS row_reference, billed_delivery.id AS link_id
    FROM billed_delivery JOIN spending_row ON spending_row.id = billed_delivery.row_id ORDER BY billed_delivery.id"""
ORDERS = "SELECT reference FROM purchase_order ORDER BY id"
ORDER_LINES = """SELECT purchase_order.reference, order_line.position FROM order_line
    JOIN purchase_order ON purchase_order.id = order_line.order_id ORDER BY order_line.id DESC"""
BIDS = "SELECT reference FROM issued_report WHERE sort = 'bid' AND frozen_json IS NOT NULL ORDER BY id"
ISSUED_REPORTS = "SELECT reference FROM issued_report WHERE frozen_json IS NOT NULL ORDER BY id"
LEDGERS = "SELECT code AS ledger_code FROM finance_ledger ORDER BY id"
LEDGER_LINES = "SELECT 'L-' || ledger_line.id AS line_name FROM ledger_line ORDER BY id DESC"
UNMATCHED_LINES = """SELECT 'L-' || ledger_line.id AS line_name FROM ledger_line
    WHERE id NOT IN (SELECT line_id FROM ledger_match) ORDER BY id"""
IMPORTS = "SELECT reference FROM ledger_import ORDER BY id"
MATCHES = "SELECT reference FROM ledger_match ORDER BY id"
UPLOADS = """SELECT finance_ledger.code AS ledger_code, waiting_extract.slip, waiting_extract.account_id
    FROM waiting_extract JOIN finance_ledger ON finance_ledger.id = waiting_extract.ledger_id"""
CHANGES = """SELECT log, sequence FROM log_entry WHERE log = 'changes' ORDER BY sequence DESC"""
SIGNED_CHANGES = """SELECT log, sequence FROM log_entry WHERE log = 'changes'
    AND sequence <= (SELECT max(size) FROM checkpoint) ORDER BY sequence DESC"""
OPEN_ACTIONS = """SELECT id AS action_id FROM partnership_action
    WHERE id NOT IN (SELECT action_id FROM partnership_action_done) ORDER BY id"""
RELEASES = "SELECT reference FROM usage_release ORDER BY id"
CLAIMS = "SELECT reference FROM claim ORDER BY id DESC"
ESTIMATES = """SELECT claim.reference, claim_estimate.subject FROM claim_estimate
    JOIN claim ON claim.id = claim_estimate.claim_id WHERE claim.state = 'draft' ORDER BY claim_estimate.id DESC"""
WAIVED = """SELECT claim.reference, claim_waiver.finding_key FROM claim_waiver
    JOIN claim ON claim.id = claim_waiver.claim_id WHERE claim.state = 'draft' ORDER BY claim_waiver.id DESC"""
RECONCILED = "SELECT code AS award_code, starts_on AS first FROM award ORDER BY id"
RECONCILED_LINES = """SELECT award.code AS award_code, award.starts_on AS first, grant_line.code AS line_code
    FROM grant_line JOIN award ON award.id = grant_line.award_id ORDER BY grant_line.id"""
LOSSES = """SELECT move.posting_id FROM move JOIN place ON place.id = move.to_place_id
    WHERE place.kind IN ('written off', 'lost and found') AND move.corrects_id IS NULL ORDER BY move.id DESC"""
DEPUTIES = """SELECT account.reference, deputy.id AS deputy_id FROM deputy
    JOIN account ON account.id = deputy.absent_id"""

CARD_LOTS = f"""SELECT held.lot_code, held.place_id FROM ({LOTS_BY_PLACE}) held JOIN lot ON lot.code = held.lot_code
    JOIN item ON item.id = lot.item_id WHERE item.kind = 'security card' ORDER BY lot.id"""
CARD_RANGES = f"""SELECT card_range.reference, held.place_id FROM ({LOTS_BY_PLACE}) held
    JOIN lot ON lot.code = held.lot_code JOIN card_range ON card_range.lot_id = lot.id ORDER BY card_range.id"""
LOOSE_LOTS = """SELECT place.code AS place_code, lot.code AS lot_code, place.id AS place_id FROM balance
    JOIN lot ON lot.id = balance.lot_id JOIN place ON place.id = balance.place_id
    WHERE place.opened_on IS NOT NULL AND place.kind <> 'go bag' ORDER BY lot.id"""
RECALLS = "SELECT reference FROM recall ORDER BY id DESC"
RECALLS_AT_PLACES = """SELECT recall.reference, place.code AS place_code, place.id AS place_id FROM recall, place
    WHERE place.kind IN ('store', 'custody', 'response base', 'hub', 'partner site')
    ORDER BY recall.id DESC, place.id"""
RECALLED_BAGS = BAGS.replace("SELECT ", "SELECT (SELECT max(reference) FROM recall) AS reference, ", 1)
SENT_BACK = "SELECT id AS answer_id, sent_to_id AS place_id FROM recall_answer WHERE sent_to_id IS NOT NULL ORDER BY id"

MAKINGS = "SELECT reference, account_id FROM making ORDER BY id"
SAMPLES = "SELECT reference FROM audit_sample ORDER BY id"
SAMPLE_ROWS = """SELECT audit_sample.reference, sample_row.position FROM sample_row
    JOIN audit_sample ON audit_sample.id = sample_row.sample_id ORDER BY sample_row.id"""

QUESTIONS = "SELECT reference, place_id FROM question WHERE place_id IS NOT NULL ORDER BY id"

_KEEPERS = _only(GRANT_OFFICER)
_CUPBOARDS = STATIONS | {STOREKEEPER}
_COUNTERS = _CUPBOARDS | {APPROVER}
_STORE = _only(STOREKEEPER)
_OPERATORS = _only(STOREKEEPER, ADMINISTRATOR)
_PARS = _only(STOREKEEPER, APPROVER)
_ADMINISTRATOR = _only(ADMINISTRATOR)
_AUDITOR = _only(AUDITOR)
_SHEETS = _only(STOREKEEPER, APPROVER, ADMINISTRATOR)
_ASKED = _CUPBOARDS | _KEEPERS
_SUPPLIERS = _only(STOREKEEPER, GRANT_OFFICER)

ENDPOINTS: dict[str, Endpoint] = {
    "accounts.accept": Endpoint(None, "SELECT 'of-nobody' AS key"),
    "accounts.change_password": Endpoint(EVERYBODY),
    "accounts.confirm": Endpoint(EVERYBODY),
    "accounts.disable": Endpoint(_ADMINISTRATOR, ACCOUNTS),
    "accounts.enable": Endpoint(_ADMINISTRATOR, ACCOUNTS),
    "accounts.end_deputy": Endpoint(_ADMINISTRATOR, DEPUTIES),
    "accounts.end_role": Endpoint(_ADMINISTRATOR, ROLES),
    "accounts.give_role": Endpoint(_ADMINISTRATOR, ACCOUNTS),
    "accounts.home": Endpoint(None),
    "accounts.index": Endpoint(_ADMINISTRATOR),
    "accounts.invite": Endpoint(_ADMINISTRATOR),
    "accounts.move": Endpoint(_ADMINISTRATOR, ROLES),
    "accounts.name_deputy": Endpoint(_ADMINISTRATOR, ACCOUNTS),
    "accounts.own": Endpoint(EVERYBODY),
    "accounts.pages": Endpoint(EVERYBODY),
    "accounts.reset": Endpoint(_ADMINISTRATOR, ACCOUNTS),
    "accounts.show": Endpoint(_ADMINISTRATOR, ACCOUNTS),
    "accounts.sign_in": Endpoint(None),
    "accounts.sign_out": Endpoint(None),
    "auditor.check": Endpoint(_AUDITOR),
    "auditor.home": Endpoint(_AUDITOR),
    "awards.add_condition": Endpoint(_KEEPERS, AWARDS),
    "awards.add_line": Endpoint(_KEEPERS, AWARDS),
    "awards.amend": Endpoint(_KEEPERS, AWARDS),
    "awards.change_budget": Endpoint(_KEEPERS, AWARDS),
    "awards.correct_line": Endpoint(_KEEPERS, GRANT_LINES),
    "awards.index": Endpoint(MONEY),
    "awards.record": Endpoint(_KEEPERS),
    "awards.show": Endpoint(MONEY, AWARDS),
    "awards.withdraw_condition": Endpoint(_KEEPERS, CONDITIONS),
    "bags.find": Endpoint(STATIONS),
    "bags.hand_back": Endpoint(STATIONS | _STORE, BAGS),
    "bags.index": Endpoint(STOCK),
    "bags.issue": Endpoint(STATIONS, BAGS),
    "bags.issues": Endpoint(STOCK),
    "bags.label": Endpoint(STOCK, BAGS),
    "bags.labels": Endpoint(STOCK, BAGS, asks=True),
    "bags.retire": Endpoint(_STORE, BAGS),
    "bags.show": Endpoint(STOCK, BAGS),
    "bags.slip": Endpoint(STOCK, ISSUES),
    "bags.take_out": Endpoint(STATIONS | _STORE, BAGS),
    "bags.top_up": Endpoint(STATIONS | _STORE, BAGS),
    "bags.undo": Endpoint(STATIONS | _STORE, ISSUES),
    "cards.record": Endpoint(_STORE, CARD_LOTS),
    "cards.show": Endpoint(STOCK, CARD_LOTS),
    "cards.take_back": Endpoint(_STORE, CARD_RANGES),
    "catalogue.add": Endpoint(_STORE),
    "catalogue.index": Endpoint(STOCK),
    "catalogue.publish_edition": Endpoint(_STORE, ITEMS),
    "catalogue.recipe": Endpoint(STOCK, RECIPES),
    "catalogue.recipes": Endpoint(STOCK),
    "catalogue.retire": Endpoint(_STORE, ITEMS),
    "catalogue.show": Endpoint(STOCK, ITEMS),
    "catalogue.write_recipe": Endpoint(_STORE, RECIPES),
    "bids.download": Endpoint(MONEY, "SELECT 'csv' AS kind"),
    "bids.index": Endpoint(MONEY),
    "bids.record_award": Endpoint(_KEEPERS, BIDS),
    "bids.sent": Endpoint(MONEY, BIDS),
    "bids.show": Endpoint(MONEY),
    "claims.accrue": Endpoint(_KEEPERS, ESTIMATES),
    "claims.accrue_all": Endpoint(_KEEPERS, CLAIMS),
    "claims.accrue_work": Endpoint(_KEEPERS, CLAIMS),
    "claims.answer": Endpoint(_KEEPERS, CLAIMS),
    "claims.certify": Endpoint(_only(Role.CHIEF_FINANCE_OFFICER), CLAIMS),
    "claims.download": Endpoint(MONEY, "SELECT reference, 'csv' AS kind FROM claim ORDER BY id DESC"),
    "claims.forecast": Endpoint(_KEEPERS, CLAIMS),
    "claims.index": Endpoint(MONEY),
    "claims.line": Endpoint(MONEY, GRANT_LINES),
    "claims.open_claim": Endpoint(_KEEPERS, AWARDS),
    "claims.pay": Endpoint(_KEEPERS, CLAIMS),
    "claims.prepare": Endpoint(_KEEPERS, CLAIMS),
    "claims.query": Endpoint(_KEEPERS, CLAIMS),
    "claims.review": Endpoint(_only(Role.BUDGET_HOLDER), CLAIMS),
    "claims.rows": Endpoint(MONEY, CLAIM_LINES),
    "claims.send_back": Endpoint(MONEY - {AUDITOR}, CLAIMS),
    "claims.show": Endpoint(MONEY, CLAIMS),
    "claims.submit": Endpoint(_KEEPERS, CLAIMS),
    "claims.waive": Endpoint(_KEEPERS, WAIVED),
    "closures.close": Endpoint(_ADMINISTRATOR, CODES_OF_PLACES),
    "closures.count_in": Endpoint(_STORE, SENT_BY_CLOSING),
    "closures.send_back": Endpoint(STATIONS | _STORE, OPEN_PLACES),
    "closing.close": Endpoint(_only(Role.CHIEF_FINANCE_OFFICER), AWARDS),
    "closing.download": Endpoint(MONEY, "SELECT code AS award_code, 'csv' AS kind FROM award ORDER BY id"),
    "closing.hold": Endpoint(_only(Role.CHIEF_FINANCE_OFFICER), AWARDS),
    "closing.lift_hold": Endpoint(_only(Role.CHIEF_FINANCE_OFFICER), AWARDS),
    "closing.reopen": Endpoint(_only(Role.CHIEF_FINANCE_OFFICER), AWARDS),
    "closing.repay": Endpoint(_KEEPERS, AWARDS),
    "closing.show": Endpoint(MONEY, AWARDS),
    "counts.abandon": Endpoint(_COUNTERS, COUNTS),
    "counts.add": Endpoint(_COUNTERS, COUNTS),
    "counts.again": Endpoint(_only(APPROVER), COUNTS),
    "counts.approve": Endpoint(_only(APPROVER), COUNTS),
    "counts.describe": Endpoint(_COUNTERS, COUNTS),
    "counts.finish": Endpoint(_COUNTERS, COUNTS),
    "counts.hand_over": Endpoint(_CUPBOARDS),
    "counts.handover": Endpoint(STOCK, HANDOVERS),
    "counts.handovers": Endpoint(STOCK),
    "counts.index": Endpoint(STOCK),
    "counts.see": Endpoint(_COUNTERS, COUNT_LINES),
    "counts.setting": Endpoint(_only(APPROVER), PLACES),
    "counts.show": Endpoint(STOCK, COUNTS),
    "counts.sign": Endpoint(_CUPBOARDS, HANDOVERS),
    "counts.start": Endpoint(_COUNTERS),
    "counts.take_back": Endpoint(_only(APPROVER), COUNT_RESULTS),
    "cupboard.key": Endpoint(STATIONS, SHEETS),
    "cupboard.paper": Endpoint(STOCK, SHEETS),
    "cupboard.print_sheet": Endpoint(STATIONS, PLACES),
    "cupboard.sheets": Endpoint(STOCK, PLACES),
    "cupboard.write_off": Endpoint(STATIONS, SHEETS),
    "deliveries.index": Endpoint(STOCK),
    "deliveries.opening_stock": Endpoint(_STORE),
    "deliveries.receive": Endpoint(_STORE),
    "deliveries.show": Endpoint(STOCK, DELIVERIES),
    "desk.station": Endpoint(STOCK, PLACES),
    "desk.store": Endpoint(STOCK, STORES),
    "editions.cover": Endpoint(STOCK),
    "editions.index": Endpoint(STOCK),
    "evidence.file": Endpoint(MONEY | _STORE, PAPERS),
    "evidence.keep": Endpoint(_KEEPERS | _STORE, DELIVERY_PAPERS),
    "evidence.missing": Endpoint(MONEY),
    "evidence.papers": Endpoint(MONEY | _STORE, DELIVERY_PAPERS),
    "evidence.set_aside": Endpoint(_KEEPERS, PAPERS),
    "exceptions.index": Endpoint(_AUDITOR),
    "exposure.download": Endpoint(MONEY, AWARDS.replace(" FROM", ", 'csv' AS kind FROM")),
    "exposure.show": Endpoint(MONEY, AWARDS),
    "expiry.index": Endpoint(STOCK),
    "expiry.write_off": Endpoint(_CUPBOARDS, LOOSE_LOTS),
    "finding.show": Endpoint(STOCK),
    "issued.again": Endpoint(MONEY, ISSUED_REPORTS.replace("reference", "reference, 'csv' AS kind", 1)),
    "issued.index": Endpoint(MONEY),
    "issued.prove": Endpoint(MONEY, ISSUED_REPORTS),
    "issued.show": Endpoint(MONEY, ISSUED_REPORTS),
    "issued.verify": Endpoint(None),
    "issued.verify_reference": Endpoint(None, ISSUED_REPORTS),
    "labels.ask": Endpoint(STOCK),
    "labels.sheet": Endpoint(STOCK, f"SELECT *, 'bags' AS kind FROM ({HAVE_BAGS}) AS here"),
    "ledgers.accept": Endpoint(_KEEPERS, LEDGER_LINES),
    "ledgers.add": Endpoint(_KEEPERS),
    "ledgers.columns": Endpoint(_KEEPERS, UPLOADS),
    "ledgers.desk": Endpoint(MONEY, LEDGERS),
    "ledgers.discard": Endpoint(_KEEPERS, UPLOADS),
    "ledgers.index": Endpoint(MONEY),
    "ledgers.line": Endpoint(MONEY, LEDGER_LINES),
    "ledgers.lines": Endpoint(MONEY, LEDGERS),
    "ledgers.match": Endpoint(_KEEPERS, UNMATCHED_LINES),
    "ledgers.match_all": Endpoint(_KEEPERS, LEDGERS),
    "ledgers.not_imported": Endpoint(MONEY, IMPORTS),
    "ledgers.preview": Endpoint(_KEEPERS, UPLOADS),
    "ledgers.record_spending": Endpoint(_KEEPERS, UNMATCHED_LINES),
    "ledgers.show": Endpoint(MONEY, LEDGERS),
    "ledgers.show_import": Endpoint(MONEY, IMPORTS),
    "ledgers.undo": Endpoint(_KEEPERS, MATCHES),
    "ledgers.upload": Endpoint(_KEEPERS, LEDGERS),
    "makings.cancel": Endpoint(_AUDITOR, MAKINGS),
    "makings.download": Endpoint(_AUDITOR, MAKINGS),
    "makings.index": Endpoint(_AUDITOR),
    "makings.pack": Endpoint(_AUDITOR),
    "makings.show": Endpoint(_AUDITOR, MAKINGS),
    "offline.kept": Endpoint(_COUNTERS | STATIONS),
    "offline.send": Endpoint(_COUNTERS | STATIONS),
    "offline.shell": Endpoint(None),
    "offline.worker": Endpoint(None),
    "packs.checkpoint": Endpoint(_AUDITOR, "SELECT id AS number FROM checkpoint ORDER BY id DESC"),
    "packs.index": Endpoint(_AUDITOR),
    "pars.add": Endpoint(_PARS, PLACES),
    "pars.index": Endpoint(_PARS),
    "pars.show": Endpoint(_PARS, PLACES),
    "pars.answer": Endpoint(_PARS, PAR_THINGS),
    "pars.suggestions": Endpoint(_PARS, PLACES),
    "phones.add_operator": Endpoint(_OPERATORS),
    "phones.change_rule": Endpoint(_OPERATORS, OPERATORS),
    "phones.end": Endpoint(_STORE, SIDES),
    "phones.index": Endpoint(STOCK),
    "phones.operators": Endpoint(_OPERATORS),
    "phones.pair": Endpoint(_CUPBOARDS, SIDES),
    "phones.record": Endpoint(_STORE),
    "phones.reset": Endpoint(_STORE, HANDSETS),
    "phones.texting": Endpoint(_CUPBOARDS, PLACES),
    "phones.undo": Endpoint(_CUPBOARDS, SIM_USES),
    "phones.use": Endpoint(_CUPBOARDS, SIMS),
    "picking.approve": Endpoint(_only(APPROVER), ASKED),
    "picking.dispatch": Endpoint(_STORE, AT_STORE),
    "picking.pack": Endpoint(_STORE, "SELECT 'STORE' AS place, 'ADULT-M' AS recipe, 1 AS count", asks=True),
    "picking.picking_list": Endpoint(_STORE, AT_STORE),
    "partnership.actions": Endpoint(_KEEPERS),
    "partnership.briefings": Endpoint(_KEEPERS),
    "partnership.download": Endpoint(STOCK, "SELECT reference, 'csv' AS kind FROM partnership_pack ORDER BY id"),
    "partnership.finish": Endpoint(_KEEPERS, OPEN_ACTIONS),
    "partnership.issue_pack": Endpoint(_KEEPERS),
    "partnership.pack": Endpoint(STOCK, "SELECT reference FROM partnership_pack ORDER BY id"),
    "partnership.show": Endpoint(STOCK),
    "places.add_body": Endpoint(_ADMINISTRATOR),
    "places.index": Endpoint(_ADMINISTRATOR),
    "places.locate": Endpoint(_ADMINISTRATOR, "SELECT code AS place_code FROM place WHERE kind = 'hub' ORDER BY id"),
    "places.open_place": Endpoint(_ADMINISTRATOR),
    "planted.answers": Endpoint(_only(AUDITOR, ADMINISTRATOR)),
    "position.bag": Endpoint(MONEY, ISSUED_BAGS),
    "position.download_position": Endpoint(MONEY, AWARDS.replace(" FROM", ", 'csv' AS kind FROM")),
    "position.follow": Endpoint(MONEY),
    "position.index": Endpoint(MONEY, AWARDS),
    "position.line": Endpoint(MONEY, GRANT_LINES),
    "position.lot": Endpoint(MONEY, LOTS),
    "published.download": Endpoint(STOCK, RELEASES.replace("reference", "reference, 'csv' AS kind", 1)),
    "published.index": Endpoint(STOCK),
    "published.publish": Endpoint(_KEEPERS),
    "published.show": Endpoint(STOCK, RELEASES),
    "reconciliation.download": Endpoint(MONEY, RECONCILED.replace(" FROM", ", 'csv' AS kind FROM")),
    "reconciliation.index": Endpoint(MONEY),
    "reconciliation.line": Endpoint(MONEY, RECONCILED_LINES),
    "reconciliation.prepare_period": Endpoint(_KEEPERS, RECONCILED),
    "reconciliation.show": Endpoint(MONEY, RECONCILED),
    "reconciliation.sign": Endpoint(_only(Role.BUDGET_HOLDER, Role.CHIEF_FINANCE_OFFICER), RECONCILED),
    "registers.describe": Endpoint(_KEEPERS, SPENDING),
    "registers.dispose": Endpoint(_KEEPERS, SPENDING),
    "registers.download": Endpoint(MONEY, "SELECT 'items' AS register, 'csv' AS kind"),
    "registers.grants": Endpoint(MONEY),
    "registers.grants_package": Endpoint(MONEY),
    "registers.index": Endpoint(MONEY),
    "registers.items": Endpoint(MONEY),
    "registers.losses": Endpoint(MONEY),
    "registers.notice": Endpoint(_KEEPERS, LOSSES),
    "registers.spending_over_500": Endpoint(MONEY),
    "registers.value": Endpoint(_KEEPERS, INVOICES),
    "questions.ask": Endpoint(_AUDITOR, "SELECT 'bag' AS kind, tag AS record FROM bag ORDER BY id"),
    "questions.index": Endpoint(_ASKED | _AUDITOR),
    "questions.show": Endpoint(_ASKED | _AUDITOR, QUESTIONS),
    "recalls.answer": Endpoint(_CUPBOARDS, RECALLS_AT_PLACES),
    "recalls.close": Endpoint(_PARS, RECALLS),
    "recalls.index": Endpoint(STOCK),
    "recalls.make": Endpoint(_PARS),
    "recalls.release": Endpoint(_PARS, RECALLS),
    "recalls.show": Endpoint(STOCK, RECALLS),
    "recalls.take_in": Endpoint(_STORE, SENT_BACK),
    "recalls.take_out": Endpoint(_CUPBOARDS, RECALLED_BAGS),
    "reports.download_statement": Endpoint(MONEY, "SELECT code AS award_code, 'csv' AS kind FROM award ORDER BY id"),
    "reports.index": Endpoint(MONEY),
    "reports.statement": Endpoint(MONEY, AWARDS),
    "requests.ask": Endpoint(STATIONS),
    "requests.cancel": Endpoint(STATIONS, OWN_REQUESTS),
    "requests.drop_rest": Endpoint(_STORE, AT_STORE),
    "requests.inbox": Endpoint(STOCK),
    "requests.index": Endpoint(STOCK),
    "requests.receive": Endpoint(STATIONS, DISPATCHES),
    "requests.refuse": Endpoint(_only(APPROVER), ASKED),
    "requests.settle": Endpoint(_STORE, SHORT_LINES),
    "requests.show": Endpoint(STOCK, REQUESTS),
    "reserve.keep": Endpoint(_PARS, STORES),
    "reserve.release": Endpoint(_only(APPROVER), STORES),
    "reserve.show": Endpoint(STOCK, STORES),
    "samples.check": Endpoint(_AUDITOR, SAMPLE_ROWS),
    "samples.download": Endpoint(_AUDITOR, SAMPLES.replace("reference", "reference, 'csv' AS kind", 1)),
    "samples.draw": Endpoint(_AUDITOR),
    "samples.index": Endpoint(_AUDITOR),
    "samples.show": Endpoint(_AUDITOR, SAMPLES),
    "spending.apportion": Endpoint(_KEEPERS, SPENDING),
    "spending.end_line": Endpoint(_KEEPERS, ORDER_LINES),
    "spending.index": Endpoint(MONEY),
    "spending.link": Endpoint(_KEEPERS, GOODS),
    "spending.open_rows": Endpoint(MONEY),
    "spending.order": Endpoint(MONEY, ORDERS),
    "spending.orders": Endpoint(MONEY),
    "spending.others": Endpoint(MONEY),
    "spending.place_order": Endpoint(_KEEPERS),
    "spending.receive": Endpoint(_STORE, INVOICES),
    "spending.record_invoice": Endpoint(_KEEPERS),
    "spending.record_other": Endpoint(_KEEPERS),
    "spending.reverse": Endpoint(_KEEPERS, APPORTIONMENTS),
    "spending.row": Endpoint(MONEY, SPENDING),
    "spending.show": Endpoint(MONEY, INVOICES),
    "spending.to_receive": Endpoint(MONEY | _STORE),
    "spending.unlink": Endpoint(_KEEPERS, LINKS),
    "spreadsheets.confirm": Endpoint(_SHEETS),
    "spreadsheets.start": Endpoint(_SHEETS),
    "spreadsheets.template": Endpoint(_SHEETS, "SELECT 'opening-stock' AS sort, 'csv' AS kind"),
    "suppliers.add": Endpoint(_SUPPLIERS),
    "suppliers.index": Endpoint(_SUPPLIERS | MONEY),
    "threeway.explain": Endpoint(_KEEPERS, DIFFERING_ROWS),
    "threeway.index": Endpoint(MONEY),
    "timelines.lot": Endpoint(STOCK, LOTS_BY_PLACE),
    "timelines.place": Endpoint(STOCK, PLACES),
    "timelines.unit": Endpoint(STOCK, UNITS),
    "trail.entry": Endpoint(_AUDITOR, CHANGES),
    "trail.index": Endpoint(_AUDITOR),
    "trail.proof": Endpoint(_AUDITOR, SIGNED_CHANGES),
    "trail.record": Endpoint(_AUDITOR),
    "unmet.show": Endpoint(STATIONS, PLACES),
    "unmet.take_back": Endpoint(STATIONS, UNMET),
    "unmet.tap": Endpoint(STATIONS, PLACES),
    "usage.download_usage": Endpoint(MONEY, "SELECT 'csv' AS kind"),
    "usage.show": Endpoint(MONEY),
}
"""Endpoint → who may use it."""


AT_SOME_STATION = {"counts.sign"}
"""Pages of something that the year has at one station only, whose sergeant is not the one who looks at pages."""


@dataclass(frozen=True)
class Record:
    """A record to try an endpoint with: the arguments of its address, and whose it is."""

    arguments: dict[str, Any] = field(default_factory=dict)
    place_id: int | None = None
    account_id: int | None = None

    def is_of(self, places: frozenset[int] | None, account_id: int) -> bool:
        """Say whether somebody with these places (None: every place) and this account may see it."""
        at_home = self.place_id is None or places is None or self.place_id in places
        return at_home and self.account_id in (None, account_id)

    def missing(self) -> Iterator[dict[str, Any]]:
        """Give arguments that name nothing: each of its own in turn replaced by one that looks alike."""
        for name, value in self.arguments.items():
            if name not in CHOSEN:
                yield {**self.arguments, name: _missing_like(value)}


CHOSEN = ("kind", "log", "place", "recipe", "count")
"""Arguments that choose among words of the address, and name no record."""


def _missing_like(value: Any) -> Any:
    if isinstance(value, int):
        return 999_999
    replaced = re.sub(r"\d+", lambda number: "9" * max(5, len(number[0])), value)
    return replaced if replaced != value else f"{value}X"


def records(connection: Connection, endpoint: Endpoint) -> list[Record]:
    """Find records to try an endpoint with, best first; one without arguments when it takes none."""
    if not endpoint.rows:
        return [Record()]
    return [_record(dict(row)) for row in connection.execute(text(endpoint.rows)).mappings()]


def _record(row: dict[str, Any]) -> Record:
    place_id, account_id = row.pop("place_id", None), row.pop("account_id", None)
    return Record(row, place_id, account_id)


def own_and_foreign(
    found: Iterable[Record], places: frozenset[int] | None, account_id: int
) -> tuple[Record | None, Record | None]:
    """Choose the first record that is somebody's own, and the first that is not."""
    listed = list(found)
    own = next((each for each in listed if each.is_of(places, account_id)), None)
    hidden = {tuple(each.arguments.items()) for each in listed if each.is_of(places, account_id)}
    foreign = next((each for each in listed if tuple(each.arguments.items()) not in hidden), None)
    return own, foreign


def add_what_the_year_lacks() -> None:
    """Name a deputy, begin an upload, keep a paper, send a recall back, sign the log, issue and publish a report.

    The demonstration has none of these.
    """
    found = {account.email: account for account in db.session.query(Account)}
    absent, deputy = (found[people.address(name)].reference for name in ("melksham", "trowbridge"))
    today = local_day(now())
    admin, officer = (accounts_read.actor_of(found[people.address(name)].id, on=today) for name in ("admin", "grants"))
    with transaction():
        accounts.name_deputy(absent, deputy, today, today, by=admin, at=now(), submission_id=submission())
    data = b"Transaction,Date,Supplier,Net\nT-1,05/08/2026,Somebody,12.50\n"
    with transaction():
        ledgers.keep_waiting("FORCE-GL", data, "extract.csv", by=officer, at=now(), submission_id=submission())
    _keep_a_paper(officer)
    _issue_reports(officer)
    plan = Plan(date(2026, 7, 1), date(2026, 9, 30), Times.WHOLE, by_language=False, by_recipe=False)
    with transaction():
        at = data_cut_off()
        publish_usage(plan, propose(plan, at=at).digest, known_at=at, by=officer, at=now(), submission_id=submission())
    _send_a_recall_back(found)
    _send_a_place_back(found)
    _print_sheets(found)
    _make_an_extract(found)
    with TemporaryDirectory() as folder:
        current_app.config["CHECKPOINT_KEY"] = f"{folder}/checkpoint.key"
        with transaction():
            checkpoints.begin_key("demonstration.example/log", at=now())
        checkpoints.checkpoint_now(at=now(), occasion="hour")
        current_app.config["CHECKPOINT_KEY"] = None


def _send_a_recall_back(found: dict[str, Account]) -> None:
    """Recall the Tigrinya booklets that stand at Gablecross, and have its sergeant send them back."""
    today = local_day(now())
    keeper, sergeant = (
        accounts_read.actor_of(found[people.address(name)].id, on=today) for name in ("storekeeper", "gablecross")
    )
    for_all: dict[str, Any] = {"kind": RecallKind.RECALL, "remedy": Remedy.SEND_BACK, "reason": "Pages are missing"}
    with transaction():
        made = recalls.recall("L-00036", **for_all, by=keeper, at=now(), submission_id=submission())
        reference = made.reference
    with transaction():
        recalls.answer(
            reference,
            "GABLECROSS",
            [FoundLot("L-00036", 2, 2)],
            scope=sergeant.scope,
            by=sergeant,
            at=now(),
            submission_id=submission(),
        )


def _send_a_place_back(found: dict[str, Account]) -> None:
    """Have the relief sergeant send all that stands at Warminster back to the store."""
    relief = accounts_read.actor_of(found[people.address("relief")].id, on=local_day(now()))
    with transaction():
        send_back("WARMINSTER", scope=relief.scope, by=relief, at=now(), submission_id=submission())


def _print_sheets(found: dict[str, Account]) -> None:
    """Print a cupboard sheet at two stations."""
    today = local_day(now())
    for name, place in (("sergeant", "SALISBURY"), ("gablecross", "GABLECROSS")):
        sergeant = accounts_read.actor_of(found[people.address(name)].id, on=today)
        with transaction():
            print_sheet(place, scope=sergeant.scope, by=sergeant, at=now(), submission_id=submission())


def _make_an_extract(found: dict[str, Account]) -> None:
    """Make an extract of the few entries of a day, as the process beside the service makes it."""
    auditor = accounts_read.actor_of(found[people.address("auditor")].id, on=local_day(now()))
    current_app.config["REPORTS_DIR"] = _REPORTS.name
    asked = Asked(Log.ACCESS, last=date(2026, 1, 1))
    frozen = text_of(freeze_extract(asked, filters_of(asked)))
    with transaction():
        making, _ = makings.ask("extract", frozen, "", gone=(), by=auditor, at=now(), submission_id=submission())
        reference = making.reference
    making_commands.make_report(reference, makings.Folder(Path(_REPORTS.name)))


_PAPERS = TemporaryDirectory(prefix="go-bags-papers-")
"""The evidence folder of the walks; it goes when the tests end."""
_REPORTS = TemporaryDirectory(prefix="go-bags-reports-")
"""The folder of big reports of the walks, likewise."""


def _issue_reports(officer: Actor) -> None:
    """Take the usage of a month, and next year's bid, away as CSV."""
    month = named(date(2026, 8, 1), date(2026, 8, 31))
    made = freeze_usage(month, scope=officer.scope, at=data_cut_off())
    issued(made, FileKind.CSV, usage_file, sort="usage", filters=made.filters, by=officer)
    bid = freeze_bid(less=10, at=data_cut_off())
    issued(bid, FileKind.CSV, bid_file, sort="bid", filters=bid.filters, by=officer)


def _keep_a_paper(officer: Actor) -> None:
    """Keep a paper beside the newest delivery, in a folder that lasts as long as the tests."""
    current_app.config["EVIDENCE_DIR"] = _PAPERS.name
    newest = db.session.scalars(select(Delivery.reference).order_by(Delivery.id.desc()).limit(1)).one()
    with transaction():
        evidence.keep_paper(
            RecordKind.DELIVERY,
            newest,
            Proof.DELIVERY_NOTE,
            checked_file("note.pdf", b"%PDF-1.7\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"),
            folder=evidence.Folder(Path(_PAPERS.name)),
            scope=officer.scope,
            by=officer,
            at=now(),
            submission_id=submission(),
        )
