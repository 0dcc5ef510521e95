# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of checks: what runs, with which programs, in which group."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from host_files import host_files
from places import BUILD, CHECKOUT, COLLECTION, JUNIT, STAGE, collections, environment, venv_bin

TOOLS = Path(__file__).resolve().parent
STAGED = STAGE / COLLECTION
"""The staged copy: refreshed before the steps of groups that read it."""


@dataclass(frozen=True)
class Step:
    """One check: a command that ends with 0 when all is well."""

    group: str
    name: str
    argv: list[str]
    env: dict[str, str]
    cwd: Path = CHECKOUT
    junit: Optional[Path] = None
    """Where the command leaves its count; without it the step counts as one check."""

    needs: Optional[Path] = None
    """What the step is about; the step fails with a clear word when it is not there."""

    @property
    def title(self) -> str:
        return f"{self.group}-{self.name}" if self.name else self.group


def all_steps(thorough: bool = False) -> list[Step]:
    """Return every step, in the order in which they begin.

    Three run at a time: whole migrations and what goes to S3 beside what is over soon, then those that take longest.

    *thorough*: everything, which takes more than an hour. Without it the slowest integration tests are left out, the
    oldest ansible runs one migration, and Molecule the role that has hosts of its own.
    """
    soon, later = [*_lint(), *_docs(), *_unit()], [*_sanity(), *_lab()]
    if thorough:
        whole = [_services("newest"), _to_s3("oldest"), _services("oldest"), _migrations("oldest"), *_molecule()]
        return [_migrations("newest"), _to_s3("newest"), *soon, *whole, *later]
    quick = [_services("newest", QUICK), _migrations("oldest", QUICK, *SHORT), _molecule()[0]]
    return [_migrations("newest", QUICK), _to_s3("newest", QUICK), *soon, *quick, *later]


def _program(venv: str, name: str) -> str:
    return str(venv_bin(venv) / name)


def _lint() -> list[Step]:
    env = environment("lint", STAGE, collections("newest"))
    config = str(CHECKOUT / "pyproject.toml")
    here = [str(path) for path in host_files(STAGED)]
    controller = ["plugins", "tests"]

    def step(name: str, *arguments: str, extra: Optional[dict[str, str]] = None) -> Step:
        program = _program("lint", arguments[0])
        return Step("lint", name, [program, *arguments[1:]], {**env, **(extra or {})}, cwd=STAGED)

    return [
        step("ruff", "ruff", "check", "--no-cache", "--output-format", "concise", "--config", config, "."),
        step("format", "ruff", "format", "--no-cache", "--check", "--config", config, "."),
        step("yamllint", "yamllint", "--strict", "."),
        step(
            "mypy",
            *("mypy", "--config-file", config, "--cache-dir", str(BUILD / "mypy")),
            *("-p", "ansible_collections.dbferry.aurora_mysql.plugins.module_utils"),
            extra={"MYPYPATH": str(STAGE)},
        ),
        step("python-3.6", "vermin", "--quiet", "--no-tips", "--violations", "-t=3.6-", *here),
        step("python-3.9", "vermin", "--quiet", "--no-tips", "--violations", "-t=3.9-", *VERMIN_39, *controller),
        Step("lint", "host-python", [sys.executable, str(TOOLS / "host_python.py")], env),
        step("ansible-lint", "ansible-lint", "--offline", "--strict", "--profile", "production", "--project-dir", "."),
    ]


VERMIN_39 = ["--eval-annotations", "--backport", "dataclasses"]


def _docs() -> list[Step]:
    env = environment("lint", STAGE, collections("newest"))
    docs = [_program("lint", "antsibull-docs"), "lint-collection-docs", "--plugin-docs", "--validate-collection-refs"]
    return [
        Step("docs", "plugins", [*docs, "dependent", "--disallow-unknown-collection-refs", "."], env, cwd=STAGED),
        Step("docs", "changelog", [_program("lint", "antsibull-changelog"), "lint"], env, cwd=STAGED),
        Step("docs", "checks", [_program("lint", "python"), str(TOOLS / "checks_page.py"), str(STAGED)], env),
        Step("docs", "links", [sys.executable, str(TOOLS / "links.py"), str(STAGED)], env),
    ]


def _unit() -> list[Step]:
    return [_pytest("unit", "", CHECKOUT / "tests/unit", "newest")]


def _lab() -> list[Step]:
    return [_pytest("lab", "", CHECKOUT / "tests/lab/tests", "newest")]


QUICK = "--quick"
INTEGRATION = CHECKOUT / "tests/integration"
MIGRATIONS = INTEGRATION / "migration"
SHORT = (
    "migration/test_migrate.py",
    "migration/test_old_host.py",
    "credentials/test_host_boto3.py::test_from_wheels_carried_over_to_a_host_that_reaches_no_index[3.6]",
)
"""What goes through every role: bad input and kills concern roles and modules, whatever runs them."""


TO_S3 = ("access", "backup", "credentials", "objectstore")


def _to_s3(generation: str, *options: str) -> Step:
    """Backups, their way to S3, and who may do that."""
    paths = [str(INTEGRATION / name) for name in TO_S3]
    return _pytest("integration", f"to-s3-{generation}", INTEGRATION, generation, *options, paths=paths)


def _services(generation: str, *options: str) -> Step:
    """All other modules and services against real servers."""
    elsewhere = [f"--ignore={INTEGRATION / name}" for name in (MIGRATIONS.name, *TO_S3)]
    return _pytest("integration", f"services-{generation}", INTEGRATION, generation, *elsewhere, *options)


def _migrations(generation: str, *words: str) -> Step:
    """Whole migrations by the playbooks; *words*: options, and the files whose tests run, without any all."""
    options = [word for word in words if word.startswith("-")]
    paths = [str(INTEGRATION / word) for word in words if word not in options] or [str(MIGRATIONS)]
    return _pytest("integration", generation, MIGRATIONS, generation, *options, paths=paths)


def _pytest(
    group: str, name: str, folder: Path, generation: str, *options: str, paths: Optional[list[str]] = None
) -> Step:
    junit = JUNIT / f"{group}{'-' if name else ''}{name}.xml"
    argv = [_program("test", "pytest"), "-q", "-ra", f"--generation={generation}", f"--junit-xml={junit}"]
    argv += [*options, *(paths or [str(folder)])]
    return Step(group, name, argv, environment("test", collections(generation)), junit=junit, needs=folder)


def _sanity() -> list[Step]:
    return [
        Step("sanity", "", [sys.executable, str(TOOLS / "sanity.py")], environment("newest", collections("newest")))
    ]


def _molecule() -> list[Step]:
    """One role on hosts of its own, and each of the others against a lab that they share."""
    return [
        _scenarios("containers", CHECKOUT / "tests/molecule", "config.yml"),
        _scenarios("lab", CHECKOUT / "tests/molecule/lab", "base.yml"),
    ]


def _scenarios(name: str, folder: Path, base_config: str) -> Step:
    env = {
        **environment("test", collections("newest")),
        "MOLECULE_GLOB": f"{folder.relative_to(CHECKOUT)}/*/molecule.yml",
        # Of this run: what an interrupted one has noted there as made may be gone.
        "MOLECULE_EPHEMERAL_DIRECTORY": str(BUILD / f"molecule-{name}" / str(os.getpid())),
    }
    argv = [_program("test", "molecule"), "--base-config", str(folder / base_config), "test", "--all"]
    return Step("molecule", name, argv, env, needs=folder / base_config)
