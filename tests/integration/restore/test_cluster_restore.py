# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``aurora_cluster_restore`` against an RDS that plays every part a restore can meet."""

from __future__ import annotations

import json
import signal

import pytest

from .scripted_rds import CANNOT_DOWNLOAD, EARLIER, REASON, TOOK


def test_a_restore_is_watched_to_its_end(account):
    result = account.restore("good", "good-one", tags={"team": "shop"})
    assert (result["changed"], result["action"]) == (True, "create")
    assert result["cluster"]["status"] == "available"
    assert result["cluster"]["engine_version"] == "8.0.mysql_aurora.3.10.1"
    assert result["cluster"]["tags"] == {
        "team": "shop",
        "dbferry:migration-id": "good-one",
        "dbferry:source": "s3://bucket/good/",
        "dbferry:backup-id": "backup-1",
    }
    assert result["binlog"] == {"file": "mysql-bin.000003", "position": 4278}
    assert [event["message"] for event in result["events"]] == [
        "Binlog position from crash recovery is mysql-bin.000003 4278"
    ]


def test_the_course_of_the_restore_is_in_the_result(account):
    course = account.restore("telling", "telling")["progress"]
    told = [(each["phase"], each["done"]) for each in course]
    # What follows a sample at once is left out, but for a status's first look and the last of all.
    assert [each for each in told if each != ("migrating", 70)] == [
        ("creating", 0),
        ("migrating", 30),
        ("available", 100),
    ]
    assert course[0]["at"] >= 0 and course == sorted(course, key=lambda each: each["at"])


def test_a_second_run_changes_nothing(account):
    account.restore("good", "good-twice")
    before = account.rds.describe_db_clusters(DBClusterIdentifier="good-twice")["DBClusters"][0]
    checked = account.restore("good", "good-twice", _ansible_check_mode=True)
    assert (checked["changed"], checked["action"]) == (False, "unchanged")
    result = account.restore("good", "good-twice")
    assert (result["changed"], result["action"]) == (False, "unchanged")
    assert result["diff"] == checked["diff"]
    assert result["diff"]["before"] == result["diff"]["after"]
    assert result["progress"] == []
    after = account.rds.describe_db_clusters(DBClusterIdentifier="good-twice")["DBClusters"][0]
    # moto moves these two with the clock
    moving = {"EarliestRestorableTime": None, "LatestRestorableTime": None}
    assert {**after, **moving} == {**before, **moving}


def test_another_backup_is_not_restored_over_the_first(account):
    account.restore("good", "good-other")
    result = account.fail("good", "good-other", backup_id="backup-2")
    assert result["error_id"] == "restore.name_taken"
    assert "backup-1" in result["msg"]


def test_check_mode_makes_nothing_and_shows_the_request(account):
    result = account.restore("good", "good-check", _ansible_check_mode=True, _ansible_diff=True)
    assert (result["changed"], result["action"]) == (True, "create")
    assert result["diff"]["before"] == {}
    assert result["diff"]["after"]["s3_prefix"] == "good/"
    assert "good-check" not in account.names()


@pytest.mark.parametrize("replace_failed", [False, True])
def test_a_stranger_is_refused_and_left_alone(account, replace_failed):
    name = f"stranger-{replace_failed}".lower()
    account.rds.create_db_cluster(
        DBClusterIdentifier=name, Engine="aurora-mysql", MasterUsername="other", MasterUserPassword="other-word"
    )
    result = account.fail("good", name, replace_failed=replace_failed)
    assert result["error_id"] == "restore.name_taken"
    assert "not made by this migration" in result["msg"]
    cluster = account.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    assert (cluster["MasterUsername"], cluster.get("TagList")) == ("other", [])


def test_missing_rights_are_told_in_aws_own_words(account):
    result = account.fail("unreadable", "unreadable")
    assert result["error_id"] == "restore.source_unreadable"
    assert CANNOT_DOWNLOAD in result["msg"]
    assert result["details"]["causes"][0]["id"] == "role"
    assert "unreadable" not in account.names()


def test_a_role_that_settles_is_waited_for(account):
    result = account.restore("settling", "settling", iam_propagation_timeout=120)
    assert result["cluster"]["status"] == "available"


def test_a_caller_without_rights_is_told_at_once(account):
    result = account.fail("forbidden", "forbidden", iam_propagation_timeout=3600)
    assert result["error_id"] == "restore.refused"
    assert "iam:PassRole" in result["msg"]


def test_a_failure_is_explained_and_replaced_on_demand(account):
    facts = {"formats": ["tar", "xbstream"], "objects": 5}
    failed = account.fail("broken", "broken", backup_facts=facts)
    assert failed["error_id"] == "restore.migration_failed"
    assert f"Aurora says: {REASON}" in failed["msg"]
    assert failed["details"]["reason"] == REASON
    assert failed["details"]["causes"][0]["id"] == "mixed_formats"
    assert REASON in failed["details"]["events"][-1]["message"]

    again = account.fail("broken", "broken", backup_facts=facts)
    assert again["error_id"] == "restore.migration_failed"
    assert REASON in again["msg"]
    assert "replace_failed" in again["remedy"]

    # what a stranger's cluster went through is not this migration's failure
    stranger = account.fail("good", "broken", migration_id="another")
    assert stranger["error_id"] == "restore.name_taken"
    assert REASON not in json.dumps(stranger)

    checking = {"_ansible_check_mode": True, "_ansible_diff": True}
    checked = account.restore("good", "broken", backup_id="backup-2", replace_failed=True, **checking)
    assert (checked["changed"], checked["action"]) == (True, "replace")
    gone, instead = checked["diff"]["before"], checked["diff"]["after"]
    assert gone["db_cluster_identifier"] == "broken"
    differing = {option for option in gone.keys() & instead.keys() if gone[option] != instead[option]}
    assert differing == {"tags"}
    tags = gone["tags"], instead["tags"]
    assert [each["dbferry:backup-id"] for each in tags] == ["backup-1", "backup-2"]

    replaced = account.restore("good", "broken", backup_id="backup-2", replace_failed=True)
    assert (replaced["changed"], replaced["action"]) == (True, "replace")
    assert replaced["cluster"]["status"] == "available"
    assert replaced["cluster"]["tags"]["dbferry:backup-id"] == "backup-2"
    assert replaced["diff"]["before"] == gone
    # the first cluster's failure is not the second one's
    assert REASON not in json.dumps(replaced["events"])


def test_a_reason_that_comes_later_than_the_failure_is_waited_for(account):
    failed = account.fail("mute", "mute")
    assert failed["error_id"] == "restore.migration_failed"
    assert failed["details"]["reason"] == REASON


def test_a_cluster_that_somebody_deletes_is_told(account):
    failed = account.fail("doomed", "doomed")
    assert failed["error_id"] == "restore.vanished"


def test_a_cluster_that_one_answer_does_not_show_is_still_there(account):
    assert account.restore("blinking", "blinking")["cluster"]["status"] == "available"


def test_throttling_and_faults_of_aws_are_not_answers(account):
    assert account.restore("throttled", "throttled")["cluster"]["status"] == "available"


def test_a_call_whose_answer_was_lost_is_not_lost(account):
    result = account.restore("lost", "lost")
    assert (result["changed"], result["action"]) == (True, "create")
    assert result["cluster"]["status"] == "available"


def test_a_restore_that_an_earlier_run_began_has_taken_longer_than_this_one(account):
    begun = account.restore("earlier", "earlier", wait=False)
    assert begun["elapsed_seconds"] < EARLIER
    taken_up = account.restore("earlier", "earlier")
    assert (taken_up["action"], taken_up["elapsed_seconds"] >= EARLIER) == ("wait", True)


def test_a_restore_that_went_on_without_a_run_has_taken_its_own_time(account):
    account.restore("finished", "finished", wait=False)
    found = account.restore("finished", "finished")
    assert (found["action"], found["changed"]) == ("unchanged", False)
    # Events tell whole seconds.
    assert found["elapsed_seconds"] == pytest.approx(TOOK, abs=2)


def test_an_unknown_status_is_reported_and_waited_out(account):
    result = account.restore("odd", "odd")
    assert result["cluster"]["status"] == "available"
    assert any("polishing" in str(warning) for warning in result["warnings"])


def test_a_killed_run_is_taken_up_again(account):
    process = account.start(account.options("slow", "slow", poll_interval=1))
    account.wait_for("slow", process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    made = account.rds.describe_db_clusters(DBClusterIdentifier="slow")["DBClusters"][0]["ClusterCreateTime"]
    result = account.restore("slow", "slow")
    assert (result["changed"], result["action"]) == (False, "wait")
    assert result["cluster"]["status"] == "available"
    cluster = account.rds.describe_db_clusters(DBClusterIdentifier="slow")["DBClusters"][0]
    assert cluster["ClusterCreateTime"] == made


def interrupted(account, process, progress, phases, number=signal.SIGINT):
    """What the module says that is stopped in one of the phases."""
    while not (progress.exists() and json.loads(progress.read_text())["phase"] in phases):
        assert process.poll() is None, process.communicate()
    process.send_signal(number)
    return account.finish(process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_says_how_to_go_on(account, number, tmp_path):
    name = f"endless-{number.name}".lower()
    progress = tmp_path / "progress"
    process = account.start(account.options("endless", name, poll_interval=3600, progress_file=str(progress)))
    result = interrupted(account, process, progress, ("creating", "migrating"), number)
    assert result["error_id"] == "restore.interrupted"
    assert "goes on restoring" in result["remedy"]
    assert name in account.names()
    assert not progress.exists()


def test_a_run_that_waits_for_iam_says_that_nothing_is_made(account, tmp_path):
    progress = tmp_path / "progress"
    options = account.options("unreadable", "unsettled", iam_propagation_timeout=3600, progress_file=str(progress))
    result = interrupted(account, account.start(options), progress, ("waiting for IAM",))
    assert result["error_id"] == "wait.interrupted"
    assert result["remedy"].startswith("No cluster was made; run the same task again")


def test_a_run_that_waits_for_a_deletion_says_that_it_goes_on(account, tmp_path):
    account.restore("lingering", "lingering")
    for options, made in (
        (absent("lingering", skip_final_snapshot=True, poll_interval=3600), ""),
        (account.options("good", "lingering", poll_interval=3600), "no other was made"),
    ):
        progress = tmp_path / "progress"
        process = account.start({**options, "progress_file": str(progress)})
        result = interrupted(account, process, progress, ("deleting",))
        assert result["error_id"] == "wait.interrupted"
        assert "goes on deleting cluster lingering" in result["remedy"]
        assert made in result["remedy"]


def test_a_run_that_waits_for_a_silent_aws_can_be_interrupted(account):
    process = account.start(account.options("silent", "silent"))
    account.wait_for("silent", process)
    process.send_signal(signal.SIGINT)
    assert account.finish(process)["error_id"] == "restore.interrupted"


def test_time_is_up_and_the_cluster_stays(account):
    result = account.fail("endless", "endless-timeout", wait_timeout=1)
    assert result["error_id"] == "restore.timeout"
    assert "Its last status was migrating" in result["msg"]
    assert "goes on restoring" in result["remedy"]
    assert "endless-timeout" in account.names()


def test_nobody_has_to_wait(account):
    result = account.restore("endless", "endless-nowait", wait=False)
    assert (result["changed"], result["cluster"]["status"]) == (True, "creating")


def absent(name, **more):
    return {"state": "absent", "db_cluster_identifier": name, "migration_id": name, "poll_interval": 0, **more}


def test_absent_deletes_a_restored_cluster_once(account):
    account.restore("good", "gone")
    options = absent("gone", final_db_snapshot_identifier="gone-last")
    checked = account.run({**options, "_ansible_check_mode": True})
    assert (checked["changed"], "gone" in account.names()) == (True, True)
    assert checked["diff"]["before"]["db_cluster_identifier"] == "gone"
    assert checked["diff"]["after"] == {}
    done = account.run(options)
    assert (done["changed"], done["diff"]) == (True, checked["diff"])
    assert "gone" not in account.names()
    snapshots = account.rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="gone-last")
    assert len(snapshots["DBClusterSnapshots"]) == 1
    assert account.run(options)["changed"] is False


def test_absent_leaves_what_is_protected_or_a_stranger_s(account):
    account.restore("good", "kept", deletion_protection=True)
    protected = account.finish(account.start(absent("kept", skip_final_snapshot=True)))
    assert "protected against deletion" in protected["msg"]
    account.rds.create_db_cluster(
        DBClusterIdentifier="kept-2", Engine="aurora-mysql", MasterUsername="other", MasterUserPassword="other-word"
    )
    stranger = account.finish(account.start(absent("kept-2", skip_final_snapshot=True)))
    assert stranger["error_id"] == "restore.not_removable"
    assert {"kept", "kept-2"} <= account.names()


def test_absent_wants_to_know_about_the_snapshot(account):
    result = account.finish(account.start(absent("whatever")))
    assert "final_db_snapshot_identifier" in result["msg"]
    both = {"skip_final_snapshot": True, "final_db_snapshot_identifier": "whatever-last"}
    assert "not both" in account.finish(account.start(absent("whatever", **both)))["msg"]


def test_only_what_is_true_excludes_another_option(account):
    made = account.restore("good", "given-word", manage_master_user_password=False)
    assert made["cluster"]["status"] == "available"
    refused = account.fail("good", "two-words", manage_master_user_password=True)
    assert "exclude each other" in refused["msg"]
    last = {"skip_final_snapshot": False, "final_db_snapshot_identifier": "given-word-last"}
    assert account.run(absent("given-word", **last))["changed"] is True
