"""The application: the screens under their addresses, each as a page, as JSON and as CSV, and what errors look like."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from healthsim.errors import DatabaseLocked, HealthSimError
from healthsim.pictures import charts, timeline
from healthsim.scrubbing import scrubbed, scrubbed_value
from healthsim.web.rendering import render
from healthsim.web.runs import Runs
from healthsim.web.screens import SCREENS
from healthsim.web.visits import Download, Redirect, Screen, Sheet, Shown, Upload, View, Visit
from healthsim.workbench import Workbench

if TYPE_CHECKING:
    from starlette.requests import Request

    Show = Callable[[Visit], Shown]

#: seconds that a page waits for a database that another program holds, before it says so and tries again by itself
_PATIENCE = 2.0
#: the addresses of forms that send files
UPLOADS = frozenset(screen.path for screen in SCREENS if screen.files)
_STATUS = {"usage": 400, "not_found": 404, "already_exists": 409, "invalid_input": 422, "database_locked": 503}


def create_app(bench: Workbench, *, read_only: bool = False) -> Starlette:
    """The pages of a database, without the guard that stands before them."""
    patient = replace(bench.settings, lock_timeout=min(bench.settings.lock_timeout, _PATIENCE))
    shown = Workbench(patient)
    if bench.settings.database == ":memory:":
        # it lasts as long as its object
        shown.__dict__["database"] = bench.database
    app = Starlette(
        routes=[
            *_routes(),
            Route("/static/pictures.css", _pictures),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static"),
        ],
        exception_handlers={HealthSimError: _failed, HTTPException: _absent},
    )
    app.state.bench, app.state.runs, app.state.read_only = shown, Runs(), read_only
    return app


def _pictures(request: Request) -> Response:
    """The style sheets of the pictures, which notebooks and pages that stand alone carry in themselves."""
    return Response(f"{timeline.style()}\n{charts.style()}", media_type="text/css")


def _routes() -> Iterator[Route]:
    for screen in SCREENS:
        if screen.form:
            yield Route(screen.path, _form(screen), methods=["POST"])
            continue
        # the endings come first: a name may hold anything but a slash
        base = "/index" if screen.path == "/" else screen.path
        if not screen.alone:
            yield Route(f"{base}.json", _json(screen.show), methods=["GET"])
        if screen.csv:
            yield Route(f"{base}.csv", _csv(screen.show), methods=["GET"])
        yield Route(screen.path, _page(screen.show), methods=["GET"])


def _visit(request: Request, form: dict[str, str] | None = None, uploads: Sequence[Upload] = ()) -> Visit:
    state = request.app.state
    return Visit(request, state.bench, state.runs, state.read_only, form or {}, uploads)


def _page(show: Show) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        visit = _visit(request)
        return _answered(visit, show(visit))

    return endpoint


def _answered(visit: Visit, view: Shown) -> Response:
    if isinstance(view, Redirect):
        return RedirectResponse(view.address, status_code=303)
    if isinstance(view, Download):
        return FileResponse(view.path, filename=view.path.name, media_type="application/octet-stream")
    return HTMLResponse(render(visit, view), status_code=view.status)


def _json(show: Show) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        visit = _visit(request)
        view = show(visit)
        return _as_json(view.answer, view.status) if isinstance(view, View) else _answered(visit, view)

    return endpoint


def _as_json(value: Any, status: int = 200) -> Response:
    text = json.dumps(scrubbed_value(_object(value)), ensure_ascii=False, indent=2, default=_spelled)
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")


def _object(value: Any) -> Any:
    return value.as_dict() if hasattr(value, "as_dict") else value


def _spelled(value: Any) -> Any:
    return value.as_dict() if hasattr(value, "as_dict") else str(value)


def _csv(show: Show) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        visit = _visit(request)
        view = show(visit)
        if not isinstance(view, View):
            return _answered(visit, view)
        assert view.sheet is not None
        return StreamingResponse(_lines(view.sheet), media_type="text/csv; charset=utf-8")

    return endpoint


def _lines(sheet: Sheet) -> Iterator[bytes]:
    """All rows; where they end early, the last line says why."""
    yield _line([column.name for column in sheet.columns])
    try:
        for row in sheet.every() if sheet.every is not None else sheet.rows:
            yield _line(row)
    except HealthSimError as error:
        yield _line([f"ERROR: the rows end here. {scrubbed(error.message)}"])


def _line(row: Sequence[Any]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerow(["" if value is None else value for value in row])
    return stream.getvalue().encode("utf-8", "replace")


def _form(screen: Screen) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        async with request.form(max_files=screen.files, max_fields=200) as sent:
            form = {name: value for name, value in sent.multi_items() if isinstance(value, str)}
            # a field for files that was left empty sends one without a name
            files = [item for _, item in sent.multi_items() if isinstance(item, UploadFile) and item.filename]
            visit = _visit(request, form, [Upload.of(item.filename, item.file) for item in files])
            return await run_in_threadpool(lambda: _answered(visit, screen.show(visit)))

    return endpoint


# -- errors ----------------------------------------------------------------------------------------------------


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HealthSimError)
    status = _STATUS.get(error.code, 500)
    if request.url.path.endswith((".json", ".csv")):
        return _as_json({"error": error.as_dict()}, status)
    facts = {"code": error.code, "message": scrubbed(error.message), "retry": isinstance(error, DatabaseLocked)}
    titles = {404: "Not found", 503: "Somebody else is writing", 409: "The name is taken", 422: "That cannot be read"}
    view = View("error.html", titles.get(status, "That did not work"), facts, error.as_dict(), status=status)
    return HTMLResponse(render(_visit(request), view), status_code=status)


def _absent(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    missing = error.status_code == 404
    says = f"There is no page at {request.url.path}." if missing else f"{error.detail}. Nothing was changed."
    facts = {"code": "not_found" if missing else "usage", "message": says, "retry": False}
    title = "Not found" if missing else "That did not work"
    view = View("error.html", title, facts, facts, status=error.status_code)
    return HTMLResponse(render(_visit(request), view), status_code=error.status_code)
