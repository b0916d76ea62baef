select *
from explore.odd_values
