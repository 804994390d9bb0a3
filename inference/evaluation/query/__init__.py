"""Which images are shown, and in what order: a small readable language, its counts, and sorting.

`parse` reads a query, `evaluate` answers it over a `ReviewData`, `order` sorts, `facets` counts beside each filter,
`complete` and `toggle` serve the field and the chips.
"""

from inference.evaluation.query.completing import complete as complete
from inference.evaluation.query.data import ReviewData as ReviewData
from inference.evaluation.query.evaluating import evaluate as evaluate
from inference.evaluation.query.faceting import facet_counts as facet_counts
from inference.evaluation.query.faceting import facets as facets
from inference.evaluation.query.ordering import SORT_WORDS as SORT_WORDS
from inference.evaluation.query.ordering import order as order
from inference.evaluation.query.ordering import sort_values as sort_values
from inference.evaluation.query.parsing import parse as parse
from inference.evaluation.query.toggling import has_term as has_term
from inference.evaluation.query.toggling import is_on as is_on
from inference.evaluation.query.toggling import toggle as toggle
from inference.evaluation.query.toggling import which_on as which_on
from inference.evaluation.query.writing import format as format
from inference.evaluation.query.writing import format_term as format_term
from inference.types.querying import QuerySyntaxError as QuerySyntaxError
