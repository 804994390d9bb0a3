"""The tables of a project file, and how a file of an earlier version becomes one of today's.

A version that has been released is never changed: a change of layout is a new entry of `MIGRATIONS`, and the tables
below are what a new file and a migrated one both have.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

APPLICATION_ID: Final = 0x43_75_74_4C  # "CutL"
VERSION: Final = 1

# All texts are BLOBs of UTF-8 in which a lone surrogate is allowed: a file name need not be UTF-8.
TABLES: Final = """
CREATE TABLE project (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid BLOB NOT NULL,
  revision INTEGER NOT NULL,
  backed_up INTEGER NOT NULL,
  source BLOB NOT NULL,
  root BLOB NOT NULL,
  task TEXT NOT NULL,
  created REAL NOT NULL,
  opened REAL NOT NULL
);
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  step INTEGER,
  action TEXT NOT NULL,
  made REAL NOT NULL,
  who BLOB NOT NULL,
  text BLOB NOT NULL,
  source BLOB NOT NULL,
  n_images INTEGER NOT NULL
);
CREATE INDEX events_step ON events (step);
CREATE TABLE images (
  id INTEGER PRIMARY KEY,
  name BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  mtime INTEGER NOT NULL,
  fingerprint BLOB,
  present INTEGER NOT NULL,
  part BLOB,
  event INTEGER NOT NULL REFERENCES events (id)
);
CREATE TABLE labels (
  id INTEGER PRIMARY KEY,
  name BLOB NOT NULL,
  retired INTEGER NOT NULL,
  merged_into INTEGER NOT NULL
);
CREATE TABLE statements (
  image INTEGER PRIMARY KEY REFERENCES images (id),
  cells BLOB NOT NULL,
  first BLOB NOT NULL
);
CREATE TABLE notes (
  image INTEGER PRIMARY KEY REFERENCES images (id),
  text BLOB NOT NULL
);
CREATE TABLE steps (
  id INTEGER PRIMARY KEY,
  kind BLOB NOT NULL,
  text BLOB NOT NULL,
  source BLOB NOT NULL,
  model BLOB NOT NULL,
  payload BLOB NOT NULL,
  state TEXT NOT NULL,
  made REAL NOT NULL,
  who BLOB NOT NULL,
  n_images INTEGER NOT NULL,
  n_labels INTEGER
);
CREATE TABLE step_cells (
  step INTEGER NOT NULL REFERENCES steps (id),
  image INTEGER NOT NULL REFERENCES images (id),
  before BLOB NOT NULL,
  after BLOB NOT NULL,
  PRIMARY KEY (step, image)
) WITHOUT ROWID;
CREATE INDEX step_cells_image ON step_cells (image);
CREATE TABLE step_labels (
  step INTEGER NOT NULL REFERENCES steps (id),
  position INTEGER NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('before', 'after')),
  id INTEGER NOT NULL,
  name BLOB NOT NULL,
  retired INTEGER NOT NULL,
  merged_into INTEGER NOT NULL,
  PRIMARY KEY (step, position, side)
) WITHOUT ROWID;
CREATE TABLE step_notes (
  step INTEGER NOT NULL REFERENCES steps (id),
  image INTEGER NOT NULL REFERENCES images (id),
  before BLOB NOT NULL,
  after BLOB NOT NULL,
  PRIMARY KEY (step, image)
) WITHOUT ROWID;
CREATE INDEX step_notes_image ON step_notes (image);
CREATE TABLE settings (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE models (fingerprint BLOB PRIMARY KEY, path BLOB NOT NULL, name BLOB NOT NULL, made REAL NOT NULL);
CREATE TABLE model_labels (
  model BLOB NOT NULL REFERENCES models (fingerprint) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name BLOB NOT NULL,
  PRIMARY KEY (model, position)
) WITHOUT ROWID;
CREATE TABLE runs (
  model BLOB NOT NULL,
  preprocessing BLOB NOT NULL,
  n_scored INTEGER NOT NULL,
  made REAL NOT NULL,
  PRIMARY KEY (model, preprocessing)
) WITHOUT ROWID;
"""

# From version v to v + 1, each inside the transaction that also raises the version.
MIGRATIONS: Final[dict[int, Callable[[sqlite3.Connection], None]]] = {}


def lay_out(connection: sqlite3.Connection) -> None:
    """Make the tables of today's version in an empty file, inside the transaction that is open."""
    for statement in TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def migrate_from(connection: sqlite3.Connection, version: int) -> None:
    """Bring the file to today's version, inside the transaction that is open."""
    for each in range(version, VERSION):
        MIGRATIONS[each](connection)
    connection.execute(f"PRAGMA user_version = {VERSION}")
