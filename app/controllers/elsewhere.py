"""Two Cutlines and one project: the one that has it open answers under a name made from its path, and comes forward."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_FORWARD: Final = b"forward\n"


def name_of(project: str | Path) -> str:
    """The name under which the window that has a project open is reached, by the same user on the same computer."""
    real = os.path.realpath(project)
    return f"cutline-{hashlib.blake2s(real.encode(errors='surrogateescape'), digest_size=12).hexdigest()}"


class Elsewhere(QObject):
    """Answers for the project that is open here, and calls the window that has another."""

    forwardRequested = Signal()  # somebody wants what is open here
    answered = Signal(bool)  # whether the window that was called is there

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None
        self._socket: QLocalSocket | None = None

    def answer_for(self, project: Path | None) -> None:
        """This project is open here now; only its holder may call this, because a server left by a crash is removed."""
        name = "" if project is None else name_of(project)
        if self._server is not None:
            if self._server.serverName() == name:
                return
            self._server.close()
            self._server.deleteLater()
            self._server = None
        if not name:
            return
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._on_connection)
        if not server.listen(name):
            QLocalServer.removeServer(name)
            server.listen(name)  # where that fails too, this window is merely not called
        self._server = server

    def call(self, project: Path) -> None:
        """Ask the window that has a project open to come forward; `answered` says whether there is one."""
        self._hang_up()
        socket = self._socket = QLocalSocket(self)
        socket.connected.connect(self._on_connected)
        socket.errorOccurred.connect(self._on_error)
        socket.connectToServer(name_of(project))

    def close(self) -> None:
        """Answer no more."""
        self._hang_up()
        self.answer_for(None)

    def _on_connected(self) -> None:
        socket = self._socket
        if socket is not None:
            self._socket = None
            socket.write(_FORWARD)
            socket.disconnected.connect(socket.deleteLater)
            socket.disconnectFromServer()
            self.answered.emit(True)

    def _on_error(self, _: QLocalSocket.LocalSocketError) -> None:
        """Before it was connected; what goes wrong afterwards does not matter."""
        if self._socket is not None:
            self._hang_up()
            self.answered.emit(False)

    def _hang_up(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.abort()
            socket.deleteLater()

    def _on_connection(self) -> None:
        """Whatever is said, there is one thing to be wanted; nothing that was sent is kept."""
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.disconnectFromServer()
            self.forwardRequested.emit()
