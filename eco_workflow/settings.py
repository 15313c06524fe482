"""The environment, validated once: where things live and how mail leaves."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from eco_workflow.domain.errors import WrongInput


class Settings(BaseSettings):
    """`ECO_*` variables.

    `home` holds everything this installation writes. `database_url` defaults to SQLite inside it,
    `mail_url` to one Maildir per address inside it; `mail_from` is the sender of every mail.
    `audit_folder` is where the heads of the audit chains are anchored, best on another machine's disk;
    `backups_kept` is how many backups stay in a folder.
    """

    model_config = SettingsConfigDict(env_prefix="ECO_", env_ignore_empty=True, extra="ignore")

    home: Path = Path("var")
    database_url: str | None = None
    mail_url: str | None = None
    mail_from: str = "chuangjianban@eco.example"
    audit_folder: Path | None = None
    backups_kept: int = Field(default=14, ge=1)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'eco.db'}"

    @property
    def mail_folder(self) -> Path:
        """Where mails lie when no mail server is named."""
        return self.home.absolute() / "mail"

    @property
    def audit_heads(self) -> Path:
        """The file outside the database that says how far every audit chain went."""
        return (self.audit_folder or self.home).absolute() / "audit-heads.jsonl"

    @property
    def backups(self) -> Path:
        """Where backups lie when no other place is named."""
        return self.home.absolute() / "backups"


def read_settings() -> Settings:
    """The settings of this process. Raises `WrongInput` naming the variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        found = "; ".join(f"ECO_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise WrongInput(f"The environment cannot be used: {found}") from None
