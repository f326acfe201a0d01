"""Sentences of the trail, and the check of a log, on plain values.

A leaf keeps its act as a word ("bag.issue"); a person reads a sentence. The check repeats what ``core/trail/rules.py``
did when each entry was sealed, and compares; it trusts nothing that is kept beside the leaf's own text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from core.dates import day_text, moment_text
from core.money import pounds
from core.trail.rules import START_OF_LOG, chained, leaf_hash

ACTS: Mapping[str, str] = {
    "account.accept_invitation": "took up the invitation to account {subject}",
    "account.change_password": "changed the password of account {subject}",
    "account.confirm": "gave the password of account {subject} once more",
    "account.disable": "disabled account {subject}",
    "account.enable": "enabled account {subject}",
    "account.end_deputy": "ended a deputy of account {subject}",
    "account.end_other_sessions": "ended the other sessions of account {subject}",
    "account.end_role": "ended the role of {role} of account {subject}",
    "account.give_role": "gave account {subject} the role of {role}",
    "account.invite": "invited account {subject}",
    "account.move": "moved account {subject} from {from_place} to {to_place} as {role}",
    "account.name_deputy": "named {deputy} as deputy of account {subject}",
    "account.open": "opened account {subject}",
    "account.reset": "reset the sign-in of account {subject}",
    "account.sign_in": "signed in to account {subject}",
    "account.sign_out": "signed out of {subject}",
    "auditor.visit": "opened the auditor’s home",
    "asset.describe": "recorded where fixed asset {subject} is",
    "asset.dispose": "recorded that fixed asset {subject} was disposed of",
    "award.amend": "amended the terms of award {subject}",
    "award.close": "closed the award {subject}",
    "award.condition": "recorded a condition of award {award}: clause {clause}",
    "award.hold": "held the records of award {subject} beyond their date",
    "award.lift_hold": "lifted the hold on the records of award {subject}",
    "award.correct": "corrected grant line {subject}, which was copied wrong",
    "award.line": "added grant line {subject} to its award",
    "award.record": "recorded the award {subject}",
    "award.reopen": "opened the award {subject} again",
    "award.repay": "recorded grant of award {award} given back: {subject}",
    "award.withdraw": "withdrew a condition of award {award}: clause {clause}",
    "backup.make": "made the backup {subject}",
    "backup.restore": "restored the backup {subject}",
    "bag.hand_back": "took Go Bag {subject} back at {place}, slip {slip}: {how}",
    "bag.issue": "issued Go Bag {bag} at {place}, slip {subject}",
    "bag.pack": "packed Go Bags at {place}: {subject}",
    "bag.put_in": "opened Go Bag {subject} at {place}, put things in and sealed it again: seal {seal}",
    "bag.retire": "unpacked Go Bag {subject} at {place} for good",
    "bag.take_out": "opened Go Bag {subject} at {place}, took something out and sealed it again: seal {seal}",
    "bid.award": "recorded the award {subject}, which came of bid {bid}",
    "body.found": "recorded the body {subject}",
    "budget.change": "moved budget between grant lines: {subject}",
    "cards.record": "recorded card numbers of lot {subject}",
    "cards.take_back": "took back the card numbers {numbers} of lot {subject}",
    "claim.accrue": "accrued for a delivery or work not invoiced: {subject}",
    "claim.accrue_all": "accrued what is not invoiced at the prices of its orders in claim {subject}",
    "claim.answer": "answered the funder’s question about claim {subject}",
    "claim.certify": "certified claim {subject}",
    "claim.forecast": "entered the forecasts of claim {subject}",
    "claim.open": "opened claim {subject} of award {award}",
    "claim.pay": "recorded a payment of claim {subject}",
    "claim.prepare": "prepared claim {subject}",
    "claim.query": "recorded a question of the funder’s about claim {subject}",
    "claim.review": "reviewed claim {subject}",
    "claim.send_back": "sent claim {subject} back",
    "claim.submit": "sent claim {subject} to the funder",
    "claim.waive": "let a finding of the self-audit pass: {subject}",
    "count.abandon": "abandoned count {subject} of {place}",
    "count.add": "added {thing} to count {subject} of {place}",
    "count.approve": "approved count {subject} of {place}",
    "count.ask_again": "asked for things of count {subject} to be counted again at {place}",
    "count.finish": "finished counting {subject} at {place}",
    "count.see": "counted {counted} of {thing} at {place} for {subject}",
    "count.set": "set how {subject} is counted",
    "count.start": "started count {subject} of {place}: {covers}",
    "count.take_back": "took back what count {subject} had changed of {thing} at {place}",
    "cupboard.key": "keyed in cupboard sheet {subject} of {place}: {lines}",
    "cupboard.print": "printed cupboard sheet {subject} for {place}: {lines}",
    "cupboard.write_off": "wrote off cupboard sheet {subject} of {place}",
    "delivery.bill": "linked delivery {delivery} to invoice row {row}",
    "delivery.receive": "received delivery {subject} at {place}",
    "delivery.unbill": "took back a link of invoice row {row} to a delivery",
    "edition.publish": "published edition {number} of {subject}",
    "extract.discard": "discarded the finance extract {subject}",
    "extract.map": "mapped the columns of the finance extract {subject}",
    "extract.upload": "uploaded a finance extract: {subject}",
    "handover.begin": "began to hand over the cupboard at {place}: {subject}",
    "handover.sign": "signed the handover {subject} at {place}: {side}",
    "history.import": "brought in the history {subject}",
    "invoice.receive": "received delivery {subject} against invoice {invoice}",
    "invoice.value": "said why invoice {subject} is good value for money",
    "invoice.record": "recorded invoice {subject}",
    "issue.undo": "undid the issue of Go Bag {bag}, slip {subject}",
    "item.add": "added the item {subject}",
    "item.retire": "retired the item {subject}",
    "key.begin": "began to sign the log with {subject}",
    "key.begin_again": "began to sign the log anew with {subject}, which no earlier key vouches for",
    "evidence.keep": "kept {subject} as the {proof} of {record}",
    "evidence.set_aside": "set {subject} of {record} aside",
    "evidence.view": "looked at the paper {subject}",
    "ledger.accept": "accepted a match of ledger lines: {subject}",
    "ledger.cancel": "matched ledger lines that take each other back: {subject}",
    "ledger.check": "checked the ledger",
    "ledger.export": "took the lines of {subject} away as a file",
    "ledger.import": "imported finance extract {subject}",
    "ledger.match": "matched ledger lines to spending: {subject}",
    "ledger.match automatically": "had certain ledger lines matched by the service: {subject}",
    "ledger.open": "opened the finance ledger {subject}",
    "ledger.record spending": "recorded spending {subject} from ledger lines",
    "ledger.undo": "undid the match {subject}",
    "list.export": "took the list “{subject}” away as {kind}: {rows} rows",
    "loss.notify": "recorded that the funder was told of a loss: {subject}",
    "log.extract": "took an extract of the log of {log}: {subject}",
    "note.erase": "erased {subject}",
    "opinion.write": "wrote the ledger out for an independent opinion: {subject}",
    "order.end": "ended what was still to come of order {subject}",
    "order.place": "placed order {subject}",
    "pack.take": "took the sealed pack {subject} away",
    "par.answer": "answered a suggested par level of {thing} at {subject}: {suggested} suggested, {chosen} chosen",
    "par.set": "set par levels of {subject}",
    "phones.add_operator": "recorded the mobile operator {operator}, {subject}",
    "phones.change_rule": "recorded a new lapse rule of the mobile operator {subject}",
    "phones.end_pairing": "ended a pairing of {subject}",
    "phones.record": "recorded the pairings and activations of {subject}",
    "phones.reset": "recorded a factory reset of a phone: {subject}",
    "phones.undo_use": "undid {subject} of a SIM",
    "phones.use": "recorded the use of SIMs at {place}: {units}, {subject}",
    "briefing.record": "recorded a briefing at {place}, {attended} attending",
    "partnership.agree": "recorded an action of {owner}, due {due_on}: {subject}",
    "partnership.finish": "recorded that {subject} is done",
    "partnership.issue": "issued the pack of {period} to the partnership: {subject}",
    "place.close": "closed {subject}",
    "place.count_in": "counted in what {place} sent back: {subject}",
    "place.send_back": "sent everything at {place} back to its store: {subject}",
    "place.locate": "recorded the town of {subject}: {town}, {area}",
    "place.open": "opened the place {subject}",
    "proof.take": "took the proof of an entry: {subject}",
    "reconciliation.prepare": "prepared the reconciliation {subject} of award {award}",
    "reconciliation.sign": "signed off the reconciliation {subject} of award {award}",
    "question.answer": "answered {subject} about {record}",
    "question.ask": "asked {subject} about {record}",
    "question.ask_again": "asked again in {subject} about {record}",
    "question.close": "closed {subject} about {record}",
    "recall.answer": "answered {recall} for {place}",
    "recall.close": "closed {subject}",
    "recall.make": "recorded the {kind} {subject} of {thing}",
    "recall.release": "released {subject}",
    "recall.take_in": "counted in what {place} sent back for {recall}",
    "recipe.write": "wrote the kit recipe {subject}",
    "refused": "was refused {subject}",
    "report.ask": "asked for the big report {subject}",
    "report.cancel": "cancelled the big report {subject}",
    "report.prove": "made the report {subject} again to compare its bytes",
    "report.download": "downloaded {subject} as {kind}",
    "request.approve": "approved {approved_count} of the {asked_count} asked for in request {subject}",
    "request.ask": "asked for restock of {place}: request {subject}",
    "request.cancel": "cancelled request {subject}",
    "request.dispatch": "dispatched {subject} for request {request}",
    "request.drop_rest": "dropped what was left of request {subject}",
    "request.receive": "received dispatch {subject} for request {request}",
    "request.refuse": "refused request {subject}",
    "request.settle": "settled a shortage of dispatch {subject}",
    "sample.draw": "drew the sample {subject}",
    "sample.result": "wrote down what was found of row {position} of sample {sample}",
    "reserve.keep": "put {units} of {subject} into the surge reserve of {place}",
    "reserve.release": "released {units} of {subject} from the surge reserve of {place}",
    "service.declare_demonstration": "declared the service a demonstration",
    "spending.explain": "gave the reason for which order, delivery and invoice of {subject} differ",
    "spending.apportion": "apportioned {subject}",
    "spending.record": "recorded spending {subject}",
    "spending.value": "said who was paid by {subject}, and why it is good value for money",
    "spending.reverse": "took back an apportionment of {subject}",
    "spreadsheet.bring_in": "brought in a spreadsheet of {sort}: {subject}, {row_count} rows",
    "stock.open": "recorded opening stock at {place}: {subject}",
    "stock.write_off": "wrote off {units} of {subject} at {place}: {why}",
    "supplier.add": "added the supplier {subject}",
    "usage.publish": "published usage of {period}: release {subject}",
    "unmet.record": "noted {thing} asked for and not given at {place}",
    "unmet.take_back": "took back {subject} of {place}",
}
"""Act → what it says of the person, with facts of the leaf by name."""

_NEWER: Mapping[str, set[str]] = {"request.approve": {"approved_count", "asked_count"}}
BEFORE: Mapping[str, str] = {"request.approve": "approved request {subject}"}
"""Act → what is said of entries that were recorded before their newer facts were."""


_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_MOMENT = re.compile(_DAY.pattern + r"T\d\d:\d\d:\d\d\.\d{6}Z")


class _Facts(dict[str, str]):
    """Facts of a leaf for a sentence: put in words when it names them, said to be missing where they are.

    An act can have hundreds, of which its sentence names two.
    """

    def __init__(self, subject: str, facts: Mapping[str, Any]) -> None:
        super().__init__(subject=subject)
        self._facts = facts

    def __missing__(self, name: str) -> str:
        return _plain(self._facts[name]) if name in self._facts else f"(no {name.replace('_', ' ')})"


def said(act: str, subject: str, facts: Mapping[str, Any]) -> str:
    """Say what was done, without who and when: "issued Go Bag GB-00012 at SALISBURY, slip 7K4M-Q2XD-9PBC"."""
    words = BEFORE.get(act) if not _NEWER.get(act, set()) <= facts.keys() else ACTS.get(act)
    if words is None:
        noun, _, verb = act.partition(".")
        return f"did “{verb.replace('_', ' ') or noun}” on {noun} {subject}"
    return words.format_map(_Facts(subject, facts))


def act_words(act: str) -> str:
    """Name an act in a list of choices: "bag.issue" is "Bag: issue"."""
    noun, _, verb = act.partition(".")
    return f"{noun.capitalize()}: {verb.replace('_', ' ')}" if verb else noun.capitalize()


def fact_rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Lay the facts of a leaf out as label and value, pence as pounds."""
    return [
        (name.removesuffix("_pence").replace("_", " ").capitalize(), _value(name, fact))
        for name, fact in facts.items()
        if fact not in (None, "", [], {})
    ]


def _value(name: str, fact: Any) -> str:
    if isinstance(fact, int) and not isinstance(fact, bool) and (name.endswith("pence") or name in ("net", "vat")):
        return pounds(fact)
    return _plain(fact)


def _plain(fact: Any) -> str:
    """Write a fact down as words: lists with commas, pairs with a colon."""
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, dict):
        return ", ".join(f"{name}: {_value(name, each)}" for name, each in fact.items())
    if isinstance(fact, list):
        parts = [f"({_plain(each)})" if isinstance(each, list | dict) else _plain(each) for each in fact]
        return ", ".join(parts)
    return "" if fact is None else _dated(str(fact))


def _dated(text: str) -> str:
    """Write a day or moment of a leaf as a person reads it; other text as it is."""
    if _DAY.fullmatch(text):
        return day_text(date.fromisoformat(text))
    return moment_text(datetime.fromisoformat(text)) if _MOMENT.fullmatch(text) else text


@dataclass(frozen=True)
class Sealed:
    """An entry of a log with the leaf it holds, as both are kept."""

    sequence: int
    leaf_hash: bytes
    chain_hash: bytes
    text: str
    act: str
    subject: str
    account_id: int | None
    recorded_at: datetime


class ChainCheck:
    """Repeats the sealing of a log, entry by entry, and says what does not agree."""

    MOST_FINDINGS = 20

    def __init__(self) -> None:
        self.count = 0
        self.chain = START_OF_LOG
        self.findings: list[str] = []

    def take(self, entry: Sealed) -> None:
        """Check the next entry against its leaf and against everything before it."""
        self.count += 1
        if entry.sequence != self.count:
            self._find(f"Entry {self.count:,} is missing; the next is entry {entry.sequence:,}.")
            self.count = entry.sequence
        hashed = leaf_hash(entry.text)
        if hashed != entry.leaf_hash:
            self._find(f"Entry {entry.sequence:,}: the text of its leaf is not what was sealed.")
        elif (wrong := _column_that_differs(entry)) is not None:
            self._find(f"Entry {entry.sequence:,}: its {wrong} is not what its sealed text says.")
        if chained(self.chain, entry.sequence, hashed) != entry.chain_hash:
            self._find(f"Entry {entry.sequence:,}: its chain hash does not follow from the entry before it.")
        self.chain = entry.chain_hash

    def _find(self, words: str) -> None:
        if len(self.findings) < self.MOST_FINDINGS:
            self.findings.append(words)


def _column_that_differs(entry: Sealed) -> str | None:
    """Name the column by which the trail is searched that its leaf contradicts, or None."""
    try:
        leaf = json.loads(entry.text)
        at = datetime.fromisoformat(leaf["at"])
        kept = {"act": entry.act, "subject": entry.subject, "person": entry.account_id, "moment": entry.recorded_at}
        sealed = {
            "act": leaf["act"],
            "subject": leaf["subject"][:80],
            "person": leaf["by"],
            "moment": at.astimezone(UTC),
        }
    except (ValueError, KeyError, TypeError):
        return "text"
    return next((name for name, value in kept.items() if value != sealed[name]), None)
