"""Sends everything that requests (and so tweepy) would send to the platform to an emulator, as plain http."""

from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter


class ToEmulator(HTTPAdapter):
    def __init__(self, address):
        super().__init__()
        self.address = address

    def send(self, request, **options):
        asked = urlsplit(request.url)
        # The platform's name stays, for OAuth 1.0a has signed it.
        request.headers["Host"] = asked.netloc
        request.url = urlunsplit(("http", self.address, asked.path, asked.query, ""))
        return super().send(request, **options)


def point_to(address):
    """address: such as 127.0.0.1:4200. Holds for all sessions that are made from now on."""
    make = requests.Session.__init__

    def make_pointed(session, *arguments, **options):
        make(session, *arguments, **options)
        session.mount("https://", ToEmulator(address))

    requests.Session.__init__ = make_pointed
