# Gives your page upload tokens: PIXDOCK_API_KEY=… python3 backend.py. The page uploads straight to Pixdock.
import json, os, sys, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

URL = os.environ.get("PIXDOCK_URL", "http://127.0.0.1:3000")
PORT = int(os.environ.get("PORT", "8080"))
ORIGINS = [os.environ.get("ORIGIN", f"http://localhost:{PORT}")]  # Pixdock: CORS_ORIGINS lists it, too.
HEADERS = {"Authorization": f"Bearer {os.environ['PIXDOCK_API_KEY']}", "Content-Type": "application/json"}

class Backend(BaseHTTPRequestHandler):
    def do_POST(self):  # Check here that the visitor is signed in and may upload.
        wanted = json.dumps({"maxCount": 5, "expiresInSeconds": 300, "origins": ORIGINS}).encode()
        try:
            created = urllib.request.urlopen(urllib.request.Request(f"{URL}/v1/upload-tokens", wanted, HEADERS))
        except urllib.error.HTTPError as refusal:
            created = refusal
        body = json.load(created)
        if created.status >= 400:
            print(body["detail"], file=sys.stderr)
        self.respond("application/json", json.dumps({**body, "url": URL}).encode(), created.status)

    def do_GET(self):
        self.respond("text/html; charset=utf-8", Path(__file__).with_name("page.html").read_bytes())

    def respond(self, media_type, body, status=200):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.end_headers()
        self.wfile.write(body)

ThreadingHTTPServer(("localhost", PORT), Backend).serve_forever()
