"""The small county's plan, and the same with pieces of its text replaced."""

from pathlib import Path

from eco_workflow.plans.load import LoadedPlan, read

COUNTY = Path(__file__).parent / "plans" / "county.yaml"


def changed_county(folder: Path, *pieces: tuple[str, str]) -> LoadedPlan:
    """The county's document after somebody edited it; the file is written to the folder."""
    text = COUNTY.read_text("utf-8")
    for old, new in pieces:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / "changed.yaml"
    file.write_text(text, encoding="utf-8")
    return read(str(file))
