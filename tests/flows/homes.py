"""Installations on 1 March 2022, for flows and for the engine, and the orders of their runs."""

from datetime import UTC, date, datetime
from pathlib import Path

from eco_workflow.cli.init import DEFAULT_PLAN
from eco_workflow.services.load_plan import activate
from eco_workflow.settings import Settings
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.session import Database
from flows.wiring import Order
from tests.first_days import folder_once
from tests.office import plan_read

NEW = "eco init --active-from 2022-03-01"


def order(day: int, confirmed: date | None = None) -> Order:
    """The run at nine o'clock in the office on a day of March 2022."""
    return Order(now=datetime(2022, 3, day, 1, tzinfo=UTC), actor="wanglin@office", confirmed=confirmed)


def new_home(home: Path) -> Settings:
    """An installation made with `eco init --active-from 2022-03-01`; once in a test run, then copied."""
    folder_once(home, NEW, lambda: _make(home))
    return Settings(home=home, database_url=None, mail_url=None)


def _make(home: Path) -> None:
    home.mkdir(parents=True)
    database = Database(Settings(home=home, database_url=None, mail_url=None).database)
    upgrade(database)
    at = datetime(2022, 3, 1, 1, tzinfo=UTC)
    loaded = plan_read(DEFAULT_PLAN)
    activate(database, loaded, active_from=date(2022, 3, 1), now=at, actor="wanglin@office")
    database.dispose()
