# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Which backups of the chain there are already, by the pages that vouch for them and by the record."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from .._errors import DbferryError
from .chain import order_chain
from .datadir import server_uuid
from .description import Chain, chain_of_document, link_of
from .request import BackupRequest
from .sink import PartInfo
from .staging import Staging
from .store import Store

_NAMED_AT_MOST = 5


class Known(NamedTuple):
    """What is there before a run."""

    chain: Chain
    """All backups of this server, in order."""
    found: Optional[Chain]
    """The chain when the wanted backup is in it and is not wanted anew; else ``None``."""


def page_of(request: BackupRequest, chain: Chain, elapsed: float, parts: Sequence[PartInfo]) -> Dict[str, Any]:
    """The page that vouches for the last backup of a chain.

    :param elapsed: seconds that this backup alone took.
    :param parts: what the sink had made.
    """
    return {
        "datadir": request.datadir,
        "server_uuid": server_uuid(request.datadir),
        "entry": chain.entries[-1],
        "form": chain.form,
        "form_reason": chain.form_reason,
        "tool": dict(chain.tool),
        "elapsed_seconds": elapsed,
        "progress": list(chain.progress),
        "parts": [list(part) for part in parts],
    }


def look_at_known(request: BackupRequest, store: Store, staging: Staging) -> Known:
    """What is known of the chain, and whether the wanted backup is there.

    :raises DbferryError: ``backup.target_exists`` (something else is in its place), ``chain.record_differs``,
        ``chain.gone``, or what is there makes no chain.
    """
    pages = {name: page for name, page in staging.read_pages().items() if _is_ours(page, request)}
    if store.occupied(request.name):
        strange = _strangeness(request, store, pages.get(request.name))
        if strange and not store.purges:
            raise DbferryError(
                "{0} exists and is not the whole backup of this server that is wanted: {1}.".format(
                    store.place_of(request.name), strange
                ),
                "backup.target_exists",
                store.remedy,
            )
        if strange:
            pages.pop(request.name, None)
    here = {name: page for name, page in pages.items() if store.occupied(name)}
    chain = _chain(request, here)
    wanted = request.name in chain.names and (request.record is not None or store.occupied(request.name))
    if not wanted or request.force:
        return Known(chain, None)
    check_kept(chain, store)
    return Known(chain, chain)


def check_kept(chain: Chain, store: Store) -> None:
    """Refuse a chain that the record or a page knows and the store does not have any more.

    :raises DbferryError: ``chain.gone``.
    """
    lacking = {entry["name"]: store.lacks(entry) for entry in chain.entries}
    gone = ["{0}: {1}".format(name, reason) for name, reason in lacking.items() if reason]
    if gone:
        raise DbferryError(
            "The chain is not what was written down of it. {0}.".format("; ".join(gone[:_NAMED_AT_MOST])),
            "chain.gone",
            "Begin a new chain by a full backup, which force lets take the place of this one; where only increments "
            "are gone, force and base take the first of them anew.",
            {"backups": [name for name, reason in lacking.items() if reason][:20]},
        )


def _chain(request: BackupRequest, pages: Dict[str, Dict[str, Any]]) -> Chain:
    if not request.incremental and request.name not in pages:
        # Whether the others are in order does not matter: none of them can follow from a new full backup.
        return Chain([page["entry"] for page in pages.values()])
    return _chain_of_pages(pages) if request.record is None else _chain_of_record(request.record, pages)


def _is_ours(page: Dict[str, Any], request: BackupRequest) -> bool:
    return (
        page.get("datadir") == request.datadir
        and page.get("server_uuid") == server_uuid(request.datadir)
        and isinstance(page.get("entry"), dict)
    )


def _strangeness(request: BackupRequest, store: Store, page: Optional[Dict[str, Any]]) -> str:
    """Why what is in the backup's place is not the backup that is wanted; "" where it is."""
    if page is None and request.incremental and not store.directory:
        # A host that has lost its pages has the record to go by, which tells of the prefix and not of the host.
        noted = [entry for entry in (request.record or {}).get("chain", []) if entry["name"] == request.name]
        if noted and noted[0]["type"] == "incremental" and not store.lacks(noted[0]):
            return ""
    if page is None:
        return "no record in {0} says that this module took it of the server in {1}".format(
            request.work_dir, request.datadir
        )
    reason = store.difference(page["entry"], page["form"], [PartInfo(*part) for part in page["parts"]])
    if not reason and page["entry"]["type"] != ("incremental" if request.incremental else "full"):
        return "it is of type {0}".format(page["entry"]["type"])
    return reason


def _chain_of_pages(pages: Dict[str, Dict[str, Any]]) -> Chain:
    if not pages:
        return Chain()
    links = order_chain([link_of(page["entry"], page["form"]) for page in pages.values()])
    last = pages[links[-1].name]
    return Chain(
        entries=[pages[link.name]["entry"] for link in links],
        form=last["form"],
        form_reason=pages[links[0].name]["form_reason"],
        tool=last["tool"],
        elapsed_seconds=sum(page["elapsed_seconds"] for page in pages.values()),
        progress=last["progress"],
    )


def _chain_of_record(record: Dict[str, Any], pages: Dict[str, Dict[str, Any]]) -> Chain:
    """The record's chain, and the increments after it that a run has taken but could not note in the record."""
    chain = chain_of_document(record)
    noted = {entry["name"]: entry["backup_id"] for entry in chain.entries}
    for name, page in pages.items():
        if name in noted and noted[name] != page["entry"]["backup_id"]:
            raise DbferryError(
                "The record's {0} is backup {1}, and the one on this host is {2}.".format(
                    name, noted[name], page["entry"]["backup_id"]
                ),
                "chain.record_differs",
                "Note the host's chain in the record by a run of type full, or take a new full backup.",
            )
    after: List[Dict[str, Any]] = [page for name, page in pages.items() if name not in noted]
    if not after:
        return chain
    links = order_chain(
        [link_of(entry, chain.form) for entry in chain.entries]
        + [link_of(page["entry"], page["form"]) for page in after]
    )
    entries = {entry["name"]: entry for entry in [*chain.entries, *(page["entry"] for page in after)]}
    last = pages.get(links[-1].name)
    return chain._replace(
        entries=[entries[link.name] for link in links],
        tool=last["tool"] if last else chain.tool,
        elapsed_seconds=chain.elapsed_seconds + sum(page["elapsed_seconds"] for page in after),
        progress=last["progress"] if last else chain.progress,
    )
