"""Every error that a user may meet, in one tree.

CutlineError
├── DataError                 a dataset, label file or image
│   ├── ImageError            one image file cannot be shown or scored
│   ├── LabelFileError        a label file cannot be understood
│   └── DatasetError          a folder or file is no usable dataset
│       └── ImagesMissingError   a label file was read, but its images are elsewhere
└── ModelError                a model, its card or its device
    ├── CardError             model.toml cannot be read or contradicts itself
    ├── WeightsError          a weights file is damaged, unsafe or of another architecture
    ├── LabelCountError       the number of labels is not the number of outputs
    ├── OutputError           the model ran, and its output has the wrong shape or type
    └── DeviceError           the device is missing, lost or full

The message is one sentence for the user: the file, the value and the remedy. ``detail`` goes to the log.
"""

from __future__ import annotations


class CutlineError(Exception):
    """The root: whatever is raised on purpose."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class DataError(CutlineError):
    """A dataset, label file or image."""


class ImageError(DataError):
    """One image file cannot be shown or scored."""


class LabelFileError(DataError):
    """A label file cannot be understood."""


class DatasetError(DataError):
    """A folder or file is no usable dataset."""


class ImagesMissingError(DatasetError):
    """A label file was read, but its images are elsewhere."""


class ModelError(CutlineError):
    """A model, its card or its device."""


class CardError(ModelError):
    """model.toml cannot be read or contradicts itself."""


class WeightsError(ModelError):
    """A weights file is damaged, unsafe or of another architecture."""


class LabelCountError(ModelError):
    """The number of labels is not the number of outputs."""


class OutputError(ModelError):
    """The model ran, and its output has the wrong shape or type."""


class DeviceError(ModelError):
    """The device is missing, lost or full."""
