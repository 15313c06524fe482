"""A plan file's YAML as plain data, which remembers where each of its parts stands.

Of YAML it takes mappings, lists and scalars, and of the scalars in plain style only whole numbers, `true`,
`false` and `null` mean anything but text. So `17:30` without quotes is a time (stock YAML reads the number
1050), and 2022-02-30 is a wrong date, with its line, and no crash.
"""

import contextlib
import re
from typing import Any

import yaml

from eco_workflow.plans.finding import Finding, Path

WHOLE_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})")
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")}


def _quote_left_open(text: str, line: int) -> int | None:
    """The line of the last quote that goes on over the end of a line, up to the line where reading stopped.

    Without its end a quote takes in all up to the next one, and what is wrong seems to stand there.
    """
    opened = None
    with contextlib.suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=yaml.CBaseLoader):
            if token.start_mark.line >= line:
                break
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                begin, end = token.start_mark.line + 1, token.end_mark.line + 1
                opened = begin if begin < end else opened
    return opened


class Document:
    """The content, and the line and span of each part. `unreadable`: what it cannot take."""

    def __init__(self, data: bytes) -> None:
        self.content: Any = None
        self.text = ""
        self.spans: dict[Path, tuple[int, int]] = {}
        """Scalars: the first character in the text and the one after the last."""
        self.unreadable: list[Finding] = []
        self.lines: dict[Path, int] = {}
        try:
            self.text = data.decode("utf-8-sig")
            root = yaml.compose(self.text, Loader=yaml.CBaseLoader)
            self.content = None if root is None else self._content(root, (), set())
        except UnicodeDecodeError as error:
            self.lines[()] = data.count(b"\n", 0, error.start) + 1
            self._refuse((), "is not UTF-8 text", "save the file as UTF-8")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.lines[()] = mark.line + 1 if mark else 1
            wrong, remedy = (
                f"is not YAML: {error.problem or error.context}",
                "correct this line or the one before",
            )
            if opened := _quote_left_open(self.text, self.lines[()]):
                remedy = f"close the quote of line {opened}, which goes on to here"
                self.lines[()] = opened
            self._refuse((), wrong, remedy)
        except yaml.reader.ReaderError as error:
            # Its position counts bytes; no such character stands before this one.
            found = chr(error.character)
            self.lines[()] = self.text.count("\n", 0, self.text.find(found)) + 1
            self._refuse((), f"holds the character U+{ord(found):04X}, which no text has", "remove it")
        except RecursionError:
            self.unreadable = [Finding((), "is nested too deeply", "write fewer brackets")]
        else:
            if not isinstance(self.content, dict):
                self._refuse((), "is no mapping", "begin with fields such as id, title, phases")

    def line(self, path: Path) -> int:
        """The line of that part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place(self, path: Path) -> Path:
        """The path without steps that are not in the document (the kind of a test); its end is kept."""
        content, kept = self.content, list[str | int]()
        for n, step in enumerate(path):
            try:
                content = content[step]
            except (KeyError, IndexError, TypeError):
                if n < len(path) - 1:
                    continue
            kept.append(step)
        return tuple(kept)

    def _content(self, node: yaml.Node, path: Path, above: set[int]) -> Any:
        """The node as plain data. What it cannot take goes on the list of what is unreadable."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in above:
            return self._refuse(path, "is a YAML alias", "write it out")
        above.add(id(node))  # A node that is met again was reached by an alias.
        if node.tag not in TAGS:
            return self._refuse(path, f"has the tag {node.tag}", "remove the tag")
        if isinstance(node, yaml.ScalarNode):
            self.spans[path] = (node.start_mark.index, node.end_mark.index)
            return self._scalar(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._content(item, (*path, n), above) for n, item in enumerate(node.value)]
        fields: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if not isinstance(key, yaml.ScalarNode):
                self.lines.setdefault((*path, name), line)
                self._refuse((*path, name), "is no field name", "write a word before the colon")
            elif name in fields:
                # The line is the second's, the first keeps its own.
                again = (*path, f"{name} (again)")
                self.lines[again] = line
                self._refuse(again, f"the key {name!r} stands twice", "remove one of the two")
            else:
                self.lines[(*path, name)] = line
                fields[name] = self._content(value, (*path, name), above)
        return fields

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> str | int | bool | None:
        text = str(node.value)
        if not node.style and text in WORDS:
            return WORDS[text]
        if not node.style and WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self._refuse(path, "holds half a character", "remove the \\u escape")
            return None
        return text

    def _refuse(self, path: Path, wrong: str, remedy: str) -> None:
        self.unreadable.append(Finding(path, wrong, remedy))
