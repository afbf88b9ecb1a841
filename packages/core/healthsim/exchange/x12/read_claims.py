"""837: the claims of professionals, institutions and dentists, and who they are of, for and by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from healthsim.exchange.rows import Row, Rows, made_id
from healthsim.exchange.x12 import derived
from healthsim.exchange.x12.derived import amount_of, day_of, days_of, dotted
from healthsim.exchange.x12.parties import people_of, place_of, provider_of
from healthsim.exchange.x12.splitting import Piece

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

_KINDS = {"837P": "professional", "837I": "institutional", "837D": "dental"}
#: SBR09 -> line of business
_FILING = {
    "MA": "medicare",
    "MB": "medicare",
    "16": "medicare",
    "MC": "medicaid",
    "CI": "commercial",
    "BL": "commercial",
}
#: qualifiers of HI by what they say; those without A are of ICD-9
_PRINCIPAL, _OTHER, _ADMITTING = ("ABK", "BK"), ("ABF", "BF", "ABN", "BN"), ("ABJ", "BJ")
_KNOWN_CODES = {"APR", "PR", "DR", "BBR", "BR", "BBQ", "BQ", "BH", "BI", "BE", "BG", "TC", "BP", "CAH", "BO", "BS"}
_PROVIDERS = {"82", "71", "72", "DN", "DK", "DQ", "P3", "ZZ", "DD", "QB"}
#: frequencies (CLM05-3) of a claim that changes one of the same number: corrected, replaced, void
_CHANGES = ("6", "7", "8")
#: type and source of an admission: information not available
_NOT_KNOWN = "9"
_GENDERS = ("M", "F", "U")


class ClaimReader:
    """Reads one 837.

    Args:
        kind: 837P, 837I or 837D.
        seen: claims of the file so far, by the hash of their number: of what each was. A number that comes again for
            something else is another claim.
    """

    def __init__(self, reading: Reading, rows: Rows, kind: str, seen: dict[int, int]) -> None:
        self._reading = reading
        self._rows = rows
        self._kind = kind
        self._seen = seen
        self._billing: Row = {}
        self._taxonomy = ""
        self._subscriber: Row = {}
        self._patient: Row = {}
        self._claim: Row | None = None
        self._line: Row | None = None
        self._record = ""
        self._links: dict[str, str] = {}
        self._others: list[str] = []
        self._indicators: list[str | None] = []
        #: whom N3, N4, DMG, REF and PRV speak of
        self._who: Row | None = None
        self._beside = False
        self._lines: list[Row] = []
        self._claims = 0

    def read(self, segments: Sequence[Piece]) -> Row:
        for piece in segments:
            reader = self._READERS.get(piece.name)
            if reader is not None:
                reader(self, piece)
        self._end_claim()
        if not self._claims:
            self._reading.oddity("a transaction set of claims (837) without any claim (CLM)", segments[0].number)
        return {"claims": self._claims}

    # -- levels ----------------------------------------------------------------------------------------------

    def _hl(self, piece: Piece) -> None:
        self._end_claim()
        self._who, self._beside = None, False
        if piece[3] == "20":
            self._billing, self._taxonomy = {}, ""
        if piece[3] in ("20", "22"):
            self._subscriber = {}
        self._patient = {}
        if piece[3] not in ("20", "22", "23"):
            self._reading.oddity("a hierarchical level (HL03) of another kind than 20, 22, 23", piece.number, piece[3])

    def _sbr(self, piece: Piece) -> None:
        if self._claim is not None:
            # the coverage of another payer: it stays in the document
            self._beside, self._who = True, None
            return
        self._subscriber = {
            "is_self": piece[2] == "18",
            "group_id": piece[3],
            "plan_name": piece[4],
            "line_of_business": _FILING.get(piece[9], ""),
        }

    def _pat(self, piece: Piece) -> None:
        if self._claim is None and not self._subscriber.get("is_self"):
            self._patient["relationship_code"] = piece[1]
        if piece[5] == "D8":
            person = self._subscriber if self._subscriber.get("is_self") else self._patient
            person["death_date"] = day_of(piece[6], self._reading, piece.number)

    # -- who ---------------------------------------------------------------------------------------------------

    def _nm1(self, piece: Piece) -> None:
        role = piece[1]
        self._who = None
        if self._beside:
            return
        if role == "85":
            self._end_claim()
            self._who = self._billing = self._party(piece)
            self._rows.put("provider", self._billing["provider_id"], {"taxonomy_code": self._taxonomy})
        elif role in ("IL", "QC"):
            # there is none inside a claim, but where levels (HL) are missing
            self._end_claim()
            person = self._subscriber if role == "IL" else self._patient
            person.update(derived.name_of(piece), number=piece[9])
            self._who = person
        elif role == "PR" and self._claim is None:
            self._subscriber.update(payer_name=piece[3], payer_id=piece[9])
            self._who = self._subscriber.setdefault("payer", {})
        elif role in ("77", "FA", "LI", "TL") and self._line is None:
            self._who = place_of(piece, self._rows)
            if self._claim is not None:
                self._links["facility_id"] = self._who["facility_id"]
        elif role in _PROVIDERS:
            self._who = provider_of(piece, self._rows)
            if role in ("82", "71") and self._claim is not None and self._line is None:
                self._links["rendering_provider_id"] = self._who["provider_id"]
            elif role == "82" and self._claim is not None:
                self._links.setdefault("rendering_provider_id", self._who["provider_id"])

    def _party(self, piece: Piece) -> Row:
        """Who bills: a clinician is a provider; an organisation is a provider and a facility as well."""
        provider = provider_of(piece, self._rows)
        if piece[2] == "1":
            return provider
        return {**provider, "facility": place_of(piece, self._rows), "provider": provider}

    def _address(self, piece: Piece) -> None:
        self._tell(derived.address_of(piece))

    def _tell(self, columns: Row) -> None:
        """Add to what is known of whom the segments before spoke."""
        who = self._who
        if who is None:
            return
        for target in (who.get("provider"), who.get("facility")) if "facility" in who else (who,):
            if target is not None:
                target.update({name: value for name, value in columns.items() if value})

    def _dmg(self, piece: Piece) -> None:
        if self._beside or self._who is None:
            return
        self._tell({"birth_date": day_of(piece[2], self._reading, piece.number), "gender": self._gender(piece)})

    def _gender(self, piece: Piece) -> str:
        if piece[3] not in (*_GENDERS, ""):
            self._reading.oddity("a gender (DMG03) other than M, F and U", piece.number, piece[3])
            return ""
        return piece[3]

    def _prv(self, piece: Piece) -> None:
        if piece[1] == "BI" and not self._billing:
            self._taxonomy = piece[3]
        elif self._who is not None and ("provider_id" in self._who):
            self._rows.put("provider", self._who["provider_id"], {"taxonomy_code": piece[3]})

    def _ref(self, piece: Piece) -> None:
        qualifier, number = piece[1], piece[2]
        if self._beside:
            return
        if self._line is not None and qualifier == "6R":
            self._line["claim_line_id"] = number
        elif self._claim is not None and self._who is None:
            if qualifier == "G1":
                self._claim["authorization_number"] = number
            elif qualifier == "EA":
                self._record = number
        elif self._who is not None and qualifier in ("EI", "SY", "1W"):
            if self._who is self._billing:
                self._tell({"tax_id": derived.tax_id_of(number)})
            elif qualifier == "SY":
                self._who["ssn"] = derived.ssn_of(number)
            elif qualifier == "1W":
                self._who["number"] = number

    def _per(self, piece: Piece) -> None:
        if self._who is self._billing and self._billing:
            for position in (3, 5, 7):
                if piece[position] == "TE":
                    self._tell({"phone": derived.phone_of(piece[position + 1])})

    # -- claims ------------------------------------------------------------------------------------------------

    def _clm(self, piece: Piece) -> None:
        self._end_claim()
        place = piece.parts(5)
        claim: Row = {
            "total_charge": amount_of(piece[2], self._reading, piece.number),
            "claim_type": _KINDS.get(self._kind),
        }
        frequency = place[2] if len(place) > 2 else ""
        if self._kind == "837I" or place[1:2] == ["A"]:
            claim["bill_type"] = f"{place[0]}{frequency}"
        else:
            claim["place_of_service"] = place[0]
        if frequency == "8":
            claim["status"] = "reversed"
        self._claim, self._claim_piece, self._frequency = claim, piece, frequency
        self._line, self._who, self._record, self._lines = None, None, "", []
        self._links, self._others, self._indicators, self._beside = {}, [], [], False
        self._discharged = False
        self._claims += 1

    def _dtp(self, piece: Piece) -> None:
        if self._claim is None or self._beside or piece[1] not in self._DAYS:
            return
        if piece[1] == "096" and piece[2] == "TM":
            # the day of it is the last one of the statement
            self._discharged = True
            return
        first, last = days_of(piece, self._reading)
        begin, end = self._DAYS[piece[1]]
        if self._line is not None:
            if piece[1] == "472":
                self._line.update(service_date=first, last_date=last)
            return
        if first is not None:
            self._claim[begin] = first
        if end and last is not None:
            self._claim[end] = last

    _DAYS: ClassVar[dict[str, tuple[str, str]]] = {
        "434": ("service_date", "service_end_date"),
        "472": ("service_date", "service_end_date"),
        "435": ("admission_date", ""),
        "096": ("discharge_date", ""),
        "050": ("received_date", ""),
    }

    def _cl1(self, piece: Piece) -> None:
        if self._claim is not None:
            names = ("admission_type_code", "admission_source_code", "discharge_status_code")
            known = {name: piece[position] for position, name in enumerate(names, start=1)}
            self._claim.update({name: value for name, value in known.items() if value != _NOT_KNOWN})

    def _hi(self, piece: Piece) -> None:
        if self._claim is None or self._beside:
            return
        for parts in piece.composites():
            qualifier, code = parts[0], parts[1] if len(parts) > 1 else ""
            present = parts[8] if len(parts) > 8 and parts[8] else None
            if qualifier in _PRINCIPAL:
                self._claim["principal_diagnosis"] = dotted(code, qualifier)
                self._claim["principal_diagnosis_poa"] = present
            elif qualifier in _OTHER:
                self._others.append(dotted(code, qualifier))
                self._indicators.append(present)
            elif qualifier in _ADMITTING:
                self._claim["admitting_diagnosis"] = dotted(code, qualifier)
            elif qualifier == "DR":
                self._claim["drg_code"] = code
            elif qualifier not in _KNOWN_CODES:
                self._reading.oddity("a qualifier of a code (HI) that is not known", piece.number, qualifier)

    # -- lines -------------------------------------------------------------------------------------------------

    def _lx(self, piece: Piece) -> None:
        if self._claim is None:
            return
        self._beside, self._who = False, None
        self._line = {"line_number": len(self._lines) + 1, "line": piece.number}
        self._lines.append(self._line)

    def _service(self, piece: Piece) -> None:
        if self._claim is None:
            self._reading.oddity("a service line outside of a claim", piece.number)
            return
        if self._line is None or "charge_amount" in self._line:
            if self._line is None:
                self._reading.oddity("a service line without LX", piece.number)
            self._lx(piece)
        assert self._line is not None
        first, charge, units = {"SV1": (1, 2, 4), "SV2": (2, 3, 5), "SV3": (1, 2, 6)}[piece.name]
        code = piece.parts(first)
        if len(code) > 1:
            self._line["procedure_code"] = code[1]
            modifiers = [part for part in code[2:6] if part]
            self._line["procedure_modifiers"] = modifiers or None
        self._line["charge_amount"] = amount_of(piece[charge], self._reading, piece.number)
        self._line["units"] = amount_of(piece[units], self._reading, piece.number)
        if piece.name == "SV2":
            self._line["revenue_code"] = piece[1]
        elif piece.name == "SV1":
            self._line["place_of_service"] = piece[5]
            pointers = [part for part in piece.parts(7) if part]
            self._line["diagnosis_pointers"] = [int(part) if part.isdigit() else part for part in pointers] or None

    def _lin(self, piece: Piece) -> None:
        if self._line is not None and piece[2] == "N4":
            self._line["ndc"] = piece[3]

    def _svd(self, piece: Piece) -> None:
        """What another payer paid for a line: it stays in the document, with what belongs to it."""
        self._beside = True

    # -- the end -----------------------------------------------------------------------------------------------

    def _end_claim(self) -> None:
        """Put the rows of the claim that was read."""
        claim, self._claim = self._claim, None
        if claim is None:
            return
        piece = self._claim_piece
        if not self._subscriber and not self._patient:
            self._reading.oddity("a claim without subscriber and patient", piece.number)
        patient_id, member_id = people_of(self._subscriber, self._patient, self._record, self._rows)
        number = self._numbered(piece, claim, patient_id)
        dates = [line["service_date"] for line in self._lines if line.get("service_date")]
        lasts = [line["last_date"] for line in self._lines if line.get("last_date")]
        claim.setdefault("service_date", min(dates, default=None))
        if claim.get("discharge_date") and lasts:
            lasts.append(claim["discharge_date"])
        claim.setdefault("service_end_date", max(lasts, default=None))
        if self._discharged:
            claim.setdefault("discharge_date", claim["service_end_date"])
        if self._others:
            claim["other_diagnoses"] = self._others
            claim["other_diagnoses_poa"] = self._indicators if any(self._indicators) else None
        organisation = self._billing.get("facility", {}).get("facility_id")
        links = {
            "patient_id": patient_id,
            "member_id": member_id,
            "subscriber_id": self._subscriber.get("number"),
            "billing_provider_id": self._billing.get("provider_id"),
            "billing_facility_id": organisation,
            "rendering_provider_id": self._billing.get("provider_id") if not organisation else None,
            "facility_id": organisation,
        }
        self._rows.put("claim", number, claim | links | self._links)
        for line in self._lines:
            line.pop("last_date", None)
            place = line.pop("line")
            line_id = line.get("claim_line_id") or f"{number}-{line['line_number']}"
            line["claim_line_id"] = line_id
            line.setdefault("service_date", claim.get("service_date"))
            line["claim_id"] = number
            if line.get("charge_amount") is None:
                self._reading.oddity("a line (LX) without a service", place)
            self._rows.put("claim_line", line_id, line)
        self._check_total(claim, piece)
        self._line, self._lines, self._who, self._beside = None, [], None, False

    def _numbered(self, piece: Piece, claim: Row, patient_id: str | None) -> str:
        """The number of the claim; another claim of the same number gets one of its own."""
        number = piece[1]
        if not number:
            self._reading.oddity("a claim (CLM) without a number", piece.number)
            number = made_id("claim", patient_id or "", piece.text, str(piece.number))
        first = min((str(line.get("service_date")) for line in self._lines), default="")
        what = hash((patient_id, self._billing.get("provider_id"), first, claim.get("total_charge")))
        known, copies = number, 1
        while self._frequency not in _CHANGES and self._seen.setdefault(hash(known), what) != what:
            copies += 1
            known = f"{number}~{copies}"
        if copies > 1:
            self._reading.oddity(
                "a number of a claim (CLM01) that another claim has; it is kept under one more", piece.number, number
            )
        return known

    def _check_total(self, claim: Row, piece: Piece) -> None:
        charges = [line.get("charge_amount") or Decimal(0) for line in self._lines]
        if claim.get("total_charge") is not None and charges and sum(charges) != claim["total_charge"]:
            self._reading.oddity("a claim whose lines do not add up to its total (CLM02)", piece.number, piece[1])
        if not charges:
            self._reading.oddity("a claim without lines", piece.number, piece[1])

    _READERS: ClassVar[dict[str, Callable[[ClaimReader, Piece], None]]] = {
        "HL": _hl,
        "SBR": _sbr,
        "PAT": _pat,
        "NM1": _nm1,
        "N3": _address,
        "N4": _address,
        "DMG": _dmg,
        "PRV": _prv,
        "REF": _ref,
        "PER": _per,
        "CLM": _clm,
        "DTP": _dtp,
        "CL1": _cl1,
        "HI": _hi,
        "LX": _lx,
        "SV1": _service,
        "SV2": _service,
        "SV3": _service,
        "LIN": _lin,
        "SVD": _svd,
    }
