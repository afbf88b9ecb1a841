"""The datasets about populations: PLACES, SVI and ADI, one declaration each."""

from __future__ import annotations

from healthsim.db.reference import adi, places, svi
from healthsim.db.reference.dataset import Dataset

PLACES = Dataset(
    name="places",
    title="CDC PLACES",
    expected="CountyFIPS, TractFIPS, PlaceFIPS or ZCTA5 with <MEASURE>_CrudePrev columns (wide), or Year, MeasureId,"
    " DataValueTypeID, Data_Value, LocationID (long)",
    releases=places.RELEASES,
    recognise=places.recognise,
    claims=places.claims,
    vintage=places.vintage,
    project=places.project,
    check=places.check,
    totals={("county", "2022"): 3143},
)
SVI = Dataset(
    name="svi",
    title="CDC/ATSDR SVI",
    expected="FIPS (or STCNTY, STCOFIPS) with RPL_THEMES, R_PL_THEMES or USTP",
    releases=svi.RELEASES,
    recognise=svi.recognise,
    claims=svi.claims,
    vintage=svi.vintage,
    project=svi.project,
    check=svi.check,
    totals=svi.TOTALS,
)
ADI = Dataset(
    name="adi",
    title="Area Deprivation Index",
    expected="FIPS, ADI_NATRANK and ADI_STATERNK",
    releases=adi.RELEASES,
    recognise=adi.recognise,
    claims=adi.claims,
    vintage=adi.vintage,
    project=adi.project,
    check=adi.check,
    target="adi",
    totals=adi.TOTALS,
)
