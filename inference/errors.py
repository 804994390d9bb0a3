"""Every error that a user may meet, in one tree.

CutlineError
├── DataError                 a dataset, label file or image
│   ├── ImageError            one image file cannot be shown or scored
│   ├── LabelFileError        a label file cannot be understood
│   └── DatasetError          a folder or file is no usable dataset
│       └── ImagesMissingError   a label file was read, but its images are elsewhere
├── ProjectError              a project file
│   ├── ProjectBusyError      another Cutline has it open
│   ├── ProjectDamagedError   it is not whole; backups may be
│   ├── ProjectNewerError     a newer Cutline wrote it
│   └── ProjectWriteError     it cannot be written now; what was to be written is still in the window
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


class ProjectError(CutlineError):
    """A project file."""


class ProjectBusyError(ProjectError):
    """Another Cutline has the project open."""

    def __init__(self, message: str, *, owner: str = "", detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.owner = owner  # who has it, in words; "" where that is not known


class ProjectDamagedError(ProjectError):
    """The project file is not whole."""

    def __init__(self, message: str, *, backups: tuple[str, ...] = (), detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.backups = backups  # paths, newest first


class ProjectNewerError(ProjectError):
    """A newer Cutline wrote the project."""


class ProjectWriteError(ProjectError):
    """The project cannot be written now: a full disk, a folder that is read-only or went away."""


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
