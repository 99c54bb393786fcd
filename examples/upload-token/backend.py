# Gives your page upload tokens: PIXDOCK_API_KEY=… python3 backend.py. The page uploads straight to Pixdock.
import json, os, pathlib, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

URL, PORT = os.environ.get("PIXDOCK_URL", "http://127.0.0.1:3000"), os.environ.get("PORT", "8080")
ORIGIN = os.environ.get("ORIGIN", f"http://localhost:{PORT}")  # CORS_ORIGINS of Pixdock lists it, too.
HEADERS = {"Authorization": f"Bearer {os.environ['PIXDOCK_API_KEY']}", "Content-Type": "application/json"}
WANTED = json.dumps({"maxCount": 5, "expiresInSeconds": 300, "origins": [ORIGIN]}).encode()

class Backend(BaseHTTPRequestHandler):
    def do_GET(self):
        self.respond(200, "text/html; charset=utf-8", pathlib.Path(__file__).with_name("page.html").read_bytes())

    def do_POST(self):  # Check here that the visitor is signed in and may upload.
        try:
            created = urllib.request.urlopen(urllib.request.Request(f"{URL}/v1/upload-tokens", WANTED, HEADERS))
        except urllib.error.HTTPError as refusal:
            created = refusal
        self.respond(created.status, "application/json", json.dumps({**json.load(created), "url": URL}).encode())

    def respond(self, status, media_type, body):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.end_headers()
        self.wfile.write(body)

ThreadingHTTPServer(("localhost", int(PORT)), Backend).serve_forever()
