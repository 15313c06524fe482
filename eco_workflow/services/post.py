"""What a delivery works with."""

from dataclasses import dataclass, field
from datetime import datetime

from eco_workflow.domain.chat import Chat
from eco_workflow.domain.messages import Render, Send
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.stop import Stop
from eco_workflow.store.session import Database


@dataclass(frozen=True)
class Post:
    """What a delivery works with: the database, the run's instant, the calendar, words and channel."""

    database: Database
    now: datetime
    days: WorkingDays
    render: Render
    send: Send
    per_minute: int = 0
    """So many messages a minute at most; 0 without a limit."""
    chat: Chat = field(default_factory=Chat)
    """The way to a contact's channels besides mail."""
    stop: Stop = field(default_factory=Stop)
    """Says when the delivery is to end, between two messages or while one waits for its server."""
