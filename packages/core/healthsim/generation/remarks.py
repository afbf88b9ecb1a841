"""What has to be said of a population beside its rows: places with few figures, and requests that few real people meet."""

from __future__ import annotations

from healthsim.generation.kernels.context import Context
from healthsim.generation.pyramids import OLD
from healthsim.remedies import remedy

#: from this age on people may have Medicare for a disability: 24 months after benefits that adults get
GROWN = 20
#: so many counties are named
_NAMED = 5


def remarks(context: Context) -> list[str]:
    """Sentences about a population, for its summary, its scenario and its report."""
    return [*_few_figures(context), *_unusual_payers(context)]


def _few_figures(context: Context) -> list[str]:
    places = context.places
    said = []
    for kind in dict.fromkeys(kind for kinds in places.lacking.values() for kind in kinds):
        codes = [code for code, kinds in places.lacking.items() if kind in kinds]
        named = ", ".join(f"{code} ({places.names[places.fips.index(code)]})" for code in codes[:_NAMED])
        more = f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else ""
        said.append(
            f"No figures of {kind} are known for {named}{more}: the people there follow national figures, or those of their"
            f" territory. Import a release that has them ({remedy('import reference data')})."
        )
    return said


def _unusual_payers(context: Context) -> list[str]:
    spec = context.spec
    total = sum(spec.payers.values())
    if not total:
        return []
    said = []
    share = spec.payers.get("medicare", 0) / total
    if share and spec.ages.max < OLD:
        said.append(
            f"Medicare is asked for at ages {spec.ages.min}-{spec.ages.max}: children have it for kidney failure only. Here {share:.0%}"
            " of all have it; nobody was made ill for it."
            if spec.ages.max < GROWN
            else f"Medicare is asked for at ages {spec.ages.min}-{spec.ages.max}: before {OLD} it is for people with a disability or"
            f" kidney failure only, 3 of 100 adults. Here {share:.0%} of all have it; nobody was made ill for it."
        )
    elif share and spec.ages.min < OLD:
        said.append(
            f"The payers that were asked for are drawn whatever the age: {share:.0%} of those below {OLD} have Medicare too, children"
            " among them. Without payers, they follow ages and the county."
            if spec.ages.min < GROWN
            else f"The payers that were asked for are drawn whatever the age: {share:.0%} of those below {OLD} have Medicare too, where 3"
            " of 100 adults have it. Without payers, they follow ages and the county."
        )
    market = spec.payers.get("exchange", 0) / total
    if market and spec.ages.min >= OLD:
        said.append(
            f"Marketplace plans are asked for at ages {spec.ages.min}-{spec.ages.max}: who has Medicare cannot be sold one (42 USC"
            f" 1395ss(d)(3)). Here {market:.0%} of all have one."
        )
    old = 1 - share - spec.payers.get("uninsured", 0) / total
    if old > 0.5 and spec.ages.min > OLD:
        said.append(
            f"At ages {spec.ages.min}-{spec.ages.max} nearly everyone has Medicare; here {old:.0%} have another payer alone,"
            " as was asked for."
        )
    return said
