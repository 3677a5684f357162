"""Story shapes, one a file, and the list of them."""

from pipelines.narrative.shapes.departure import DEPARTURE
from pipelines.narrative.shapes.message import MESSAGE
from pipelines.narrative.shapes.rivals import RIVALS
from pipelines.narrative.shapes.vigil import VIGIL

SHAPES = (VIGIL, MESSAGE, DEPARTURE, RIVALS)
