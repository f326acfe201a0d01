"""The guard on free text: what it refuses, what it lets through, and that it repeats nothing."""

import time

import pytest

from core.errors import RuleBroken
from core.privacy import PersonalDetail, personal_detail, refuse_personal_details

NHS = "NHS number"
INSURANCE = "National Insurance number"
BIRTH = "date of birth"
PHONE = "phone number"
EMAIL = "email address"
NRM = "NRM reference"
HOME = "home address"

REFUSED = [
    ("9434765919", NHS),
    ("Given to 943 476 5919 at the desk", NHS),
    ("943-476-5919", NHS),
    ("NHS9434765919", NHS),
    ("NHS no. 94 34 76 59 19", NHS),
    ("2 943 476 5919", NHS),
    ("９４３４７６５９１９", NHS),
    ("٩٤٣٤٧٦٥٩١٩", NHS),
    ("943\u200b4765919", NHS),
    ("943\u2011476\u20115919.", NHS),
    ("slip_9434765919.pdf", NHS),
    ("AB123456C", INSURANCE),
    ("nino ab 12 34 56 c", INSURANCE),
    ("JT-12-34-56-D", INSURANCE),
    ("QQ 12 34 56 C", INSURANCE),
    ("ＡＢ１２３４５６Ｃ", INSURANCE),
    ("DOB 12/03/1994", BIRTH),
    ("d.o.b. 12.3.94", BIRTH),
    ("dob: 12 March 1994", BIRTH),
    ("dob120394", BIRTH),
    ("born on the 3rd of May 2001", BIRTH),
    ("Born 1994", BIRTH),
    ("date of birth 1994-03-12", BIRTH),
    ("12/03/1994 (DOB)", BIRTH),
    ("birthday 3 May", BIRTH),
    ("07700 900123", PHONE),
    ("07700900123", PHONE),
    ("call 07700 900 123 after six", PHONE),
    ("07 700 900 123", PHONE),
    ("077 00 90 01 23", PHONE),
    ("07700900123_receipt.jpg", PHONE),
    ("+44 7700 900123", PHONE),
    ("+44 (0)7700 900123", PHONE),
    ("00447700900123", PHONE),
    ("(020) 7946 0958", PHONE),
    ("Tel.0117 496 0123", PHONE),
    ("+355 69 123 4567", PHONE),
    ("01.02.2026 07700 900123", PHONE),
    ("Jo.Bloggs@example.org", EMAIL),
    ("write to jo+bags@mail.example.co.uk please", EMAIL),
    ("jo (at) example (dot) org", EMAIL),
    ("jo＠example.org", EMAIL),
    ("first_last@example.org", EMAIL),
    ("NRM12345", NRM),
    ("NRM ref 4821", NRM),
    ("NRM reference: ABC/2023/00123", NRM),
    ("msht-2023-004412", NRM),
    ("SCA case no. 3000012345", NRM),
    ("12 High Street, Swindon SN1 2AB", HOME),
    ("taken to 4b old mill lane, sn10 2dx", HOME),
    ("Flat 3, Albion House, SN1 2AB", HOME),
]

SAVED = [
    "",
    "Short of blankets after the surge on Friday",
    "9434765918",
    "Ten digits 1234567890 that are not an NHS number",
    "0000000000",
    "PO-2026-0042",
    "PO-9434765919",
    "INV/4500012345",
    "£9434765919",
    "12 boxes of 24, 288 in all",
    "£1,234.50 net, £246.90 VAT",
    "£12.50 each, 943 sets, 476 bags",
    "Seal 0012345 broken, replaced by 0012346",
    "Seal AB 123456",
    "Tag GB-0042 and GB-0043",
    "Supplier is at SN1 2AB",
    "Unit 12, Station Road, SN1 2AB",
    "Deliver to Melksham Police Station, Hampton Park West, SN12 6QQ",
    "Expires 12/03/2026",
    "Delivered 01.02.2026 250 bags",
    "Delivered 01/02/2026, 250 bags",
    "2022-01-15 300 bags",
    "07/08/2026 123 cards",
    "Counted on 5 August 2022 at 2:05pm",
    "Quarter 2 (July to September 2022)",
    "Newborn nappies size 1, 2022 stock",
    "new born pack 2024",
    "Modern Slavery Helpline 08000 121 700",
    "Ring 101, or 0300 123 4567",
    "Helpline +44 800 0121 700",
    "NRM leaflets, 250 copies",
    "NRM 2023 figures",
    "NRM 2023/24 leaflet",
    "Invoice_PO-2026-0042_v2.pdf",
    "IMG_20260805_140512.jpg",
    "scan_2026-08-05_0001.pdf",
    "5012345678900",
    "ICCID range 8944110065432100123",
    "Model 3310, 2 @ £14.99",
    "20@1.50 each",
    "Bin 3 (top shelf), row 12",
    "100000",
    "+5 on the count",
    "Size 10 12 14 16 18",
    "Ledger 004500012345",
    "20 blankets to the store at Devizes Road SN10 2DX",
    "GB 12 34 56 A",
    "Batch 12 34 56 A",
    "Ελληνικό φυλλάδιο, έκδοση 2",
]


@pytest.mark.parametrize(("text", "kind"), REFUSED)
def test_a_personal_detail_is_refused_by_kind(text: str, kind: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        refuse_personal_details(text, field="note")
    assert refusal.value.message == f"Remove details that could identify a person: {kind}"
    assert refusal.value.field == "note"
    assert refusal.value.status == 422


@pytest.mark.parametrize("text", SAVED)
def test_the_words_of_a_store_are_saved(text: str) -> None:
    assert personal_detail(text) is None
    refuse_personal_details(text)


def test_each_kind_has_a_case() -> None:
    assert {kind for _, kind in REFUSED} == {str(kind) for kind in PersonalDetail}


def test_the_refusal_never_repeats_the_detail() -> None:
    with pytest.raises(RuleBroken) as refusal:
        refuse_personal_details("call 07700 900123")
    assert refusal.value.args == ("Remove details that could identify a person: phone number",)


def test_ten_digits_are_refused_only_when_the_last_is_the_check_digit_of_the_first_nine() -> None:
    """For 450 000 000 the weighted sum is 4·10 + 5·9 = 85, 85 mod 11 is 8, so the check digit is 3."""
    assert [tenth for tenth in range(10) if personal_detail(f"450000000{tenth}")] == [3]


def test_a_remainder_of_nothing_makes_the_check_digit_nothing() -> None:
    """For 400 000 100 the weighted sum is 4·10 + 1·4 = 44, a multiple of 11."""
    assert [tenth for tenth in range(10) if personal_detail(f"400000100{tenth}")] == [0]


def test_a_stem_whose_check_digit_would_be_ten_gives_no_nhs_number() -> None:
    """For 500 000 020 the weighted sum is 5·10 + 2·3 = 56, 56 mod 11 is 1, so the digit would be 10."""
    assert not [tenth for tenth in range(10) if personal_detail(f"500000020{tenth}")]


@pytest.mark.parametrize(
    "piece", ["a@", "0", "1 ", "0 7", "12 a ", "nhs ", "born ", "flat 1 ", "a.a.", "(", "nrm-1-", "1 a st "]
)
def test_long_hostile_text_is_read_quickly(piece: str) -> None:
    # Of the processor: what else the machine does is no fault of the search.
    began = time.process_time()
    personal_detail(piece * 4_000)
    assert time.process_time() - began < 1
