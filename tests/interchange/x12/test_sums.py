"""What no validator checks: counts, balances, and numbers that refer to each other."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from segments_of import segments, sets

from healthsim.db.connection import Database
from healthsim.exchange.x12.format import KINDS
from healthsim.state.tables import scenario_tables


@pytest.mark.parametrize("kind", KINDS)
def test_envelopes_count_what_they_hold(exported: Path, kind: str) -> None:
    path = exported / f"{kind}.x12"
    text = path.read_text("ascii")
    assert len(text.partition("~")[0]) + 1 == 106, "ISA has fixed widths"
    found = segments(path)
    isa, group, *_, group_end, end = found
    transactions = list(sets(path))
    assert isa[15] == "T", "test data"
    assert (end, group_end) == (["IEA", "1", isa[13]], ["GE", str(len(transactions)), group[6]])
    for number, transaction in enumerate(transactions, start=1):
        assert transaction[-1] == ["SE", str(len(transaction)), f"{number:04}"]
        assert transaction[0][2] == f"{number:04}"
        assert transaction[0][3:] == ([] if kind == "835" else [group[8]])


@pytest.mark.parametrize("kind", ["837P", "837I", "270", "271", "276", "277"])
def test_levels_are_numbered_and_have_parents(exported: Path, kind: str) -> None:
    for transaction in sets(exported / f"{kind}.x12"):
        levels = [segment for segment in transaction if segment[0] == "HL"]
        assert [int(level[1]) for level in levels] == list(range(1, len(levels) + 1))
        parents = {level[2] for level in levels if level[2]}
        for level in levels:
            assert level[4] == ("1" if level[1] in parents else "0"), "whether there are levels below"
            assert not level[2] or int(level[2]) < int(level[1])


def is_npi(number: str) -> bool:
    """The check digit of a National Provider Identifier: Luhn over 80840 and the number."""
    digits = [int(digit) for digit in "80840" + number]
    doubled = [2 * digit for digit in digits[-2::-2]]
    return len(number) == 10 and (sum(digits[-1::-2]) + sum(d // 10 + d % 10 for d in doubled)) % 10 == 0


def test_provider_numbers_have_check_digits(exported: Path) -> None:
    numbers = {segment[9] for kind in KINDS for segment in segments(exported / f"{kind}.x12") if "XX" in segment[8:9]}
    assert numbers
    assert [number for number in numbers if not is_npi(number)] == []
    assert not is_npi("1234567890")


@pytest.mark.parametrize(("kind", "line"), [("837P", ("SV1", 2)), ("837I", ("SV2", 3))])
def test_totals_of_claims_are_the_sums_of_their_lines_synthea_1513(
    exported: Path, kind: str, line: tuple[str, int]
) -> None:
    name, position = line
    total = charged = Decimal(0)
    claims = 0
    for segment in [*segments(exported / f"{kind}.x12"), ["CLM", "", "0"]]:
        if segment[0] == "CLM":
            assert total == charged
            total, charged, claims = Decimal(segment[2]), Decimal(0), claims + 1
        elif segment[0] == name:
            charged += Decimal(segment[position])
    assert claims > 10


def adjusted(segment: list[str]) -> Decimal:
    """What a CAS takes away."""
    return sum((Decimal(amount) for amount in segment[3::3]), Decimal(0))


def test_remittances_balance_by_line_by_claim_and_in_all(exported: Path) -> None:
    lines = claims = 0
    for transaction in sets(exported / "835.x12"):
        paid = Decimal(0)
        claim: list[str] = []
        of_claim = of_line = Decimal(0)
        line: list[str] = []
        for segment in [*transaction, ["CLP"]]:
            if segment[0] in ("CLP", "SVC", "PLB") and line:
                assert Decimal(line[2]) - Decimal(line[3]) == of_line
                line, of_line, lines = [], Decimal(0), lines + 1
            if segment[0] == "CLP":
                if claim:
                    assert Decimal(claim[3]) - Decimal(claim[4]) == of_claim
                    paid, claims = paid + Decimal(claim[4]), claims + 1
                claim, of_claim = segment, Decimal(0)
            elif segment[0] == "SVC":
                line = segment
            elif segment[0] == "CAS":
                of_claim += adjusted(segment)
                of_line += adjusted(segment) if line else Decimal(0)
        (payment,) = (segment for segment in transaction if segment[0] == "BPR")
        beside = sum((Decimal(segment[4]) for segment in transaction if segment[0] == "PLB"), Decimal(0))
        assert Decimal(payment[2]) == paid - beside
        assert (payment[1], payment[4]) == (("I", "CHK") if paid else ("H", "NON"))
    assert lines > claims > 150


def test_every_paid_claim_was_billed_under_the_same_number(exported: Path, population: Database) -> None:
    billed = {
        s[1]: Decimal(s[2]) for kind in ("837P", "837I") for s in segments(exported / f"{kind}.x12") if s[0] == "CLM"
    }
    paid = {s[1]: Decimal(s[3]) for s in segments(exported / "835.x12") if s[0] == "CLP"}
    assert {number: billed[number] for number in paid} == paid
    lines = {s[2] for kind in ("837P", "837I") for s in segments(exported / f"{kind}.x12") if s[:2] == ["REF", "6R"]}
    assert {s[2] for s in segments(exported / "835.x12") if s[:2] == ["REF", "6R"]} <= lines
    with scenario_tables(population, "town") as tables:
        total = tables.one("SELECT sum(total_charge) FROM claims")
        undecided = tables.one("SELECT count(*) FROM claims WHERE status = 'pended'")
    assert sum(billed.values()) == total
    assert len(billed) - len(paid) == undecided > 0


def test_a_remittance_is_of_one_payer_one_payee_one_day(exported: Path) -> None:
    keys = []
    for transaction in sets(exported / "835.x12"):
        payer, payee = (next(s for s in transaction if s[:2] == ["N1", role]) for role in ("PR", "PE"))
        day = next(s for s in transaction if s[0] == "BPR")[16]
        keys.append((payer[2], payee[4], day))
    assert len(set(keys)) == len(keys)
    assert all(before < after for before, after in pairwise(key[0] for key in keys) if before != after)


def test_what_is_written_is_the_same_each_time(population: Database, exported: Path, tmp_path: Path) -> None:
    from healthsim.exchange.x12.export import export_x12

    export_x12(population, "town", tmp_path / "again", transactions=["834", "835"])
    for kind in ("834", "835"):
        assert (tmp_path / "again" / f"{kind}.x12").read_bytes() == (exported / f"{kind}.x12").read_bytes()
