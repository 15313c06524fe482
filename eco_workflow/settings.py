"""The environment, validated once: where things live and how mail leaves."""

from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from eco_workflow.domain.errors import WrongInput


class Settings(BaseSettings):
    """`ECO_*` variables.

    `home` holds everything this installation writes. `database_url` defaults to SQLite inside it,
    `mail_url` to one Maildir per address inside it; `mail_from` is the sender of every mail.
    `heartbeat_url` is asked after every run, so that a monitor notices when none comes.
    """

    model_config = SettingsConfigDict(env_prefix="ECO_", env_ignore_empty=True, extra="ignore")

    home: Path = Path("var")
    database_url: str | None = None
    mail_url: str | None = None
    mail_from: str = "chuangjianban@eco.example"
    heartbeat_url: str | None = None

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'eco.db'}"

    @property
    def mail_folder(self) -> Path:
        """Where mails lie when no mail server is named."""
        return self.home.absolute() / "mail"


def read_settings() -> Settings:
    """The settings of this process. Raises `WrongInput` naming the variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        found = "; ".join(f"ECO_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise WrongInput(f"The environment cannot be used: {found}") from None
