"""An empty PostgreSQL database for each house that asks."""

import itertools
import os
import urllib.parse

import pg8000.dbapi

SERVER = os.environ.get("CHAPERON_TEST_POSTGRES")
_numbers = itertools.count(1)


def new_database() -> str:
    """The URL of a database that nobody used before."""
    url = urllib.parse.urlsplit(SERVER)
    name = f"house_{os.getpid()}_{next(_numbers)}"
    with pg8000.dbapi.connect(user=url.username, password=url.password, host=url.hostname, port=url.port or 5432,
                              database=url.path.lstrip("/")) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
    return url._replace(path=f"/{name}").geturl()


def dump(url: str) -> bytes:
    """Every row of every table of a database as text, to be searched."""
    parts = urllib.parse.urlsplit(url)
    rows = []
    with pg8000.dbapi.connect(user=parts.username, password=parts.password, host=parts.hostname,
                              port=parts.port or 5432, database=parts.path.lstrip("/")) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')
            rows += [row[0] for row in cursor.fetchall()]
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                rows += [value.decode("latin-1") for value in row if isinstance(value, bytes)]
    return "\n".join(rows).encode("latin-1", "replace")
