"""The environment, validated once: where things live and how mail leaves."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from eco_workflow.domain.errors import WrongInput


class Settings(BaseSettings):
    """`ECO_*` variables.

    `home` holds everything this installation writes. `database_url` defaults to SQLite inside it,
    `mail_url` to one Maildir per address inside it; `mail_from` is the sender of every mail. The password of
    the user in `mail_url` stands in `mail_password` or in a file. `mail_per_minute` 0: as many as the server
    takes. `mail_max_mib`: MiB of the largest mail offered to a server, `evidence_max_mib`: of
    the largest file taken as evidence. `keep_bodies_days`: how long the text
    of a message is kept. `heartbeat_url` is asked after every run, so that a monitor notices when none comes;
    not while a plan waits for a person.
    `audit_folder` is where the heads of the audit chains are anchored, best on another machine's disk;
    `backups_kept` is how many backups stay in a folder. `health_address` is where `eco up` answers those who
    watch it, HOST:PORT; port 0: any that is free, `off`: nowhere.
    """

    model_config = SettingsConfigDict(
        env_prefix="ECO_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    home: Path = Path("var")
    database_url: str | None = Field(default=None, repr=False)
    mail_url: str | None = Field(default=None, repr=False)
    mail_from: str = "chuangjianban@eco.example"
    heartbeat_url: str | None = None
    mail_password: SecretStr = SecretStr("")
    mail_password_file: Path | None = None
    mail_per_minute: Annotated[int, Field(ge=0, le=6000)] = 0
    mail_max_mib: Annotated[float, Field(gt=0, le=1024)] = 20
    evidence_max_mib: Annotated[float, Field(gt=0, le=2000)] = 500
    keep_bodies_days: Annotated[int, Field(ge=1, le=36500)] = 400
    audit_folder: Path | None = None
    backups_kept: int = Field(default=14, ge=1)
    health_address: str = "127.0.0.1:8790"

    @field_validator("heartbeat_url")
    @classmethod
    def _is_asked_with_get(cls, given: str | None) -> str | None:
        parts = urlsplit(given or "http://none")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("write http://HOST/… or https://HOST/…: it is asked with GET")
        return given

    @field_validator("health_address")
    @classmethod
    def _is_host_and_port(cls, given: str) -> str:
        host, _, port = given.rpartition(":")
        if given != "off" and not (host and port.isascii() and port.isdigit() and int(port) <= 65535):
            raise ValueError("write HOST:PORT, e.g. 127.0.0.1:8790, or off")
        if ":" in host:
            raise ValueError("write HOST:PORT with a name or of an address of version 4, e.g. 127.0.0.1:8790")
        return given

    @property
    def health_at(self) -> tuple[str, int] | None:
        """Host and port of the health address; None where there is none."""
        if self.health_address == "off":
            return None
        host, _, port = self.health_address.rpartition(":")
        return host, int(port)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'eco.db'}"

    @property
    def mail_folder(self) -> Path:
        """Where mails lie when no mail server is named."""
        return self.home.absolute() / "mail"

    def read_mail_password(self) -> str:
        """The mail server's password; empty where none is set. Raises `WrongInput` for an unreadable file."""
        given = self.mail_password.get_secret_value()
        if self.mail_password_file is None:
            return given
        if given:
            raise WrongInput("Set either ECO_MAIL_PASSWORD or ECO_MAIL_PASSWORD_FILE, not both.")
        try:
            return self.mail_password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise WrongInput(f"ECO_MAIL_PASSWORD_FILE {self.mail_password_file}: {why}.") from None

    @property
    def audit_heads(self) -> Path:
        """The file outside the database that says how far every audit chain went."""
        return (self.audit_folder or self.home).absolute() / "audit-heads.jsonl"

    @property
    def backups(self) -> Path:
        """Where backups lie when no other place is named."""
        return self.home.absolute() / "backups"


def unknown(variables: Iterable[str]) -> list[str]:
    """Variables that look like settings and are none: somebody believes them to be in force."""
    known = {f"ECO_{name.upper()}" for name in Settings.model_fields}
    return sorted(name for name in variables if name.upper().startswith("ECO_") and name.upper() not in known)


def read_settings() -> Settings:
    """The settings of this process. Raises `WrongInput` naming the variable that cannot be used."""
    try:
        settings = Settings()
    except ValidationError as error:
        found = "; ".join(f"ECO_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise WrongInput(f"The environment cannot be used: {found}") from None
    if "?" in str(settings.home.absolute()):  # the address of Prefect's database ends there, as of our own
        raise WrongInput(
            f"ECO_HOME {settings.home} holds a '?', which no folder of databases may. Choose another."
        )
    return settings
