"""The frozen values that all rooms share: numpy alone, so that widgets may import them."""

from inference.types.annotating import *  # noqa: F403
from inference.types.base import *  # noqa: F403
from inference.types.calibration import *  # noqa: F403
from inference.types.comparison import *  # noqa: F403
from inference.types.fresh import *  # noqa: F403
from inference.types.honesty import *  # noqa: F403
from inference.types.metrics import *  # noqa: F403
from inference.types.multiples import *  # noqa: F403
from inference.types.panel import *  # noqa: F403
from inference.types.pictures import *  # noqa: F403
from inference.types.queues import *  # noqa: F403
from inference.types.rejection import *  # noqa: F403
from inference.types.review import *  # noqa: F403
from inference.types.scheme import *  # noqa: F403
from inference.types.tuning import *  # noqa: F403
