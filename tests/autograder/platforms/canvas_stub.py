"""A server with as much of Canvas's API as handing back needs: one assignment, kept in memory."""

import json
import re
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token"
PLACE = "/api/v1/courses/12/assignments/34"
PER_PAGE = 2
"""However many are asked for: so that pages are followed."""


class CanvasStub:
    """One course 12 with one assignment 34, worth `points`; users are number → sortable name."""

    def __init__(self, users: dict[int, str], points: float):
        self.points = points
        self.late_policy: dict | None = None
        """Of the course; None where nobody has made one."""
        self.submissions = {
            number: {"user": {"name": name, "sortable_name": name}, "user_id": number}
            | {"score": None, "submission_comments": [], "course_id": 12, "assignment_id": 34}
            | {"late": False}
            for number, name in users.items()
        }
        self.files: dict[int, dict] = {}
        self.contents: dict[int, bytes] = {}
        self.writes: list[str] = []
        self.refuse_after = 10**9
        """So many writes are taken; then the server is too busy."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("H", (_Handler,), {"stub": self}))
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.site = f"http://127.0.0.1:{self._server.server_port}"
        self.address = f"{self.site}/courses/12/assignments/34"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def pages(self, number: int) -> list[bytes]:
        """The contents of the pages that a user sees, in order."""
        comments = self.submissions[number]["submission_comments"]
        return [self.contents[file["id"]] for each in comments for file in each["attachments"]]


class _Handler(BaseHTTPRequestHandler):
    stub: CanvasStub

    def log_message(self, *_):
        pass

    def _answer(self, value, status=200, **headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def _refused(self) -> bool:
        if self.headers["Authorization"] == f"Bearer {TOKEN}":
            return False
        no_token = {"WWW-Authenticate": "Bearer"}
        self._answer({"errors": [{"message": "Invalid access token."}]}, 401, **no_token)
        return True

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"] or 0))

    def do_GET(self):
        if self._refused():
            return
        url = urlsplit(self.path)
        if url.path == "/api/v1/courses/12":
            self._answer({"id": 12})
        elif url.path == "/api/v1/courses/12/late_policy" and self.stub.late_policy:
            self._answer({"late_policy": self.stub.late_policy})
        elif url.path == PLACE:
            self._answer({"id": 34, "course_id": 12, "points_possible": self.stub.points})
        elif url.path == f"{PLACE}/submissions":
            page = int(parse_qs(url.query).get("page", ["1"])[0])
            every = list(self.stub.submissions.values())
            shown = every[PER_PAGE * (page - 1) : PER_PAGE * page]
            following = f'<{self.stub.site}{url.path}?page={page + 1}>; rel="next"'
            more = {"Link": following} if len(every) > PER_PAGE * page else {}
            self._answer(shown, **more)
        else:
            self._answer({"errors": [{"message": "not found"}]}, 404)

    def do_POST(self):
        body = self._body()
        if self.path == "/upload":  # without a token, as Canvas's storage
            self._answer(self._take_file(body), 201)
            return
        asked = re.fullmatch(rf"{PLACE}/submissions/(\d+)/comments/files", self.path)
        if self._refused() or asked is None:
            return
        if len(self.stub.writes) >= self.stub.refuse_after:
            self._answer({"errors": "busy"}, 503)
            return
        self.stub.writes.append(f"file {asked[1]}")
        self._answer({"upload_url": f"{self.stub.site}/upload", "upload_params": {"key": "k"}})

    def _take_file(self, body: bytes) -> dict:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = message_from_bytes(head + body, policy=policy.default)
        [part] = [part for part in form.iter_parts() if part.get_filename()]
        number = len(self.stub.files) + 1
        self.stub.contents[number] = part.get_payload(decode=True)
        self.stub.files[number] = {
            "id": number,
            "display_name": part.get_filename(),
            "url": f"{self.stub.site}/files/{number}",
        }
        return self.stub.files[number]

    def do_PUT(self):
        body = self._body()
        asked = re.fullmatch(rf"{PLACE}/submissions/(\d+)", self.path)
        if self._refused() or asked is None:
            return
        submission = self.stub.submissions[int(asked[1])]
        for key, [value, *_] in parse_qs(body.decode()).items():
            self.stub.writes.append(f"{key} {asked[1]}")
            if key == "submission[posted_grade]":
                submission["score"] = float(value)
            elif key == "comment[file_ids][]":
                file = self.stub.files[int(value)]
                submission["submission_comments"].append({"attachments": [file]})
        self._answer(submission)
