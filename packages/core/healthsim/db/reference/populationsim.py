"""The plan's name of the datasets about populations: PLACES, SVI and ADI."""

from healthsim.db.reference.adi import ADI as ADI
from healthsim.db.reference.places import PLACES as PLACES
from healthsim.db.reference.svi import SVI as SVI
