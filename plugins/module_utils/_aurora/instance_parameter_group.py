# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The parameter group that the instances of a cluster have besides the cluster's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._aws.errors import AwsError, aws_errors, error_code
from .._aws.tags import tag_list, tags_of
from .._errors import DbferryError
from .ownership import TAG_MIGRATION_ID
from .parameter_values import parameter_text, same_value

# ModifyDBParameterGroup and ResetDBParameterGroup: "A maximum of 20 parameters can be modified in a single request."
_PARAMETERS_A_CALL = 20
_NOT_FOUND_CODES = ("DBParameterGroupNotFound", "DBParameterGroupNotFoundFault")
_REFUSED_CODES = ("AccessDenied", "AccessDeniedException")


class GroupError(DbferryError):
    """The parameter group cannot be had as it is wanted."""

    default_id = "restore.instance_parameter_group"


class Group(NamedTuple):
    """A parameter group."""

    family: str
    parameters: dict[str, str]
    """Those that somebody has set."""
    tags: dict[str, str]


class GroupPlan(NamedTuple):
    """What is to be done so that the group is as it is wanted."""

    create: bool
    parameters: dict[str, str]
    """Parameters to set."""
    reset: tuple[str, ...]
    """Parameters to give their defaults back, sorted."""
    tags: dict[str, str]
    """Tags to add to a group that is there."""

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return self.create or bool(self.parameters or self.reset or self.tags)


def wanted_group(family: str, parameters: Mapping[str, Any], tags: Mapping[str, Any], migration_id: str) -> Group:
    """The group that a migration wants; its tags are the user's and the one that marks it as the migration's."""
    own = {str(name): str(value) for name, value in tags.items()}
    own[TAG_MIGRATION_ID] = migration_id
    return Group(family, {name: parameter_text(value) for name, value in parameters.items()}, own)


def plan_group(name: str, before: Group | None, wanted: Group, update: bool = True) -> GroupPlan:
    """What is to be done. Tags that others have set stay; parameters that nobody wants any more are reset. Pure.

    :param before: the group that has the name; ``None`` where none has.
    :param update: whether a group that is there becomes as it is wanted.
    :raises GroupError: the group is a stranger's, or of another family.
    """
    if before is None:
        return GroupPlan(True, wanted.parameters, (), {})
    if before.tags.get(TAG_MIGRATION_ID) != wanted.tags[TAG_MIGRATION_ID]:
        raise GroupError(
            f"A parameter group named {name} is there already, and its tag {TAG_MIGRATION_ID} is not "
            f"{wanted.tags[TAG_MIGRATION_ID]!r}.",
            remedy="Choose another cluster identifier, or use that group as it is; nothing was changed.",
        )
    if before.family != wanted.family:
        raise GroupError(
            f"Parameter group {name} is of family {before.family} and not {wanted.family}, and a group keeps it.",
            remedy="Delete the group if nothing uses it, then run again.",
        )
    if not update:
        return GroupPlan(False, {}, (), {})
    return GroupPlan(
        False,
        {
            parameter: value
            for parameter, value in wanted.parameters.items()
            if parameter not in before.parameters or not same_value(before.parameters[parameter], value)
        },
        tuple(sorted(before.parameters.keys() - wanted.parameters.keys())),
        {tag: value for tag, value in wanted.tags.items() if before.tags.get(tag) != value},
    )


def require_usable(name: str, family: str | None, wanted_family: str) -> None:
    """Make sure that a group that is taken as it is can be given to an instance. Pure.

    :param family: the group's; ``None`` where there is no such group.
    :raises GroupError: there is none, or it is of another family.
    """
    if family == wanted_family:
        return
    seen = "There is no parameter group" if family is None else f"Of family {family} is parameter group"
    raise GroupError(
        f"{seen} {name}, and the instances need one of family {wanted_family}.",
        error_id="restore.db_parameter_group",
        remedy="Name a group of that family, or none; nothing was changed.",
    )


def family_of_group(client: Any, name: str) -> str | None:
    """The family of a group of instances; ``None`` where there is no such group.

    :param client: a boto3 client for ``rds``.
    :raises AwsError: AWS refused or could not be reached.
    """
    # AWS makes its default groups when they are first used.
    if name.startswith("default."):
        return name[len("default.") :]
    try:
        with aws_errors(f"asking for parameter group {name}"):
            found = client.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"]
    except AwsError as error:
        if error.details.get("aws_code") in _NOT_FOUND_CODES:
            return None
        raise
    return str(found[0]["DBParameterGroupFamily"]) if found else None


def may_not_look(error: AwsError) -> bool:
    """Whether AWS refused because the caller may not look."""
    return error.details.get("aws_code") in _REFUSED_CODES


class InstanceParameterGroups:
    """Parameter groups of instances, through a boto3 client for ``rds``.

    All methods raise ``AwsError`` when AWS refuses or cannot be reached.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def find(self, name: str) -> Group | None:
        """The group of that name, ``None`` where there is none."""
        with aws_errors(f"asking for parameter group {name}"):
            try:
                found = self._client.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"]
            except self._client.exceptions.ClientError as error:
                if error_code(error) in _NOT_FOUND_CODES:
                    return None
                raise
            if not found:
                return None
            arn = found[0]["DBParameterGroupArn"]
            tags = self._client.list_tags_for_resource(ResourceName=arn)["TagList"]
            pages = self._client.get_paginator("describe_db_parameters").paginate(
                DBParameterGroupName=name, Source="user"
            )
            parameters = {
                parameter["ParameterName"]: str(parameter.get("ParameterValue") or "")
                for page in pages
                for parameter in page["Parameters"]
            }
        return Group(str(found[0]["DBParameterGroupFamily"]), parameters, tags_of(tags))

    def carry_out(self, name: str, description: str, wanted: Group, plan: GroupPlan) -> None:
        """Do what the plan says. What waits for a reboot is in force at an instance's first start."""
        with aws_errors(f"making parameter group {name}"):
            if plan.create:
                self._client.create_db_parameter_group(
                    DBParameterGroupName=name,
                    DBParameterGroupFamily=wanted.family,
                    Description=description,
                    Tags=tag_list(wanted.tags),
                )
            elif plan.tags:
                arn = self._client.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"][0][
                    "DBParameterGroupArn"
                ]
                self._client.add_tags_to_resource(ResourceName=arn, Tags=tag_list(plan.tags))
        with aws_errors(f"setting the parameters of group {name}"):
            wanted_values = sorted(plan.parameters.items())
            for some in _by_calls({"ParameterName": key, "ParameterValue": value} for key, value in wanted_values):
                self._client.modify_db_parameter_group(DBParameterGroupName=name, Parameters=some)
        with aws_errors(f"resetting parameters of group {name}"):
            for some in _by_calls({"ParameterName": key} for key in plan.reset):
                self._client.reset_db_parameter_group(
                    DBParameterGroupName=name, ResetAllParameters=False, Parameters=some
                )


def _by_calls(parameters: Iterable[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    entries = [{**parameter, "ApplyMethod": "pending-reboot"} for parameter in parameters]
    for begin in range(0, len(entries), _PARAMETERS_A_CALL):
        yield entries[begin : begin + _PARAMETERS_A_CALL]
