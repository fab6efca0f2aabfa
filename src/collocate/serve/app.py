"""The routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

import collocate
from collocate.serve import open_inference, openapi, schemas, tf_serving
from collocate.serve.answer import Answer
from collocate.serve.body import Bodies
from collocate.serve.limits import Limits
from collocate.serve.model import Model, Models
from collocate.serve.observing import Metrics, Observed
from collocate.serve.openapi import refusals
from collocate.serve.refused import Refused
from collocate.serve.sources import Served

_DESCRIPTION = (
    "Trained solutions of differential equations, by the Open Inference Protocol and TensorFlow Serving's API."
)
_ASKED = refusals(400, 404, 408, 413, 415, 503)


def create(served: Sequence[Served], limits: Limits, threads: int) -> FastAPI:
    """The application of one process, which computes on so many threads at once."""
    models, metrics = Models(served), Metrics()
    pool = ThreadPoolExecutor(threads, "collocate-serve")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        pool.shutdown(cancel_futures=True)

    # /docs and /redoc would load their scripts from elsewhere.
    app = FastAPI(
        title="collocate", version=collocate.__version__, description=_DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.openapi = partial(openapi.document, app)  # type: ignore[method-assign]
    asking = _Asking(limits, metrics, pool)
    app.include_router(_open_inference(models, asking))
    app.include_router(_tf_serving(models, asking))
    app.include_router(_itself(models, metrics))
    for model in models.all:
        if model.page is not None:
            app.mount(page_path(model), StaticFiles(directory=model.page, html=True), name=page_path(model))
    app.add_middleware(Observed, metrics=metrics)  # type: ignore[arg-type]
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _broken)
    return app


class _Asking:
    """From a request to its answer, off the event loop."""

    def __init__(self, limits: Limits, metrics: Metrics, pool: ThreadPoolExecutor):
        self.limits, self._metrics, self._pool = limits, metrics, pool
        self._bodies = Bodies(limits)

    async def __call__(self, request: Request, find: Callable[[], Model], work: Callable[..., Answer]) -> Response:
        loop = asyncio.get_running_loop()
        async with self._bodies.read(request) as content:
            model = find()
            try:
                async with asyncio.timeout(self.limits.answer_seconds):
                    answer = await loop.run_in_executor(self._pool, work, model, content)
            except TimeoutError:
                reason = f"not computed within {self.limits.answer_seconds:g} seconds; ask again later"
                raise Refused(503, reason) from None
        self._metrics.count(model, answer.found)
        binary = open_inference.LENGTH in answer.headers
        media = "application/octet-stream" if binary else "application/json"
        return Response(answer.content, media_type=media, headers=dict(answer.headers))


def _open_inference(models: Models, ask: _Asking) -> APIRouter:
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])
    no_such = refusals(404)
    infers = {
        "openapi_extra": openapi.body(schemas.InferenceRequest, **openapi.BINARY),
        "responses": {200: {"model": schemas.InferenceResponse, "content": openapi.BINARY}, **_ASKED},
    }

    @router.get("/health/live")
    async def live() -> schemas.Live:
        return schemas.Live(live=True)

    @router.get("/health/ready")
    async def ready() -> schemas.Ready:
        return schemas.Ready(ready=True)

    @router.get("")
    async def server() -> schemas.ServerMetadata:
        return schemas.ServerMetadata(
            name="collocate", version=collocate.__version__, extensions=["binary_tensor_data"]
        )

    @router.post("/repository/index")
    async def index() -> list[schemas.IndexEntry]:
        return [
            schemas.IndexEntry(name=each.name, version=str(each.version), state="READY", reason="")
            for each in models.all
        ]

    @router.get("/models/{name}/ready", responses=no_such)
    @router.get("/models/{name}/versions/{version}/ready", responses=no_such)
    async def model_ready(name: str, version: str | None = None) -> schemas.ModelReady:
        return schemas.ModelReady(name=models.find(name, version).name, ready=True)

    @router.get("/models/{name}", responses=no_such, response_model_exclude_none=True)
    @router.get("/models/{name}/versions/{version}", responses=no_such, response_model_exclude_none=True)
    async def metadata(name: str, version: str | None = None) -> schemas.ModelMetadata:
        found = models.find(name, version)
        return schemas.ModelMetadata(**open_inference.metadata(found, models.versions(name)))

    @router.post("/models/{name}/infer", **infers)
    @router.post("/models/{name}/versions/{version}/infer", **infers)
    async def infer(request: Request, name: str, version: str | None = None) -> Response:
        length = request.headers.get(open_inference.LENGTH)
        work = partial(open_inference.infer, length=length, limits=ask.limits)
        return await ask(request, partial(models.find, name, version), work)

    return router


def _tf_serving(models: Models, ask: _Asking) -> APIRouter:
    router = APIRouter(prefix="/v1/models", tags=["TensorFlow Serving"])
    no_such = refusals(404)
    predicts = {
        "openapi_extra": openapi.body(schemas.PredictRequest),
        "responses": {200: {"model": schemas.Predictions}, **_ASKED},
    }

    @router.post("/{name}:predict", **predicts)
    @router.post("/{name}/versions/{version}:predict", **predicts)
    async def predict(request: Request, name: str, version: str | None = None) -> Response:
        return await ask(request, partial(models.find, name, version), partial(tf_serving.predict, limits=ask.limits))

    @router.get("/{name}:predict", include_in_schema=False)
    @router.get("/{name}/versions/{version}:predict", include_in_schema=False)
    async def not_posted() -> Response:  # else `status` would look for a model of that name
        raise HTTPException(405, headers={"Allow": "POST"})

    @router.get("/{name}/metadata", responses=no_such)
    @router.get("/{name}/versions/{version}/metadata", responses=no_such)
    async def metadata(name: str, version: str | None = None) -> schemas.PredictMetadata:
        return schemas.PredictMetadata(**tf_serving.metadata(models.find(name, version)))

    @router.get("/{name}", responses=no_such)
    @router.get("/{name}/versions/{version}", responses=no_such)
    async def status(name: str, version: str | None = None) -> schemas.ModelStatus:
        versions = models.versions(name) if version is None else [models.find(name, version)]
        return schemas.ModelStatus(**tf_serving.status(versions))

    return router


def _itself(models: Models, metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["The server"])

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def measured() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    @router.get("/", include_in_schema=False)
    async def start() -> Response:
        pages = {f"{each.name}, version {each.version}": f"{page_path(each)}/" for each in models.all if each.page}
        if len(pages) == 1:
            (page,) = pages.values()
            return RedirectResponse(page)
        status = {f"{each.name}, its status": f"/v1/models/{each.name}" for each in models.all}
        links = {**pages, **status, "OpenAPI": "/openapi.json", "Metrics": "/metrics"}
        listed = "".join(f'<li><a href="{escape(to)}">{escape(what)}</a></li>' for what, to in links.items())
        return HTMLResponse(
            f"<!doctype html><meta charset=utf-8><title>collocate</title><h1>collocate</h1><ul>{listed}</ul>"
        )

    return router


def page_path(model: Model | Served) -> str:
    """Where the folder of its web page is mounted."""
    return f"/pages/{model.name}/{model.version}"


async def _refused(_: Request, error: Any) -> Response:
    headers = {"Connection": "close"} if error.close else None
    return JSONResponse({"error": error.reason}, error.status, headers)


async def _no_route(request: Request, error: Any) -> Response:
    # What such a request has as a body was not read.
    headers = {**(error.headers or {}), **({} if request.method in ("GET", "HEAD") else {"Connection": "close"})}
    takes = f"; it takes {headers['Allow']}" if "Allow" in headers else ""
    reason = f"{request.method} {request.url.path}: {error.detail}{takes}"
    return JSONResponse({"error": reason}, error.status_code, headers)


async def _broken(_: Request, error: Any) -> Response:
    return JSONResponse({"error": "the server is at fault; its log says more"}, 500)
