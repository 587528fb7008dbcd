"""Serves a folder for tests of downloads, with the faults that real servers and networks have.

http_server.py FOLDER prints its port, then a line for every answer: path, Range, status, bytes sent.
What stands before the file's path is the fault:

/whole/F           as it should be          /noranges/F      ignores Range
/cut/N/F           breaks off after N bytes /stall/N/F       sends N bytes, then nothing more
/slow/F            16 kB at a time          /status/404/F    an error page
/wrong/F           other bytes              /page/F          a login page instead
/redirect/REST     sends on to /REST        /loop/F          sends on to itself
/nolength/F        does not tell the length /wrongrange/F    always from the beginning, and says so
"""
import http.server
import os
import re
import sys
import threading
import time

lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def note(self, status, sent):
        with lock:
            print(self.path, self.headers.get("Range", "-"), status, sent, sep="\t", flush=True)

    def page(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.note(status, 0)

    def do_GET(self):
        _, fault, rest = self.path.split("/", 2)
        number = 0
        if fault in ("cut", "stall", "status"):
            number, rest = rest.split("/", 1)
            number = int(number)
        if fault == "redirect":
            return self.page(302, b"", [("Location", "/" + rest)])
        if fault == "loop":
            return self.page(302, b"", [("Location", self.path)])
        if fault == "status":
            return self.page(number, b"<html>no</html>")
        if fault == "page":
            return self.page(200, b"<!DOCTYPE html><html><body>Please log in</body></html>")
        path = os.path.join(sys.argv[1], rest)
        if not os.path.isfile(path):
            return self.page(404, b"<html>not found</html>")
        with open(path, "rb") as file:
            data = file.read()
        if fault == "wrong":
            data = bytes(byte ^ 1 for byte in data[:1000]) + data[1000:]
        begin = 0
        asked = re.match(r"bytes=(\d+)-$", self.headers.get("Range", ""))
        status = 200
        if asked and fault != "noranges":
            begin = int(asked[1])
            status = 206
            if fault == "wrongrange":
                begin = 0
            if begin >= len(data):
                return self.page(416, b"", [("Content-Range", f"bytes */{len(data)}")])
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        data = data[begin:]
        if fault == "nolength":
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        sent = 0
        try:
            end = min(number, len(data)) if fault in ("cut", "stall") else len(data)
            while sent < end:
                piece = data[sent:min(end, sent + 16384)]
                self.wfile.write(piece)
                sent += len(piece)
                if fault == "slow":
                    time.sleep(0.02)
        except OSError:
            pass
        self.note(status, sent)
        if fault == "stall":
            time.sleep(5)
        if sent < len(data):
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
