"""What is taken as evidence: kinds of files, names, years of data (DOMAIN 1, 4)."""

from pathlib import PurePath

from eco_workflow.domain.errors import WrongInput

KINDS = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "wps": "application/vnd.ms-works",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "mp4": "video/mp4",
    "zip": "application/zip",
}
"""Ending of a name → media type. The ending is all that is looked at: no file is opened or unpacked."""

LONGEST_NAME = 200
EARLIEST_YEAR = 1990

STATES = ("pending", "accepted", "returned", "quarantined")


def media_of(path: str) -> tuple[str, str]:
    """The name without its folders, and the media type its ending stands for.

    Raises `WrongInput` for an ending that is not taken, and for a name that no list could show.
    """
    name = PurePath(path).name
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise WrongInput(f"A file's name is one line of at most {LONGEST_NAME} characters. Rename {name!a}.")
    media = KINDS.get(PurePath(name).suffix.removeprefix(".").lower())
    if media is None:
        raise WrongInput(f"{name} is of no kind that is taken as evidence. Taken are: {', '.join(KINDS)}.")
    return name, media


def years_wanted(year: int, or_newer: bool) -> str:
    """Of which years data are wanted, in words."""
    return f"{year} or newer" if or_newer else str(year)


def check_year(year: int, this_year: int) -> None:
    """Raises `WrongInput` for a year of which there can be no data."""
    if not EARLIEST_YEAR <= year <= this_year:
        raise WrongInput(f"--year {year} must lie between {EARLIEST_YEAR} and this year, {this_year}.")
