"""An OAuth 1.0a server on loopback, of oauthlib's endpoints with their default rules, and an API behind it."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from oauthlib.oauth1 import RequestValidator, WebApplicationServer

KEY, SECRET = "consumerkey0123456789", "consumer & secret"


class Validator(RequestValidator):
    enforce_ssl = False
    dummy_client = dummy_request_token = dummy_access_token = "dummy"

    def __init__(self):
        super().__init__()
        self.request_tokens, self.access_tokens, self.verifiers, self.nonces = {}, {}, {}, set()

    def get_client_secret(self, client_key, request):
        return SECRET

    def get_request_token_secret(self, client_key, token, request):
        return self.request_tokens.get(token, {}).get("oauth_token_secret", "dummy")

    def get_access_token_secret(self, client_key, token, request):
        return self.access_tokens.get(token, {}).get("oauth_token_secret", "dummy")

    def get_realms(self, token, request):
        return []

    def get_default_realms(self, client_key, request):
        return []

    def get_redirect_uri(self, token, request):
        return self.request_tokens[token]["redirect"]

    def validate_client_key(self, client_key, request):
        return client_key == KEY

    def validate_request_token(self, client_key, token, request):
        return token in self.request_tokens

    def validate_access_token(self, client_key, token, request):
        return token in self.access_tokens

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        seen = (timestamp, nonce) in self.nonces
        self.nonces.add((timestamp, nonce))
        return not seen

    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return redirect_uri.startswith("https://app.example/")

    def validate_requested_realms(self, client_key, realms, request):
        return True

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True

    def validate_verifier(self, client_key, token, verifier, request):
        return self.verifiers.get(token) == verifier

    def verify_request_token(self, token, request):
        return token in self.request_tokens

    def verify_realms(self, token, realms, request):
        return True

    def save_request_token(self, token, request):
        self.request_tokens[token["oauth_token"]] = dict(token, redirect=request.redirect_uri)

    def save_access_token(self, token, request):
        self.access_tokens[token["oauth_token"]] = token

    def save_verifier(self, token, verifier, request):
        self.verifiers[token] = verifier["oauth_verifier"]

    def invalidate_request_token(self, client_key, request_token, request):
        self.request_tokens.pop(request_token, None)


server = WebApplicationServer(Validator())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        uri = f"http://{self.headers['Host']}{self.path}"
        arguments = (uri, self.command, body, dict(self.headers))
        path = self.path.split("?")[0]
        if path == "/request":
            headers, text, status = server.create_request_token_response(*arguments)
        elif path == "/authorize":
            headers, text, status = server.create_authorization_response(*arguments, realms=[])
        elif path == "/token":
            headers, text, status = server.create_access_token_response(*arguments)
        else:
            valid, _ = server.validate_protected_resource_request(*arguments, realms=[])
            status = 200 if valid else 401
            headers, text = {"Content-Type": "application/json"}, json.dumps({"id": 7, "name": "Ann Bell"})
        data = (text or "").encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer

    def log_message(self, *arguments):
        pass


httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{httpd.server_port}", flush=True)
httpd.serve_forever()
