import http.client
import io
import os
import uuid
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI, UploadFile
from PIL import Image, ImageOps

TARGET = urlsplit(os.environ["TARGET"])
# Debian has no client of OSS. The sink checks the form of a signature only.
AUTHORIZATION = (
    "OSS4-HMAC-SHA256 Credential=key/20250101/cn-hangzhou/oss/aliyun_v4_request,Signature="
    + "0" * 64
)
app = FastAPI()


@app.post("/images", status_code=201)
def upload(file: UploadFile):
    image = ImageOps.exif_transpose(Image.open(file.file)).convert("RGB")
    image.thumbnail((2560, 2560), Image.Resampling.LANCZOS)
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=82)
    key = f"{uuid.uuid4()}.jpg"
    connection = http.client.HTTPConnection(TARGET.netloc)
    connection.request("PUT", f"{TARGET.path}/{key}", jpeg.getvalue(), {"Authorization": AUTHORIZATION})
    if connection.getresponse().status != 200:
        raise RuntimeError("the put failed")
    connection.close()
    return {"key": key}


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
