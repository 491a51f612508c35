"""Somebody else's database at any SQLAlchemy address, read without changing or keeping anything.

SQLite files have rules of their own, see sqlite_files. On PostgreSQL the query is the one statement of a read-only
transaction with a limit of time, both of which end with the transaction, also behind a pool of connections.
"""

from pathlib import Path

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.results import Result
from recon_exporter.reading.sqlite_files import query_sqlite

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 30
FILE_PREFIX = "file:"

_UNDEFINED = {"42P01", "42703", "3F000"}
"""PostgreSQL's states for a table, a column and a schema that is not there."""

_CANCELLED = "57014"


_PATIENCE = {"connect_timeout": str(CONNECT_SECONDS), "tcp_user_timeout": str(1000 * STATEMENT_SECONDS)}
"""Also a server that has gone silent keeps nobody waiting; what the address itself says stands."""


class Database:
    """The database at ``url``; nothing is opened before it is asked. ``name`` shows the address without secrets."""

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self.name = "url" if self._url is None else self._url.set(query={}).render_as_string(hide_password=True)

    def query(self, query: str) -> Result:
        """The rows of one SELECT; raises Refused, naming the address."""
        try:
            return self._ask(query)
        except Refused as refused:
            raise Refused(refused.reason, f"{self.name}: {self._without_password(str(refused))}") from None

    def _ask(self, query: str) -> Result:
        if self._url is None:
            raise Refused(Reason.SOURCE_UNREADABLE, "it is no address of a database")
        if self._url.get_backend_name() != "sqlite":
            return _query_server(self._url, query)
        if not self._url.database:
            raise Refused(Reason.SOURCE_MISSING, "it names no file")
        return query_sqlite(Path(self._url.database.removeprefix(FILE_PREFIX)), query)

    def _without_password(self, text: str) -> str:
        password = "" if self._url is None or self._url.password is None else str(self._url.password)
        return text.replace(password, "***") if password else text


def _parsed(url: str) -> URL | None:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        return None


def _query_server(url: URL, query: str) -> Result:
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=_arguments(url), hide_parameters=True)
        with engine.connect() as connection:
            return _rows(connection, query)
    except ImportError as error:
        advice = (
            "; install the extra postgres: pip install 'recon-exporter[postgres]'" if "psycopg" in str(error) else ""
        )
        raise Refused(Reason.SOURCE_UNREADABLE, f"{error}{advice}") from None
    except DBAPIError as error:
        raise _refused(error) from None
    except SQLAlchemyError as error:
        raise Refused(Reason.SOURCE_UNREADABLE, _first_line(error)) from None


def _arguments(url: URL) -> dict[str, str]:
    if not url.get_driver_name().startswith("psycopg"):
        return {}
    return {name: value for name, value in _PATIENCE.items() if name not in url.query}


def _rows(connection: Connection, query: str) -> Result:
    """The rows; the transaction that began with the first statement is rolled back when the connection closes."""
    query = query.strip().removesuffix(";")
    if ";" in query:  # a second statement could end the transaction first
        raise Refused(Reason.SOURCE_UNREADABLE, "the query is to be one SELECT, without a semicolon")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")
    # Without parameters the driver is not to look for their places: '%' is a character of LIKE.
    result = connection.execution_options(no_parameters=True).exec_driver_sql(query)
    return Result(tuple(result.keys()), [tuple(row) for row in result.fetchall()])


def _refused(error: DBAPIError) -> Refused:
    state = getattr(error.orig, "sqlstate", None)
    told = _first_line(error.orig or error)
    if state in _UNDEFINED:
        return Refused(Reason.INPUT_MISSING, told)
    if state == _CANCELLED:
        return Refused(Reason.DEADLINE_EXCEEDED, f"{told} ({STATEMENT_SECONDS} s)")
    if isinstance(error, DataError):
        return Refused(Reason.SOURCE_MALFORMED, told)
    return Refused(Reason.SOURCE_UNREADABLE, told)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
