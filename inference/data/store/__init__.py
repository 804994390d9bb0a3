"""The project: one SQLite file with a dataset, everything that was said about it, and how that came to be."""

from inference.data.store.project import Project as Project
from inference.data.store.values import Backup as Backup
from inference.data.store.values import Contents as Contents
from inference.data.store.values import HistoryEntry as HistoryEntry
from inference.data.store.values import ImageTable as ImageTable
from inference.data.store.values import LabelChange as LabelChange
from inference.data.store.values import ModelNote as ModelNote
from inference.data.store.values import NoteChange as NoteChange
from inference.data.store.values import RunNote as RunNote
from inference.data.store.values import StatementChange as StatementChange
from inference.data.store.values import Step as Step
from inference.data.store.values import StepRecord as StepRecord
