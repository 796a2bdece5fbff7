# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store that speaks AWX's REST conventions (lists, filters, associations), so that awx.awx's own modules run.

It knows nothing of what a job template is; it refuses what nobody has made, as AWX does: names that do not exist, and
surveys with fields missing.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Item = dict[str, Any]
UNIFIED = ("job_templates", "projects", "inventory_sources", "workflow_job_templates")
SURVEY_FIELDS = ("question_name", "variable", "type", "required")


class Store:
    """Everything that was made. `lists`: endpoint → objects; `links`: (object, association) → ids."""

    def __init__(self) -> None:
        self.lists: dict[str, list[Item]] = {}
        self.links: dict[tuple[str, str], list[int]] = {}
        self.surveys: dict[str, Item] = {}
        self.add("organizations", {"name": "Default"})
        for name in ("Machine", "Vault"):
            self.add("credential_types", {"name": name, "managed": True})

    def add(self, endpoint: str, fields: Item) -> Item:
        number = sum(map(len, self.lists.values())) + 1
        url = f"/api/v2/{endpoint}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/"}
        kind = endpoint.rstrip("s")
        made = {
            "scm_revision": "",
            **fields,
            "id": number,
            "url": url,
            "type": kind,
            "related": related,
            "summary_fields": {},
        }
        self.lists.setdefault(endpoint, []).append(made)
        return made

    def named(self, endpoint: str) -> dict[str, Item]:
        """The objects of a list by name."""
        return {item.get("name") or item["identifier"]: item for item in self.lists.get(endpoint, [])}

    def linked(self, item: Item, association: str) -> list[str]:
        """The names of what an object is associated with."""
        ids = self.links.get((item["url"], association), [])
        everything = [other for found in self.lists.values() for other in found]
        return sorted(other.get("name") or other["identifier"] for other in everything if other["id"] in ids)

    def answer(self, method: str, path: str, query: Item, data: Item) -> tuple[int, Any]:
        parts = path.strip("/").split("/")[2:]
        if len(parts) == 1:
            return self._list(method, parts[0], query, data)
        item = next((item for item in self.lists.get(parts[0], []) if str(item["id"]) == parts[1]), None)
        if item is None:
            return 404, {"detail": "Not found."}
        return self._item(method, item, data) if len(parts) == 2 else self._beneath(method, item, parts[2], data)

    def _list(self, method: str, endpoint: str, query: Item, data: Item) -> tuple[int, Any]:
        if method == "POST":
            return 201, self.add(endpoint, data)
        names = UNIFIED if endpoint == "unified_job_templates" else (endpoint,)
        items = [item for name in names for item in self.lists.get(name, [])]
        found = [item for item in items if all(str(item.get(key)) == value for key, value in query.items())]
        return 200, {"count": len(found), "next": None, "results": found}

    def _item(self, method: str, item: Item, data: Item) -> tuple[int, Any]:
        if method == "PATCH":
            item.update(data)
        return 200, item

    def _beneath(self, method: str, item: Item, name: str, data: Item) -> tuple[int, Any]:
        if name == "survey_spec":
            return self._survey(method, item["url"], data)
        if name == "create_approval_template":
            made = self.add("workflow_approval_templates", data)
            item["related"]["unified_job_template"] = made["url"]
            return 201, made
        ids = self.links.setdefault((item["url"], name), [])
        if method == "GET":
            return 200, {"count": len(ids), "next": None, "results": [{"id": number} for number in ids]}
        if data.get("disassociate"):
            ids.remove(data["id"])
        else:
            ids.append(data["id"])
        return 204, None

    def _survey(self, method: str, url: str, data: Item) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.surveys.get(url, {})
        missing = [name for name in ("name", "description", "spec") if name not in data]
        missing += [field for entry in data.get("spec", []) for field in SURVEY_FIELDS if field not in entry]
        if missing:
            return 400, {"error": f"{missing} missing from the survey"}
        self.surveys[url] = data
        return 200, {}


class Server:
    """The store on a free port of loopback, as long as a `with` lasts."""

    def __init__(self, token: str) -> None:
        self.store = Store()
        store, lock = self.store, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Authorization") != f"Bearer {token}":
                    status, answer = 401, {"detail": "Authentication credentials were not provided."}
                else:
                    with lock:
                        found = json.loads(body) if body else {}
                        status, answer = store.answer(self.command, parts.path, dict(parse_qsl(parts.query)), found)
                text = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("X-API-Product-Name", "AWX")
                self.send_header("X-API-Product-Version", "24.6.1")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = _serve

            def log_message(self, *_words: Any) -> None:
                """Nothing on the screen."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
