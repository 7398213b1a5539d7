"""A site of static files on its own port, as the origin of pages that use an SDK."""

import contextlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import trustme

MODULES = Path(__file__).parent / "node" / "node_modules"


class _Handler(SimpleHTTPRequestHandler):
    """Serves a file by path, and everything below `/modules/` from the installed packages."""

    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds that a browser may keep a connection without using it
    extensions_map = {  # noqa: RUF012  # the base class's
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".js": "text/javascript",
    }

    def __init__(self, *given: object, pages: Mapping[str, Path]) -> None:
        self._pages = pages
        super().__init__(*given)  # type: ignore[arg-type]  # whatever the server gives

    def translate_path(self, path: str) -> str:
        name = unquote(urlsplit(path).path)
        if name.startswith("/modules/") and ".." not in name:
            return str(MODULES / name.removeprefix("/modules/"))
        return str(self._pages.get(name, Path("/nonexistent")))

    def log_message(self, format: str, *args: object) -> None:
        """Tests need no access log."""


@contextlib.contextmanager
def static_site(pages: Mapping[str, Path], *, tls: bool = False) -> Iterator[str]:
    """Serve files by path. Yields the origin, on localhost, whose certificate nobody trusts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, pages=pages)) as server:
        if tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            # A connection that never says anything must not keep others waiting: each shakes hands on its own thread.
            trustme.CA().issue_cert("localhost").configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
