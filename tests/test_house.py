"""The rules of the house, measured; `make check` runs this file alone."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from enum import StrEnum
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import storage
from handlers.people import Role

ROOT = Path(__file__).parents[1]
FOLDERS = ("bot", "handlers", "storage", "sandbox")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = [contract["name"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"]]
MODULES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
CODE = {".py", ".sql", ".toml", ".html", ".css", ".js"}

# One breach for every contract: a new module, and what it must not import.
BREACHES = {
    "bot connects -> handlers decide -> storage remembers": ("storage/breach_1.py", "handlers"),
    "the sandbox imports nothing of ours": ("sandbox/breach_2.py", "storage.failures"),
    "nothing of ours imports the sandbox": ("bot/breach_3.py", "sandbox.clock"),
    "handlers and storage know no vendor, no web framework, no engine": (
        "handlers/breach_4.py",
        "starlette.requests",
    ),
    "handlers know no database driver": ("handlers/breach_5.py", "sqlite3"),
    "vendors do not know each other": ("bot/slack/breach_6.py", "bot.sendgrid.client"),
    "httpx is imported in one module": ("bot/breach_7.py", "httpx"),
    "sendgrid is imported in one module": ("bot/sendgrid/breach_8.py", "sendgrid"),
}


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def tracked_files():
    # The checkout may belong to somebody else than whoever runs the tests.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    return [file for file in files if file.is_file()]


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def words():
    """Every enum whose members people write and read: what storage keeps, and the roles."""
    modules = [
        importlib.import_module(f"storage.{module.name}")
        for module in pkgutil.iter_modules(storage.__path__)
    ]
    found = {
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, StrEnum) and thing is not StrEnum
    }
    return sorted(found | {Role}, key=lambda enum: enum.__name__)


def glossary_section(title):
    """The words in the first column of the table under the heading `title`."""
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    section = re.search(rf"^### {title}\b.*?$(.*?)(?=^#|\Z)", glossary, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^\| `(\w+)`", section[1], re.MULTILINE)) if section else None


def locked():
    """Locked version by canonical name."""
    lock = (ROOT / "requirements.lock").read_text()
    pins = re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def test_nobody_else_owns_the_names_of_our_packages():
    owners = packages_distributions()
    assert {owner for folder in FOLDERS for owner in owners.get(folder, ())} <= {"notify-errors"}


def test_the_lock_keeps_every_bound():
    asked = PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
    pins = locked()
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


def test_no_module_is_longer_than_350_lines():
    assert [(str(path), lines(path)) for path in MODULES if lines(path) > 350] == []


def test_no_function_is_longer_than_40_lines():
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in MODULES
        for function in functions(path)
        if function.end_lineno - function.lineno >= 40
    ]
    assert long == []


def test_the_sandbox_stays_a_servant():
    size = {
        folder: sum(lines(path) for path in (ROOT / folder).rglob("*") if path.suffix in CODE)
        for folder in FOLDERS
    }
    sandbox = size.pop("sandbox")
    product = sum(size.values())
    # Before the product stands, there is nothing to compare with.
    assert product < 8000 or sandbox < 0.4 * product


def test_no_file_names_a_package_registry_or_a_developers_machine():
    # Written so that this line does not name them either.
    forbidden = re.compile(
        r"index[-_]url|find[-]links|py[p]i\b|files[.]python|/simpl[e]/|(?<![\w.])/(home|root|Users)/"
    )
    named = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in tracked_files()
        if (found := forbidden.search(path.read_bytes().decode(errors="ignore")))
    ]
    assert named == []


@pytest.mark.parametrize("enum", words(), ids=lambda enum: enum.__name__)
def test_the_glossary_explains_the_members_of(enum):
    title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", enum.__name__).capitalize()
    assert glossary_section(title) == set(enum), f"docs/glossary.md, section {title}"


def test_make_help_explains_every_target():
    phony = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    explained = re.findall(r"^  ([a-z-]+) +\w", shown.stdout, re.MULTILINE)
    assert sorted(explained) == sorted(phony)


def lint_imports(folder):
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    return subprocess.run(
        [*command, "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_import_contract_bites(tmp_path):
    assert list(BREACHES) == CONTRACTS
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, imported in BREACHES.values():
        breach = tmp_path / name
        breach.write_text(f'"""A breach."""\n\nimport {imported}\n')
    found = lint_imports(tmp_path)
    assert found.returncode == 1
    assert re.findall(r"^(.+) BROKEN\b", found.stdout, re.MULTILINE) == CONTRACTS, found.stdout
