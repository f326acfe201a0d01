"""The audit of the demonstration year: a sample of the newest signed claim, half of it checked, and two questions."""

from __future__ import annotations

from audit.questions.rules import QuestionAct, RecordKind
from audit.questions.services import ask_question, take_step
from audit.samples import services
from audit.samples.queries import signed_claims
from audit.samples.rules import Asked, Method, Outcome, PopulationKind
from demonstration.acts import Acts

SEED = "DICE 4 2 6 1 3 5"
HITS, CHECKED = 8, 5


def draw_a_sample(acts: Acts) -> None:
    """Draw eight hits from the newest signed claim, and write down what was found of the first rows."""
    acts.go_on(minutes=20)
    claim = signed_claims()[0]
    asked = Asked(PopulationKind.CLAIMED, claim, None, None, Method.BY_VALUE, HITS, 95, SEED)
    with acts.together():
        sample = acts.do("auditor", services.draw_sample, asked).reference
        for position in range(1, CHECKED + 1):
            acts.go_on(minutes=6)
            seen = "Invoice, order and delivery note agree"
            acts.do("auditor", services.write_result, sample, position, Outcome.AGREED, None, seen)


def ask_questions(acts: Acts, delivery: str, invoice: str) -> None:
    """Ask the store about a delivery, and the grant officer about an invoice, who answers."""
    with acts.together():
        asked = "The delivery note is not among the papers. Where is it kept?"
        acts.do("auditor", ask_question, RecordKind.DELIVERY, delivery, asked)
        acts.go_on(minutes=3)
        of_money = acts.do("auditor", ask_question, RecordKind.INVOICE, invoice, "Who agreed to the price?").reference
        acts.go_on(minutes=9)
        agreed = "The storekeeper had two quotes; they are in the finance folder of the quarter"
        acts.do("grants", take_step, of_money, QuestionAct.ANSWER, agreed)
