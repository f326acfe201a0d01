"""What a person does to spending: orders, invoices, other spending, apportionment, and billing of deliveries."""

from grants.spending.services.apportioning import (
    apportion,
    apportion_by_percentage,
    apportion_by_units,
    reverse_apportionment,
)
from grants.spending.services.billing import (
    ReceivedRow,
    bill_delivery,
    receive_against_invoice,
    unbill_delivery,
)
from grants.spending.services.invoices import record_invoice, record_other_spending
from grants.spending.services.orders import end_order_line, place_order

__all__ = [
    "ReceivedRow",
    "apportion",
    "apportion_by_percentage",
    "apportion_by_units",
    "bill_delivery",
    "end_order_line",
    "place_order",
    "receive_against_invoice",
    "record_invoice",
    "record_other_spending",
    "reverse_apportionment",
    "unbill_delivery",
]
