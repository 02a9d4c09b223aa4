"""A real SMTP server on loopback for the tests: Debian's python3-aiosmtpd.

Takes one JSON object as its argument:
  folder    where accepted messages are put, 1.eml and 1.json (envelope), 2.eml ...
  cert, key PEM files; without them there is no encryption
  implicit  TLS from the first byte instead of STARTTLS
  user, password  a login that is required
  script    what becomes of each letter in turn, the last for all that follow:
            "ok", a reply such as "451 4.3.0 try later", "rcpt 550 5.1.1 ..." for a reply to RCPT TO,
            "drop" to cut the connection after the letter was read, "drop rcpt" to cut it before
Prints "PORT n" when it listens, and ends when its standard input does.
"""

import asyncio
import json
import logging
import os
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    def __init__(self, options):
        self.folder = options["folder"]
        self.script = options.get("script") or ["ok"]
        self.tried = 0
        self.taken = 0

    def step(self):
        return self.script[min(self.tried, len(self.script) - 1)]

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        step = self.step()
        if step == "drop rcpt":
            self.tried += 1
            server.transport.abort()
            return "421 4.4.2 gone"
        if step.startswith("rcpt "):
            self.tried += 1
            return step[len("rcpt "):]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        step = self.step()
        self.tried += 1
        if step == "drop":
            server.transport.abort()
            return "421 4.4.2 gone"
        if step != "ok":
            return step
        self.taken += 1
        stem = os.path.join(self.folder, str(self.taken))
        facts = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            "login": session.auth_data.login.decode() if session.auth_data else None,
        }
        with open(stem + ".json", "w", encoding="utf-8") as file:
            json.dump(facts, file)
        with open(stem + ".tmp", "wb") as file:
            file.write(envelope.original_content)
        os.rename(stem + ".tmp", stem + ".eml")
        return "250 2.0.0 taken"


def authenticator(options):
    wanted = LoginPassword(options["user"].encode(), options["password"].encode())

    def check(server, session, envelope, mechanism, given):
        return AuthResult(success=given == wanted, handled=False, auth_data=given)

    return check


async def main(options):
    context = None
    if options.get("cert"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options["cert"], options["key"])
    implicit = bool(options.get("implicit"))
    settings = {"hostname": "localhost", "ident": "test", "enable_SMTPUTF8": False}
    if context and not implicit:
        settings.update(tls_context=context, require_starttls=True)
    if options.get("user"):
        # On an implicit-TLS port aiosmtpd does not know that the session is encrypted.
        settings.update(authenticator=authenticator(options), auth_required=True, auth_require_tls=not implicit)
    handler = Handler(options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, loop=loop, **settings), "127.0.0.1", 0, ssl=context if implicit else None)
    print("PORT", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    # Broken handshakes are part of the tests; their traces would only bury what matters.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    logging.getLogger("mail.log").addHandler(logging.NullHandler())
    logging.getLogger("mail.log").propagate = False
    warnings.simplefilter("ignore")
    asyncio.run(main(json.loads(sys.argv[1])))
