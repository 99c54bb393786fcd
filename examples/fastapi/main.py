"""Receives avatars and stores them with Pixdock. README.md says how to run it."""

import os
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request, Response, UploadFile
from fastapi.responses import JSONResponse

PIXDOCK_URL = os.environ.get("PIXDOCK_URL", "http://127.0.0.1:3000")
PIXDOCK_API_KEY = os.environ["PIXDOCK_API_KEY"]
# Longer than the wait below.
TIMEOUT_SECONDS = 60


@asynccontextmanager
async def lifespan(app: FastAPI):
    headers = {"Authorization": f"Bearer {PIXDOCK_API_KEY}"}
    async with httpx.AsyncClient(base_url=PIXDOCK_URL, headers=headers, timeout=TIMEOUT_SECONDS) as client:
        app.state.pixdock = client
        yield


def pixdock_of(request: Request) -> httpx.AsyncClient:
    return request.app.state.pixdock


Pixdock = Annotated[httpx.AsyncClient, Depends(pixdock_of)]
app = FastAPI(lifespan=lifespan)


@app.put("/users/{user_id}/avatar")
async def put_avatar(user_id: str, file: UploadFile, request: Request, pixdock: Pixdock) -> Response:
    """Pixdock checks the size and the type by content, converts the image, and stores it."""
    response = await pixdock.post(
        "/v1/images",
        headers={"Prefer": "wait=30", "Accept-Language": request.headers.get("accept-language", "en")},
        data={"profile": "avatar", "externalId": user_id},
        files={"file": (file.filename, file.file, file.content_type)},
    )
    return answer(response)


@app.get("/avatars/{image_id}")
async def read_avatar(image_id: str, pixdock: Pixdock) -> Response:
    """For an avatar that was not finished within the wait: keep `id`, and ask again."""
    return answer(await pixdock.get(f"/v1/images/{image_id}", params={"wait": 30}))


@app.delete("/avatars/{image_id}")
async def delete_avatar(image_id: str, pixdock: Pixdock) -> Response:
    return answer(await pixdock.delete(f"/v1/images/{image_id}"))


def answer(response: httpx.Response) -> JSONResponse:
    """`id`, `status` and `url`, or the reason in the language of the user."""
    body = response.json()
    if response.is_success:
        return JSONResponse({name: body[name] for name in ("id", "status", "url")}, response.status_code)
    # A wrong key is a fault of this server, not of its user.
    status = 502 if response.status_code in (401, 403) else response.status_code
    headers = {name: response.headers[name] for name in ("retry-after",) if name in response.headers}
    return JSONResponse({"code": body["code"], "detail": body["detail"]}, status, headers)
